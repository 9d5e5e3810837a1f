import EdgeCore
import ServiceLifecycle
import Synchronization

/// Writes pictures as `multipart/x-mixed-replace`: each takes the place of the one before.
///
/// A viewer who reads slowly gets the newest one. A camera that gives nothing for too long ends the stream, and so does a viewer
/// who takes nothing.
struct PreviewFeed: Sendable {
    static let contentType = "multipart/x-mixed-replace; boundary=\(boundary)"
    private static let boundary = "edged-picture"

    /// How long a camera may give nothing, or a viewer take nothing.
    let patience: Duration

    /// How far a stream is; whoever ends it reads how many pictures it had.
    final class Progress: Sendable {
        private let state = Mutex<(pictures: Int, isWriting: Bool)>((0, false))
        var pictures: Int { state.withLock { $0.pictures } }
        var isWriting: Bool { state.withLock { $0.isWriting } }
        func begin() { state.withLock { $0.isWriting = true } }
        func end() { state.withLock { $0 = ($0.pictures + 1, false) } }
    }

    /// Runs until the pictures end, the viewer goes away or the daemon stops.
    ///
    /// `hangUp` is called when the viewer takes nothing any more, and must make `write` fail. `isWelcome` is asked from time to
    /// time whether the viewer may still look.
    func run(
        _ pictures: FrameMailbox, _ progress: Progress, hangUp: @escaping @Sendable () -> Void,
        isWelcome: @escaping @Sendable () async -> Bool = { true },
        write: ([UInt8]) async throws -> Void
    ) async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await watch(pictures, progress, hangUp, isWelcome) }
                defer { group.cancelAll() }
                // At once, so that the reader's side knows that the stream stands.
                try await write(Array("--\(Self.boundary)".utf8))
                for await frame in pictures.frames {
                    progress.begin()
                    try await write(Self.part(frame.image.bytes))
                    progress.end()
                }
                try await write(Array("--\r\n".utf8))
            }
        } onGracefulShutdown: {
            pictures.finish()
        }
    }

    /// The boundary behind a picture goes with it: only then does a browser show it.
    static func part(_ jpeg: [UInt8]) -> [UInt8] {
        var bytes = Array("\r\nContent-Type: image/jpeg\r\nContent-Length: \(jpeg.count)\r\n\r\n".utf8)
        bytes += jpeg
        bytes += "\r\n--\(boundary)".utf8
        return bytes
    }

    private func watch(
        _ pictures: FrameMailbox, _ progress: Progress, _ hangUp: @Sendable () -> Void,
        _ isWelcome: @Sendable () async -> Bool
    ) async {
        while !Task.isCancelled {
            let seen = progress.pictures
            do { try await Task.sleep(for: patience) } catch { return }
            if await !isWelcome() { pictures.finish() }
            guard progress.pictures == seen else { continue }
            pictures.finish()
            if progress.isWriting { hangUp() }
        }
    }
}
