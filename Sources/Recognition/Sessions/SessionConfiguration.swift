public import EdgeCore

/// What to do when the enrolled face already belongs to another person of the tenant.
public enum DuplicatePolicy: String, Sendable, Codable, CaseIterable {
    /// The enrollment fails.
    case refuse
    /// The enrollment succeeds and the log says so.
    case warn
    /// The enrollment succeeds without a look.
    case allow
}

/// How sessions decide; every number has a default that fits a door.
public struct SessionConfiguration: Sendable {
    /// How long a session stays open.
    public var timeToLive: Duration = .seconds(600)
    /// Good frames for an enrollment, when the request does not say.
    public var targetSamples = 3
    /// Frames above the threshold that a success needs.
    public var minFrames = 3
    /// Usable frames after which an authentication is decided either way.
    public var maxUsableFrames = 10
    /// Uploaded frames of one authentication, usable or not.
    public var maxUploadFrames = 60
    /// Camera frames with a face of one authentication, usable or not.
    public var maxCameraFrames = 600
    /// From the first face that the camera sees to the decision.
    public var cameraDecisionTimeout: Duration = .seconds(15)
    /// Open sessions of one tenant.
    public var maxOpenPerClient = 100
    /// Between two samples of an enrollment from a camera.
    public var sampleSpacing: Duration = .milliseconds(300)
    /// What evidence of life is asked for.
    public var livenessPolicy: LivenessPolicy = .passive
    /// The mean passive logit that counts as live; never below −2.
    public var livenessLogit = -1.5
    /// When the infrared camera beside a colour camera has a say.
    public var infraredPolicy: InfraredPolicy = .whenPaired
    /// How far from the colour camera's face the infrared camera may see it, as a share of the picture.
    public var infraredOffset = 0.15
    /// How many times as large one of the two may be as the other.
    public var infraredScale = 1.6
    /// The false match rate of one 1:1 comparison.
    public var verificationFMR = 1e-5
    /// The false match rate of one comparison in 1:N.
    public var identificationFMR = 1e-5
    /// The false match rate of a whole gallery in 1:N.
    public var galleryFMR = 1e-3
    /// How far the best person must stand above the next one in 1:N.
    public var margin = 0.05
    /// What to do when the enrolled face already belongs to another person.
    public var duplicatePolicy: DuplicatePolicy = .refuse
    /// Whether nobody is enrolled of whom the request does not say what they agreed to.
    public var requiresConsent = false

    /// Whether the aligned faces that templates are made of are kept.
    public var keepsCrops = false

    /// The defaults.
    public init() {}
}

extension SessionConfiguration {
    /// Below this mean logit nothing may count as live, whatever the configuration says.
    static let lowestLivenessLogit = -2.0
    /// The rate at which two frames of one session count as the same person.
    static let samePersonFMR = 1e-3

    var liveness: LivenessSettings {
        LivenessSettings(policy: livenessPolicy, threshold: max(livenessLogit, Self.lowestLivenessLogit))
    }

    var infrared: InfraredSettings { InfraredSettings(offset: infraredOffset, scale: infraredScale) }
}
