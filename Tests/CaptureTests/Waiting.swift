import EdgeCore
import EdgeTesting
import Logging
import Testing

@testable import Capture

/// A fact that did not come true in time.
struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}

/// Looks at a fact until it is true; a test that waits for it ends as soon as it is.
func eventually(
    _ fact: String, within limit: Duration = .seconds(300), _ isTrue: () -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: limit)
    while !isTrue() {
        guard clock.now < deadline else { throw NeverHappened(description: "not within \(limit): \(fact)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Ends a wait for frames that never come.
func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw NeverHappened(description: "not within \(limit): \(what)")
        }
        return value
    }
}

extension FrameMailbox {
    /// The next `count` frames, fewer when the source ends before.
    func take(_ count: Int, within limit: Duration = .seconds(300)) async throws -> [Frame] {
        try await takeFrames(self, count, limit)
    }
}

private func takeFrames(_ mailbox: FrameMailbox, _ count: Int, _ limit: Duration) async throws -> [Frame] {
    try await within(limit, "\(count) frames") {
        var frames: [Frame] = []
        for await frame in mailbox.frames {
            frames.append(frame)
            if frames.count == count { break }
        }
        return frames
    }
}

/// A camera that runs while `body` does.
func withRunningCamera<Value>(
    _ configuration: CameraConfiguration, timing: CaptureTiming = .quick, health: HealthBoard = HealthBoard(),
    _ body: (Camera, FrameMailbox) async throws -> Value
) async throws -> Value {
    let camera = Camera(
        configuration: configuration, timing: timing, health: health, log: .silent)
    let mailbox = camera.subscribe()
    let running = Task { try await camera.run() }
    do {
        let value = try await body(camera, mailbox)
        running.cancel()
        try await running.value
        return value
    } catch {
        running.cancel()
        try await running.value
        throw error
    }
}

extension CaptureTiming {
    /// Waits short enough for tests.
    static let quick = CaptureTiming(
        stall: .seconds(2), backoff: Backoff(initial: .milliseconds(20), maximum: .milliseconds(200)))
}

extension Logger {
    /// A logger that writes nothing.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
