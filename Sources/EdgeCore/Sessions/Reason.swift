/// Why a frame or a session came out as it did: a stable code for machines, a sentence for people.
public enum Reason: String, Sendable, CaseIterable, Codable {
    // A frame was used.
    case frameAccepted = "frame.accepted"
    // A frame was not used; the person can mend it.
    case frameRepeated = "frame.repeated"
    case frameTooSoon = "frame.too_soon"
    case frameUndecodable = "frame.undecodable"
    case faceNone = "face.none"
    case faceMultiple = "face.multiple"
    case faceTooSmall = "face.too_small"
    case faceTooLarge = "face.too_large"
    case faceCutOff = "face.cut_off"
    case faceTurned = "face.turned"
    case faceOccluded = "face.occluded"
    case eyesClosed = "eyes.closed"
    case imageDark = "image.dark"
    case imageBright = "image.bright"
    case imageBlurred = "image.blurred"
    case imageLowContrast = "image.low_contrast"
    case personChanged = "person.changed"
    // A session waits for something.
    case livenessPending = "liveness.pending"
    case livenessChallenge = "liveness.challenge"
    /// Only an enrollment says so; an authentication that fails for this reason answers `authentication.not_recognized`.
    case livenessFailed = "liveness.failed"
    /// The infrared camera that has a say shows nothing: no picture, one of another moment, or a dark one.
    case infraredMissing = "liveness.infrared_missing"
    case matchPending = "match.pending"
    // A session came to its end.
    case enrollmentCompleted = "enrollment.completed"
    case duplicatePerson = "enrollment.duplicate_person"
    case authenticated = "authentication.succeeded"
    case notRecognized = "authentication.not_recognized"
    case expired = "session.expired"
    case cancelled = "session.cancelled"
    case frameLimit = "session.frame_limit"

    /// The sentence that a kiosk may show; says nothing that tells an unknown user from a wrong face.
    public var message: String {
        switch self {
        case .frameAccepted: "Frame processed. Continue streaming..."
        case .frameRepeated: "This is the same picture again. Send a new frame."
        case .frameTooSoon: "Hold on: the next sample is taken a moment later."
        case .frameUndecodable: "The picture could not be read. Send a complete JPEG, PNG or WebP image."
        case .faceNone: "No face found. Look at the camera."
        case .faceMultiple: "More than one face in view. One person at a time, please."
        case .faceTooSmall: "Come closer to the camera."
        case .faceTooLarge: "Step back a little."
        case .faceCutOff: "Move so that the whole face is in view."
        case .faceTurned: "Look straight at the camera."
        case .faceOccluded: "Something covers the face. Take it away, please."
        case .eyesClosed: "Keep the eyes open, please."
        case .imageDark: "Too dark. More light on the face, please."
        case .imageBright: "Too bright. Less light on the face, please."
        case .imageBlurred: "The picture is blurred. Hold still, please."
        case .imageLowContrast: "Too little contrast. Clean the lens or change the light."
        case .personChanged: "This is not the person who started. One person per session."
        case .livenessPending: "Checking that this is a live person. Keep looking at the camera."
        case .livenessChallenge: "Follow the instruction on the screen."
        case .livenessFailed: "No live person was recognised. Start again, in person."
        case .infraredMissing: "The infrared camera sees nothing. Keep looking at the camera, or ask for help."
        case .matchPending: "Comparing. Keep looking at the camera."
        case .enrollmentCompleted: "Enrollment completed successfully."
        case .duplicatePerson: "This face is already enrolled as somebody else."
        case .authenticated: "Authentication successful."
        case .notRecognized: "Authentication failed."
        case .expired: "The session has expired. Start again."
        case .cancelled: "The session was cancelled."
        case .frameLimit: "Too many frames without a usable result. Start again."
        }
    }
}

/// What a person is asked to do to show that they are alive.
public enum LivenessChallenge: String, Sendable, Codable, CaseIterable {
    /// Close both eyes and open them again.
    case blink
    /// Turn the head to the person's own left.
    case turnLeft = "turn_left"
    /// Turn the head to the person's own right.
    case turnRight = "turn_right"

    /// The instruction for the screen.
    public var instruction: String {
        switch self {
        case .blink: "Please blink."
        case .turnLeft: "Please turn your head to your left, then back."
        case .turnRight: "Please turn your head to your right, then back."
        }
    }
}

/// What evidence of life a deployment asks for.
public enum LivenessPolicy: String, Sendable, Codable, CaseIterable {
    /// None; for demonstrations only.
    case off
    /// The passive nets over several frames.
    case passive
    /// A blink or a turn of the head, asked at random.
    case active
    /// Passive and active together.
    case strict

    /// Whether the passive nets must be there.
    public var needsPassive: Bool { self == .passive || self == .strict }
    /// Whether a challenge is asked.
    public var needsActive: Bool { self == .active || self == .strict }
}

/// When the infrared camera beside a colour camera has a say.
public enum InfraredPolicy: String, Sendable, Codable, CaseIterable {
    /// Never.
    case off
    /// In sessions on a camera that has an infrared camera beside it.
    case whenPaired = "when_paired"
    /// In every session; where there is no infrared camera none is opened.
    case required
}
