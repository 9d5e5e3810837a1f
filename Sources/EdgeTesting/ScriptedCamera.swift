public import EdgeCore
import Synchronization

/// A camera that gives the frames a test posts, to whoever subscribes.
public final class ScriptedCamera: FrameSource {
    private struct State {
        var mailboxes: [FrameMailbox] = []
        var subscriptions = 0
        var sequence: UInt64 = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var fault: String?
        var isReleased = false
        var faces: [FaceBrightness] = []
        var sightings: [FaceSighting] = []
    }

    /// The configured name.
    public let name: String
    private let role: String?
    private let infrared: String?
    private let state = Mutex(State())

    /// A camera that nobody watches yet.
    public init(name: String, role: String? = nil, infrared: String? = nil) {
        self.name = name
        self.role = role
        self.infrared = infrared
    }

    /// A status as a replay camera has it.
    public var status: CameraStatus {
        var status = CameraStatus(name: name, device: "scripted", kind: "replay")
        (status.role, status.infrared) = (role, infrared)
        state.withLock { state in
            status.fault = state.fault
            // It has given pictures before.
            if state.isReleased { (status.pace, status.frames) = (.released, 100) }
        }
        return status
    }
    /// From now on the status says that the device is closed, since nobody reads it.
    public func release() { state.withLock { $0.isReleased = true } }
    /// The faces that were told, in order.
    public var faces: [FaceBrightness] { state.withLock { $0.faces } }
    /// Keeps what is told.
    public func noteFace(_ face: FaceBrightness) { state.withLock { $0.faces.append(face) } }
    /// Where faces stood, in order.
    public var sightings: [FaceSighting] { state.withLock { $0.sightings } }
    /// Keeps what is told.
    public func noteSighting(_ sighting: FaceSighting) { state.withLock { $0.sightings.append(sighting) } }
    /// From now on the status says that the camera is broken.
    public func fail(_ code: ErrorCode) { state.withLock { $0.fault = code.rawValue } }
    /// How often somebody subscribed.
    public var subscriptions: Int { state.withLock { $0.subscriptions } }

    /// A new mailbox that gets every frame posted from now on.
    public func subscribe() -> FrameMailbox {
        let mailbox = FrameMailbox()
        let waiting = state.withLock { state in
            state.mailboxes.append(mailbox)
            state.subscriptions += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for test in waiting { test.resume() }
        return mailbox
    }

    /// Returns once somebody is subscribed.
    public func waitForSubscriber() async {
        await withCheckedContinuation { continuation in
            let isWatched = state.withLock { state in
                if state.mailboxes.isEmpty { state.waiting.append(continuation) }
                return !state.mailboxes.isEmpty
            }
            if isWatched { continuation.resume() }
        }
    }

    /// Posts a picture taken at `instant` to all subscribers.
    public func post(_ image: EncodedImage, at instant: FrameClock.Instant) {
        let (mailboxes, sequence) = state.withLock { state in
            state.sequence += 1
            return (state.mailboxes, state.sequence - 1)
        }
        let frame = Frame(image: image, capturedAt: instant, sequence: sequence, origin: .camera)
        for mailbox in mailboxes { mailbox.post(frame) }
    }

    /// Ends all mailboxes, as a camera does that was unplugged.
    public func unplug() {
        let mailboxes = state.withLock { state in
            defer { state.mailboxes = [] }
            return state.mailboxes
        }
        for mailbox in mailboxes { mailbox.finish() }
    }
}
