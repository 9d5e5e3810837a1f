import EdgeCore
import Synchronization

/// Hands each frame to every subscriber and keeps the camera's status.
final class CameraHub: Sendable {
    private struct State {
        var status: CameraStatus
        var mailboxes: [UInt64: FrameMailbox] = [:]
        var nextMailbox: UInt64 = 0
        var nextSequence: UInt64 = 0
        var meter = RateMeter()
        var ages = AgeMeter()
        var isFinished = false
        /// Set whenever somebody comes to read.
        var wake: WakeSignal?
        /// The newest face that nobody has looked at.
        var face: FaceBrightness?
        var sighting: FaceSighting?

        /// The number of a frame that came now, `skipped` others having been lost before it.
        mutating func nextNumber(after skipped: UInt64, at now: FrameClock.Instant) -> UInt64 {
            let number = nextSequence + skipped
            nextSequence = number + 1
            status.frames += 1
            status.dropped += skipped
            meter.count(at: now)
            return number
        }
    }

    private let state: Mutex<State>
    private let name: String
    /// Asked and told under the lock, so that it knows of the readers in the order in which they come and go.
    private let sign: OnAirSign?

    init(_ status: CameraStatus, sign: OnAirSign? = nil) {
        state = Mutex(State(status: status))
        name = status.name
        self.sign = sign
    }

    var status: CameraStatus {
        let now = FrameClock().now
        return state.withLock { state in
            var status = state.status
            status.framesPerSecond = status.isStreaming ? state.meter.framesPerSecond(at: now) : 0
            status.latencyMs = state.ages.milliseconds
            return status
        }
    }

    /// Whether anybody would see a frame.
    var hasSubscribers: Bool { state.withLock { !$0.mailboxes.isEmpty } }

    /// Whether a frame that is there now would be handed out: somebody reads, and the sign has had its time to say so.
    var handsOut: Bool { state.withLock { !$0.mailboxes.isEmpty && maySee } }

    private var maySee: Bool { sign?.maySee(name) ?? true }

    func subscribe() -> FrameMailbox {
        let mailbox = FrameMailbox()
        let (id, wake): (UInt64?, WakeSignal?) = state.withLock { state in
            guard !state.isFinished else { return (nil, nil) }
            state.nextMailbox += 1
            state.mailboxes[state.nextMailbox] = mailbox
            return (state.nextMailbox, state.wake)
        }
        wake?.set()
        guard let id else {
            mailbox.finish()
            return mailbox
        }
        mailbox.onEnd { [weak self] in self?.unsubscribe(id) }
        return mailbox
    }

    private func unsubscribe(_ id: UInt64) {
        // Released outside the lock: the last reference to a mailbox may end its stream, which calls back in here.
        let gone = state.withLock { state in
            defer { if state.mailboxes.isEmpty { sign?.stopped(name) } }
            return state.mailboxes.removeValue(forKey: id)
        }
        _ = gone
    }

    /// Posts a picture; `skipped` frames before it were lost.
    func deliver(_ image: EncodedImage, capturedAt: FrameClock.Instant, skipped: UInt64) {
        let now = FrameClock().now
        let (sequence, mailboxes) = state.withLock { state in
            state.ages.count(capturedAt.duration(to: now))
            let readers = state.mailboxes.isEmpty || !maySee ? [] : Array(state.mailboxes.values)
            return (state.nextNumber(after: skipped, at: now), readers)
        }
        let frame = Frame(image: image, capturedAt: capturedAt, sequence: sequence, origin: .camera)
        for mailbox in mailboxes { mailbox.post(frame) }
    }

    /// Counts a picture that nobody wanted to see.
    func pass(capturedAt: FrameClock.Instant? = nil, skipped: UInt64) {
        let now = FrameClock().now
        state.withLock { state in
            if let capturedAt { state.ages.count(capturedAt.duration(to: now)) }
            _ = state.nextNumber(after: skipped, at: now)
        }
    }

    /// Notes a face; a newer one takes its place.
    func note(_ face: FaceBrightness) { state.withLock { $0.face = face } }

    /// Where the newest face stood.
    var sighting: FaceSighting? {
        get { state.withLock { $0.sighting } }
        set { state.withLock { $0.sighting = newValue } }
    }

    /// The newest face, once.
    func takeFace() -> FaceBrightness? {
        state.withLock { state in
            defer { state.face = nil }
            return state.face
        }
    }

    /// Changes the status under the lock.
    func update(_ change: (inout CameraStatus) -> Void) { state.withLock { change(&$0.status) } }

    /// No frames come any more for now, whoever reads.
    func pause() {
        state.withLock { state in
            (state.status.isStreaming, state.status.pace) = (false, .full)
            sign?.stopped(name)
        }
    }

    /// Lets subscribers in again, for a new run; `wake` is set whenever one comes.
    func reopen(waking wake: WakeSignal? = nil) { state.withLock { ($0.isFinished, $0.wake) = (false, wake) } }

    /// Ends all mailboxes; later subscribers get one that has already ended.
    func finish() {
        let mailboxes = state.withLock { state in
            state.isFinished = true
            state.status.isStreaming = false
            return Array(state.mailboxes.values)
        }
        for mailbox in mailboxes { mailbox.finish() }
    }
}
