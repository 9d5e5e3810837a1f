/// A point in pixels of the full-resolution frame; the origin is the upper left corner.
public struct Point: Sendable, Equatable, Codable {
    /// To the right.
    public var x: Float
    /// Down.
    public var y: Float
    /// Creates a point.
    public init(x: Float, y: Float) {
        self.x = x
        self.y = y
    }
}

/// Where a face stands in the full-resolution frame.
public struct FaceGeometry: Sendable, Equatable {
    /// Left edge of the box, pixels; may be negative where the face leaves the frame.
    public let x: Float
    /// Upper edge of the box, pixels.
    public let y: Float
    /// Width of the box, pixels.
    public let width: Float
    /// Height of the box, pixels.
    public let height: Float
    /// Five points: eye at image left, eye at image right, nose tip, mouth corner left, mouth corner right.
    public let landmarks: [Point]
    /// The detector's score, 0…1.
    public let score: Float

    /// Describes a face; `landmarks` must hold five points.
    public init(x: Float, y: Float, width: Float, height: Float, landmarks: [Point], score: Float) {
        precondition(landmarks.count == 5, "a face has five landmarks")
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.landmarks = landmarks
        self.score = score
    }

    /// Distance between the eye centres, pixels.
    public var interEyeDistance: Float {
        let dx = landmarks[1].x - landmarks[0].x
        let dy = landmarks[1].y - landmarks[0].y
        return (dx * dx + dy * dy).squareRoot()
    }
}
