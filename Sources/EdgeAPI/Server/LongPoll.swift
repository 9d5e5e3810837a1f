import EdgeCore
import ServiceLifecycle

/// Waits for the end of a session, but never longer than asked, and never into the daemon's own end.
enum LongPoll {
    /// The answer that ended the session; `nil` when it is still open after `wait` or the daemon stops.
    static func lastAnswer(of answers: AsyncStream<FrameAnswer>, within wait: Duration) async -> FrameAnswer? {
        await withTaskGroup(of: FrameAnswer?.self) { group in
            group.addTask {
                for await answer in answers.cancelOnGracefulShutdown() where !answer.session.state.isOpen {
                    return answer
                }
                return nil
            }
            group.addTask {
                // Cancelled as soon as the answer is there; nothing to do then.
                try? await Task.sleep(for: wait)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
