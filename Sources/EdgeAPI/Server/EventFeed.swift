import EdgeCore
import ServiceLifecycle
import Synchronization

/// Writes a session's answers as server-sent events (WHATWG HTML, section 9.2).
///
/// A slow reader gets the newest answer, and always the last one; between answers a comment says that the stream lives.
struct EventFeed: Sendable {
    let heartbeat: Duration

    /// Holds what is to be written next: one answer, since a newer one replaces an unread older one.
    private final class Slot: Sendable {
        private let answer = Mutex<FrameAnswer?>(nil)
        func put(_ new: FrameAnswer) { answer.withLock { $0 = new } }
        func take() -> FrameAnswer? {
            answer.withLock { held in
                defer { held = nil }; return held
            }
        }
    }

    /// Runs until the session ends, the reader goes away or the daemon stops.
    func run(_ answers: AsyncStream<FrameAnswer>, write: ([UInt8]) async throws -> Void) async throws {
        let slot = Slot()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await answer in answers.cancelOnGracefulShutdown() {
                    slot.put(answer)
                    wake.yield()
                }
                wake.finish()
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: heartbeat)
                    wake.yield()
                }
            }
            defer { group.cancelAll() }
            // At once, so that the reader's side knows that the stream stands.
            try await write(Array(": edged\n\n".utf8))
            var number = 0
            for await _ in wakes {
                if let answer = slot.take() {
                    number += 1
                    try await write(Self.event(answer, number: number))
                } else {
                    try await write(Array(": still here\n\n".utf8))
                }
            }
            if let answer = slot.take() { try await write(Self.event(answer, number: number + 1)) }
        }
    }

    /// One event: `frame` while the session is open, `result` when it has ended.
    static func event(_ answer: FrameAnswer, number: Int) -> [UInt8] {
        let name = answer.session.state.isOpen ? "frame" : "result"
        var bytes = Array("event: \(name)\nid: \(number)\ndata: ".utf8)
        bytes += JSONValue.object(FrameBody.body(answer)).bytes
        bytes += "\n\n".utf8
        return bytes
    }
}
