import EdgeCore

/// What a client draws over its picture: whole pixels of the frame that it sent.
extension WebSocketMessages {
    /// Where the face is and what its liveness shows; sub-objects are empty where the face mesh was not run.
    static func visualData(_ answer: FrameAnswer) -> JSONValue {
        var body: JSONObject = ["face_bbox": .null, "landmarks": [], "eye_regions": [:], "face_mesh_landmarks": [:]]
        if let face = answer.face {
            body["face_bbox"] = .array([face.x, face.y, face.x + face.width, face.y + face.height].map(pixel))
            body["landmarks"] = .array(face.landmarks.map(point))
        }
        if answer.mesh.count == FaceMeshRegion.pointCount {
            body["eye_regions"] = regions(FaceMeshRegion.eyes, of: answer.mesh)
            body["face_mesh_landmarks"] = regions(FaceMeshRegion.contours, of: answer.mesh)
        }
        body["liveness_indicators"] = indicators(answer)
        return .object(body)
    }

    private static func indicators(_ answer: FrameAnswer) -> JSONValue {
        let session = answer.session
        return [
            "blinks": count(session.blinks),
            "ear": .rounded(answer.eyeAspectRatio, places: 4),
            "blink_verified": session.blinks.map { .bool($0 > 0) } ?? .null,
            "motion_verified": session.headTurns.map { .bool($0 > 0) } ?? .null,
            "motion_score": session.headTurns.map { .number($0 > 0 ? 1 : 0) } ?? .null,
            "motion_events": count(session.headTurns),
            "frame_counter": .integer(Int64(session.framesProcessed)),
        ]
    }

    private static func regions(_ regions: [FaceMeshRegion], of mesh: [Point]) -> JSONValue {
        var body: JSONObject = [:]
        for region in regions { body[region.name] = .array(region.indices.map { point(mesh[$0]) }) }
        return .object(body)
    }

    private static func point(_ point: Point) -> JSONValue { [pixel(point.x), pixel(point.y)] }

    private static func pixel(_ value: Float) -> JSONValue {
        // A face may reach beyond the frame, but no picture is larger than this.
        guard value.isFinite, abs(value) < 1_000_000 else { return 0 }
        return .integer(Int64(value.rounded()))
    }
}

/// Points of the MediaPipe face mesh that belong together, in the order in which a line is drawn through them.
struct FaceMeshRegion: Sendable {
    let name: String
    let indices: [Int]

    /// How many points the mesh has.
    static let pointCount = 468

    /// Sixteen points each; left and right are the person's own.
    static let eyes = [
        FaceMeshRegion(
            name: "left_eye",
            indices: [362, 382, 381, 380, 374, 373, 390, 249, 263, 466, 388, 387, 386, 385, 384, 398]),
        FaceMeshRegion(
            name: "right_eye",
            indices: [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246]),
    ]

    /// The lips' outer line comes back to its first point.
    static let contours = [
        FaceMeshRegion(
            name: "face_oval",
            indices: [
                10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
                149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
            ]),
        FaceMeshRegion(
            name: "lips",
            indices: [
                61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185, 61,
            ]),
        FaceMeshRegion(name: "left_eyebrow", indices: [276, 283, 282, 295, 285, 300, 293, 334, 296, 336]),
        FaceMeshRegion(name: "right_eyebrow", indices: [46, 53, 52, 65, 55, 70, 63, 105, 66, 107]),
        FaceMeshRegion(name: "nose", indices: [168, 6, 197, 195, 5, 4, 1, 19, 94, 2]),
    ]
}
