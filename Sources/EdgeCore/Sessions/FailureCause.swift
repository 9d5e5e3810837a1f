/// Why a session ended without success, for the records of the tenant's own backend.
///
/// No answer to a kiosk, a door or a bearer of a session's token ever says it: there every failed authentication
/// reads alike, so that nobody learns how to make a better attack.
public enum FailureCause: String, Sendable, Codable, CaseIterable {
    /// The face is not the claimed one, or nobody's.
    case noMatch = "face_not_recognized"
    /// Life was not shown: the evidence did not suffice, the challenge stayed unanswered, or the infrared camera saw
    /// nothing or something else.
    case livenessFailed = "liveness_failed"
    /// The passive nets are sure that this is no live face.
    case spoofing = "spoofing_detected"
    /// A face was there, and no picture of it was good enough.
    case quality = "quality_too_low"
    /// Nobody was in view.
    case noFace = "no_face_detected"
    /// More than one face was in view.
    case multipleFaces = "multiple_faces"
    /// Something covered the face.
    case obstacles = "obstacles_detected"
    /// The claimed user was locked out after earlier misses.
    case lockedOut = "rate_limited"
    /// The time was over before a decision.
    case timeout
    /// The face is enrolled already, as somebody else.
    case duplicate = "duplicate_face"
    /// The device itself failed, or was started again meanwhile.
    case systemError = "system_error"
}

/// What the frames of a session were like: counts and sums, nothing of a face.
public struct FrameCensus: Sendable, Equatable, Codable {
    /// Frames without a face.
    public var noFace = 0
    /// Frames with several faces.
    public var multipleFaces = 0
    /// Frames whose face was covered.
    public var occluded = 0
    /// Frames refused as blurred.
    public var blurred = 0
    /// Frames refused as too dark.
    public var dark = 0
    /// Frames refused as too bright.
    public var bright = 0
    /// Frames refused for another reason: size, pose, eyes, contrast.
    public var otherwiseRefused = 0
    /// Used frames of a unified quality of 0.7 and more.
    public var highQuality = 0
    /// Used frames of a unified quality from 0.4 to below 0.7.
    public var mediumQuality = 0
    /// Used frames of a unified quality below 0.4.
    public var lowQuality = 0
    /// The sum of the used frames' unified quality, each 0…1.
    public var quality = 0.0
    /// The sum of the used frames' face widths, pixels.
    public var faceWidth = 0.0
    /// Used frames whose sharpness and contrast were measured.
    public var measured = 0
    /// The sum of their `Sharpness` scores, each 0…100.
    public var sharpness = 0.0
    /// The sum of their `DynamicRange` scores, each 0…100.
    public var contrast = 0.0

    /// No frame yet.
    public init() {}

    /// Frames that were used.
    public var used: Int { highQuality + mediumQuality + lowQuality }

    /// What kept most of the frames from being used; `nil` where none was refused.
    public var mainObstacle: FailureCause? {
        let counts: [(cause: FailureCause, frames: Int)] = [
            (.quality, blurred + dark + bright + otherwiseRefused), (.noFace, noFace),
            (.multipleFaces, multipleFaces), (.obstacles, occluded),
        ]
        let most = counts.max { $0.frames < $1.frames }
        return most.flatMap { $0.frames > 0 ? $0.cause : nil }
    }
}
