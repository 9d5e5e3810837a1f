import EdgeCore

/// What the head does, in degrees; 0 is straight at the camera.
struct HeadPose: Sendable, Equatable {
    /// Positive when the person turns to their own left.
    var yaw: Float
    /// Positive when the person looks up.
    var pitch: Float
    /// Positive when the head leans to the person's own left shoulder.
    var roll: Float
}

/// How strict the quality gate is.
enum QualityDemand: Sendable {
    /// For templates that stay: the strictest.
    case enrollment
    /// For a probe: lenient where the embedder copes.
    case authentication
}

/// What the session wants to know about a frame; a stage that nobody asks for does not run.
struct AnalysisPlan: Sendable {
    var demand: QualityDemand
    /// Run the face mesh for pose and eyes.
    var wantsMesh: Bool
    /// Run the passive liveness nets when the face is near-frontal.
    var wantsLiveness: Bool
    /// Make a template when the quality gate lets the face pass.
    var wantsTemplate: Bool
    /// Checked before each stage; a frame that is too late stops with what it has.
    var deadline: FrameClock.Instant?
    /// Make a template of a turned face and of closed eyes too: somebody answers a challenge, and it matters who.
    var followsMovement = false
    /// Keep the aligned face of a template.
    var wantsCrop = false
}

/// What one frame shows.
///
/// Pure data: what follows from it, the session decides.
struct FrameEvidence: Sendable {
    var frameWidth: Int
    var frameHeight: Int
    /// Faces found, before the quality gate.
    var faceCount: Int
    /// The only face; the largest when there are several.
    var face: FaceGeometry?
    /// Measures of `face`, OFIQ names.
    var measures: [QualityMeasure]
    /// Mean luma of `face`, 0…255; `nil` where it was not looked at so closely.
    var faceLuma: Float?
    /// Unified quality 0…1; 0 without a face.
    var quality: Double
    /// Why the face may not be used for a template; `nil` when it may.
    var refusal: Reason?
    /// From the mesh.
    var pose: HeadPose?
    /// Eye aspect ratio, mean of both eyes, about 0.25 open and below 0.15 closed; from the mesh.
    var eyeAspectRatio: Float?
    /// The points of the mesh in pixels of the frame; empty where it did not run.
    var mesh: [Point] = []
    /// Fused logit of the passive pair, positive is live; `nil` is no opinion and never counts as live.
    var livenessLogit: Float?
    /// Only when wanted and not refused; of a refused one while a movement is followed.
    var template: FaceTemplate?
    /// What the template was made of; only when wanted.
    var crop: FaceCrop?
    /// CPU time of each stage that ran, in order.
    var timings: [StageTiming]
    /// Tells the very same pixels again from other ones, whatever file they came in.
    var pictureDigest: UInt64 = 0
}

/// How long one stage took.
struct StageTiming: Sendable {
    /// `decode`, `detect`, `mesh`, `quality`, `liveness`, `align`, `embed`.
    var stage: String
    var wall: Duration
    var cpu: Duration
}

/// Turns a frame into evidence.
///
/// The session service needs no more of the pipeline than this.
protocol FrameAnalyzing: Sendable {
    /// The net that makes templates.
    var templateModel: ModelVersion { get }
    /// How many numbers a template has.
    var templateLength: Int { get }
    /// Whether the passive liveness nets are loaded.
    var hasPassiveLiveness: Bool { get }
    /// Analyses on the pipeline's own threads, never on Swift's shared pool.
    func analyze(_ frame: Frame, plan: AnalysisPlan) async throws(EdgeError) -> FrameEvidence
    /// Looks at a frame of an infrared camera, on the same threads.
    func look(atInfrared frame: Frame) async throws(EdgeError) -> InfraredSight
}
