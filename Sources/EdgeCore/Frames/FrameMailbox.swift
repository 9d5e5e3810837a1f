import Synchronization

/// Carries the newest frame to one consumer.
///
/// An unread older frame is replaced and counted, so the camera never waits.
public final class FrameMailbox: Sendable {
    /// The frames, for exactly one reader; ends when the source ends.
    public let frames: AsyncStream<Frame>
    private let continuation: AsyncStream<Frame>.Continuation
    private let replaced = Atomic<UInt64>(0)

    /// Creates an empty mailbox.
    public init() {
        (frames, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many frames were replaced before anybody read them.
    public var replacedFrames: UInt64 { replaced.load(ordering: .relaxed) }

    /// Offers a frame; returns at once.
    public func post(_ frame: Frame) {
        if case .dropped = continuation.yield(frame) { replaced.add(1, ordering: .relaxed) }
    }

    /// Ends the stream; frames offered later are ignored.
    public func finish() { continuation.finish() }

    /// Calls `handler` once, when the reader has gone away or the stream was finished.
    public func onEnd(_ handler: @escaping @Sendable () -> Void) {
        continuation.onTermination = { _ in handler() }
    }
}
