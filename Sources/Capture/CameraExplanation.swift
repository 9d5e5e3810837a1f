import EdgeCore

/// What a configured camera would be opened as now, and why.
///
/// Looking disturbs no camera that streams. It blocks for some milliseconds.
public struct CameraExplanation: Sendable, Codable, Equatable {
    /// The configured name.
    public var name: String
    /// What the configuration says: a ``CameraSelector`` or a path.
    public var device: String
    /// The device file that is meant by it now.
    public var path: String?
    /// The camera's own name.
    public var card: String?
    /// What it is; absent when it cannot be opened.
    public var identity: CameraIdentity?
    /// Whether the configuration pins it.
    public var isPinned: Bool
    /// The format that it would give, four characters.
    public var format: String?
    /// Columns.
    public var width: Int?
    /// Rows.
    public var height: Int?
    /// Frames per second to ask for; absent where the driver keeps its own.
    public var framesPerSecond: Double?
    /// Why this format, size and rate.
    public var why: String?
    /// What can be set, with the values now.
    public var controls: [CameraControl] = []
    /// Why there is nothing that could be set, where that is no fault.
    public var noControls: String?
    /// What the configuration sets and this camera does not take.
    public var refusedSettings: [String] = []
    /// The error's code when it cannot be opened.
    public var code: String?
    /// What is wrong then.
    public var problem: String?
    /// What to do about it.
    public var remedy: String?

    /// Looks for the camera and asks what it offers.
    public init(of configuration: CameraConfiguration) {
        name = configuration.name
        device = configuration.source.path
        isPinned = configuration.pin != nil
        do throws(EdgeError) {
            switch configuration.source {
            case .replay:
                (why, noControls) = ("footage is played as it is", "a replay has no controls")
                let set = configuration.controls.keys.sorted()
                if !set.isEmpty { refusedSettings = ["A replay has no controls: \(set.joined(separator: ", "))."] }
            case .device: try look(configuration)
            }
        } catch {
            (code, problem, remedy) = (error.code.rawValue, error.description, error.code.remedy)
        }
    }

    private mutating func look(_ configuration: CameraConfiguration) throws(EdgeError) {
        let (wish, admission) = (FormatWish(of: configuration), CameraAdmission(of: configuration))
        let path: String
        do throws(EdgeError) { path = try CameraSelector.deviceFile(of: device) } catch {
            throw admission.ambiguous(error)
        }
        self.path = path
        var found: CameraIdentity?
        defer { (identity, card) = (found, found?.card) }
        let opened = try VideoDevice(path: path) { identity throws(EdgeError) in
            found = identity
            try admission.check(identity, among: VideoNode.all())
        }
        try opened.requireCamera()
        controls = opened.controls()
        refusedSettings = ControlPlan(configuration.controls, for: controls).problems.map(\.detail)
        let choice = try FormatChoice(wish, from: opened.formats(near: wish))
        (format, width, height) = (choice.format.description, choice.width, choice.height)
        framesPerSecond = choice.interval?.framesPerSecond
        why = choice.why
    }
}
