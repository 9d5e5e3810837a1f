import EdgeCore
import HTTPTypes

/// The body that answers one frame.
enum FrameBody {
    /// The answer in the guide's form, with our own members beside it.
    static func body(_ answer: FrameAnswer) -> JSONObject {
        var body = SessionBody.result(answer.session)
        // Before the first frame there is nothing to accept or to reject.
        guard answer.session.framesProcessed > 0 else { return body }
        if answer.session.state.isOpen { body.merge(frameOutcome(answer)) }
        body.merge(ReferenceBody.members(of: answer))
        body["frame_accepted"] = .bool(answer.accepted)
        if let quality = answer.qualityScore { body["quality_score"] = .rounded(quality, places: 4) }
        if let liveness = answer.livenessScore { body["liveness_score"] = .rounded(liveness, places: 4) }
        if !answer.measures.isEmpty { body["quality_measures"] = measures(answer.measures) }
        if let face = answer.face { body["face"] = self.face(face, size: answer.frameSize) }
        return body
    }

    /// 409 tells a duplicate person, as the reference means it; every other decision is an answer, not an error.
    static func status(_ answer: FrameAnswer) -> HTTPResponse.Status {
        answer.session.reason == .duplicatePerson && !answer.session.state.isOpen ? .conflict : .ok
    }

    private static func frameOutcome(_ answer: FrameAnswer) -> JSONObject {
        var body: JSONObject = ["reason": .string(answer.reason.rawValue), "message": .string(answer.reason.message)]
        if !answer.accepted {
            body.merge([
                "success": false, "frame_rejected": true, "rejection_reason": .string(answer.reason.rawValue),
                "error": .string(answer.reason.message),
            ])
        }
        return body
    }

    private static func measures(_ measures: [QualityMeasure]) -> JSONValue {
        var body = JSONObject()
        for measure in measures {
            body[measure.name.rawValue] = [
                "native": .rounded(measure.native, places: 4), "score": .rounded(measure.score, places: 1),
            ]
        }
        return .object(body)
    }

    private static func face(_ face: FaceGeometry, size: (width: Int, height: Int)?) -> JSONValue {
        var body: JSONObject = [
            "box": [
                "x": pixel(face.x), "y": pixel(face.y), "width": pixel(face.width), "height": pixel(face.height),
            ],
            "landmarks": .array(face.landmarks.map { ["x": pixel($0.x), "y": pixel($0.y)] }),
            "score": .rounded(Double(face.score), places: 4),
        ]
        if let size { body["frame"] = ["width": .integer(Int64(size.width)), "height": .integer(Int64(size.height))] }
        return .object(body)
    }

    private static func pixel(_ value: Float) -> JSONValue { .rounded(Double(value), places: 1) }
}
