import EdgeCore
import FoundationEssentials

/// One session in memory, owned by the session service.
struct LiveSession {
    /// Where it stands in its own life; a second decision never overtakes the recording of the first.
    enum Phase {
        case open
        /// An outcome is on its way to disk; who comes now waits for it.
        case recording
        case ended(at: FrameClock.Instant)
    }

    var snapshot: SessionSnapshot
    var machine: SessionMachine
    let displayName: String?
    /// Stands in for a claimed user whom nobody knows.
    let decoy: FaceTemplate
    let openedAt: FrameClock.Instant
    let deadline: FrameClock.Instant
    /// The infrared camera that has a say in it.
    let infrared: String?
    var phase = Phase.open
    /// The claimed user was locked before the session came to its decision; it counts neither as a miss nor as a success.
    var isLockedOut = false
    /// Counts uploaded frames.
    var nextSequence: UInt64 = 0
    var lastAnswer: FrameAnswer?
    var watchers: [AsyncStream<FrameAnswer>.Continuation] = []
    var waiting: [CheckedContinuation<Void, Never>] = []

    var isOpen: Bool {
        switch phase {
        case .open, .recording: true
        case .ended: false
        }
    }

    /// Every camera that it needs.
    var cameras: [String] { [infrared, snapshot.camera].compactMap(\.self) }

    /// The answer that describes the present state.
    var present: FrameAnswer {
        if var answer = lastAnswer {
            answer.session = snapshot
            if let reason = snapshot.reason { answer.reason = reason }
            return answer
        }
        return FrameAnswer(session: snapshot, accepted: false, reason: snapshot.reason ?? .faceNone)
    }

    /// Tells everybody who watches; the newest answer stands for all that were not read.
    mutating func tell(_ answer: FrameAnswer) {
        lastAnswer = answer
        watchers.removeAll { watcher in
            if case .terminated = watcher.yield(answer) { return true }
            return false
        }
    }

    /// Ends every stream after its last answer.
    mutating func finishWatchers() {
        for watcher in watchers { watcher.finish() }
        watchers = []
    }
}

extension SessionSnapshot {
    /// The session after a decision.
    mutating func close(_ state: SessionState, _ reason: Reason, at now: Date) {
        self.state = state
        self.reason = reason
        completedAt = now
        challenge = nil
    }
}
