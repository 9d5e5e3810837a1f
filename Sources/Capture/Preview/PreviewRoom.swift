public import EdgeCore
import Synchronization

/// Who may look through the cameras, and how often there is something new to see.
public struct PreviewRules: Sendable, Equatable {
    /// Who may look.
    public var access = PreviewAccess.off
    /// The most pictures a second of each camera.
    public var framesPerSecond = 5
    /// Whether pictures show a box around the face that a session saw last.
    public var drawsFace = false

    /// Nobody may look.
    public init() {}
}

/// Shows what the cameras see to people who look: few pictures a second, each made once for all of them.
///
/// Of a camera that nobody looks through it takes nothing. To a camera it is one reader more, however many look.
public final class PreviewRoom: CameraPreview {
    /// How many may look at a time, through all cameras together.
    public static let maximumViewers = 8

    private let rules: PreviewRules
    private let channels: [PreviewChannel]
    private let seats = PreviewSeats(PreviewRoom.maximumViewers)

    /// Prepares the room; whoever looks sees something while ``run()`` runs.
    public init(cameras: [any FrameSource], rules: PreviewRules, decoder: any ImageDecoder = TurboImageDecoder()) {
        self.rules = rules
        channels = cameras.map {
            PreviewChannel($0, framesPerSecond: rules.framesPerSecond, drawsFace: rules.drawsFace, decoder: decoder)
        }
    }

    /// Who may look.
    public var access: PreviewAccess { rules.access }

    /// How many look now.
    public var viewers: Int { seats.taken }

    /// A look through the camera of this name, or the first one.
    public func watch(_ camera: String?) throws(EdgeError) -> PreviewView {
        guard rules.access != .off else { throw EdgeError(.previewOff) }
        guard let channel = channels.first(where: { camera == nil || $0.name == camera }) else {
            throw EdgeError(.cameraUnknown, camera.map { "\($0) is not configured." })
        }
        let seats = seats
        guard seats.take() else {
            throw EdgeError(
                .requestLimited, "Too many look through the cameras already.", retryAfter: .seconds(10))
        }
        return PreviewView(camera: channel.name, pictures: channel.admit { seats.leave() })
    }

    /// Why a camera gives no pictures, where that is known.
    public func fault(of camera: String) -> ErrorCode? {
        channels.first { $0.name == camera }?.fault
    }

    /// Runs until the task is cancelled, which ends every look; run it once.
    ///
    /// Returns at once where there is no camera.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for channel in channels { group.addTask { await channel.run() } }
        }
    }
}

/// Places for people who look.
final class PreviewSeats: Sendable {
    private let total: Int
    private let count = Mutex(0)

    init(_ total: Int) { self.total = total }

    var taken: Int { count.withLock { $0 } }

    /// Takes a place; false when none is left.
    func take() -> Bool {
        count.withLock { count in
            guard count < total else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}
