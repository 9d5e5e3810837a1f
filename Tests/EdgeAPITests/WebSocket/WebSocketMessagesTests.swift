import EdgeCore
import FoundationEssentials
import Testing

@testable import EdgeAPI

@Suite("The WebSocket's messages")
struct WebSocketMessagesTests {
    private let now = Date(timeIntervalSince1970: 100)

    private func session(_ kind: SessionKind) -> SessionSnapshot {
        var session = SessionSnapshot(
            id: SessionID(), token: nil,
            request: SessionRequest(client: ClientID(), kind: kind, externalUserID: "alice"), targetFrames: 3,
            createdAt: Date(timeIntervalSince1970: 40), expiresAt: Date(timeIntervalSince1970: 640))
        session.state = .processing
        session.framesProcessed = 2
        session.acceptedFrames = 1
        return session
    }

    private func face() -> FaceGeometry {
        FaceGeometry(
            x: 10.4, y: 20.6, width: 100, height: 120,
            landmarks: (0..<5).map { Point(x: Float($0), y: Float($0 * 2)) }, score: 0.9)
    }

    private func names(_ body: JSONObject) -> Set<String> { Set(body.members.map(\.key)) }

    @Test("an answer to an enrollment's frame has every member of the reference")
    func enrollmentFrame() {
        let answer = FrameAnswer(
            session: session(.enrollment), accepted: true, reason: .frameAccepted, qualityScore: 0.8)
        let body = WebSocketMessages.frame(answer, at: now)
        #expect(
            names(body).isSuperset(of: [
                "type", "success", "frames_processed", "target_samples", "liveness_verified", "liveness_score",
                "blinks_detected", "blinks_required", "blinks_ok", "motion_score", "motion_events", "motion_required",
                "motion_ok", "no_obstacles", "quality_score", "quality_threshold", "obstacles", "visual_data",
                "frame_similarity", "current_avg_similarity", "similarity_samples", "message",
            ]))
        #expect(body["message"] == "Samples: 1/3 | Frame processed. Continue streaming...")
        #expect(body["blinks_detected"] == .null)
        #expect(body["blinks_required"] == 0)
        #expect(body["blinks_ok"] == true)
    }

    @Test("an answer to an authentication's frame has every member of the reference")
    func authenticationFrame() {
        let answer = FrameAnswer(session: session(.verification), accepted: true, reason: .matchPending)
        let body = WebSocketMessages.frame(answer, at: now)
        #expect(
            names(body).isSuperset(of: [
                "type", "success", "frames_processed", "min_frames_required", "liveness_verified", "liveness_score",
                "is_live", "blinks_detected", "motion_score", "no_obstacles", "quality_score", "quality_threshold",
                "obstacles", "visual_data", "elapsed_time", "timeout", "message",
            ]))
        #expect(body["elapsed_time"] == 60.0)
        #expect(body["timeout"] == 600.0)
    }

    @Test("where there is a window for the decision, the time runs from the first face")
    func decisionWindow() {
        var session = session(.identification)
        session.decisionWindow = .seconds(15)
        #expect(WebSocketMessages.timeout(of: session) == 15)
        #expect(WebSocketMessages.elapsed(session, at: now) == 0)
        session.firstFaceAt = Date(timeIntervalSince1970: 95.5)
        #expect(WebSocketMessages.elapsed(session, at: now) == 4.5)
    }

    @Test("movements are counted only where one is asked for")
    func movements() {
        var session = session(.enrollment)
        session.blinks = 0
        session.headTurns = nil
        session.challenge = .blink
        var body = WebSocketMessages.frame(
            FrameAnswer(session: session, accepted: false, reason: .livenessChallenge), at: now)
        #expect(body["blinks_detected"] == 0)
        #expect(body["blinks_required"] == 1)
        #expect(body["blinks_ok"] == false)
        #expect(body["motion_score"] == .null)
        #expect(body["instruction"] == "Please blink.")
        session.blinks = nil
        session.headTurns = 1
        session.challenge = nil
        body = WebSocketMessages.frame(
            FrameAnswer(session: session, accepted: true, reason: .livenessPending), at: now)
        #expect(body["motion_events"] == 1)
        #expect(body["motion_score"] == 1.0)
        #expect(body["motion_ok"] == true)
    }

    @Test("a covered face is a rejected frame, any other fault a processed one without success")
    func rejections() {
        var body = WebSocketMessages.frame(
            FrameAnswer(session: session(.enrollment), accepted: false, reason: .faceOccluded), at: now)
        #expect(body["type"] == "frame_rejected")
        #expect(body["frame_accepted"] == false)
        #expect(body["obstacles"] == ["face_covered"])
        body = WebSocketMessages.frame(
            FrameAnswer(session: session(.enrollment), accepted: false, reason: .faceNone), at: now)
        #expect(body["type"] == "frame_processed")
        #expect(body["success"] == false)
        #expect(body["error"] == "No face found. Look at the camera.")
    }

    @Test("what is drawn is in whole pixels of the frame, and the mesh only where it was run")
    func visualData() throws {
        var answer = FrameAnswer(
            session: session(.enrollment), accepted: true, reason: .frameAccepted, face: face(),
            frameSize: (640, 480))
        var body = try #require(WebSocketMessages.visualData(answer).objectValue)
        #expect(body["face_bbox"] == [10, 21, 110, 141])
        #expect(body["landmarks"] == [[0, 0], [1, 2], [2, 4], [3, 6], [4, 8]])
        #expect(body["eye_regions"] == [:])
        answer.mesh = (0..<468).map { Point(x: Float($0), y: 0) }
        answer.eyeAspectRatio = 0.25
        body = try #require(WebSocketMessages.visualData(answer).objectValue)
        let eyes = try #require(body["eye_regions"]?.objectValue)
        #expect(eyes["left_eye"] != nil && eyes["right_eye"] != nil)
        let mesh = try #require(body["face_mesh_landmarks"]?.objectValue)
        let counts = mesh.members.map { member in
            if case .array(let points) = member.value { "\(member.key) \(points.count)" } else { member.key }
        }
        #expect(counts == ["face_oval 36", "lips 21", "left_eyebrow 10", "right_eyebrow 10", "nose 10"])
        #expect(body["liveness_indicators"]?.objectValue?["ear"] == 0.25)
    }

    @Test("a duplicate is told without telling whose face it is")
    func duplicate() throws {
        var session = session(.enrollment)
        session.state = .failed
        session.reason = .duplicatePerson
        let ending = WebSocketMessages.ending(
            FrameAnswer(session: session, accepted: false, reason: .duplicatePerson), at: now)
        let body = try #require(ending.first)
        #expect(body["error"] == "duplicate_face")
        #expect(body["error_code"] == "DUPLICATE_FACE_DETECTED")
        #expect(body["details"]?.objectValue?["conflicting_user"] == .null)
    }

    @Test("an authentication that fails says neither who, nor why, nor how close it was")
    func failure() throws {
        var session = session(.verification)
        session.state = .failed
        session.reason = .livenessFailed
        session.similarityScore = nil
        let ending = WebSocketMessages.ending(
            FrameAnswer(session: session, accepted: false, reason: .notRecognized), at: now)
        let body = try #require(ending.first)
        #expect(body["authenticated"] == false)
        #expect(body["reason"] == "authentication.not_recognized")
        #expect(body["confidence"] == nil)
        #expect(body["liveness_score"] == .null)
    }

    @Test("every error code has a number of the reference")
    func errorCodes() {
        for code in ErrorCode.allCases {
            let number = WebSocketMessages.code(of: EdgeError(code))
            #expect([429, 4000, 4400, 4401, 4403, 4404, 4500].contains(number), "\(code)")
        }
        #expect(WebSocketMessages.code(of: EdgeError(.requestLimited)) == 429)
        #expect(WebSocketMessages.code(of: EdgeError(.storeFull)) == 4500)
    }
}
