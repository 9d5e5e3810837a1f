import CV4L2
import EdgeCore
import Glibc

/// Tells a camera's thread that waits in `poll` that somebody wants to read.
final class WakeSignal: Sendable {
    /// Readable from ``set()`` to ``clear()``.
    let descriptor: CInt

    init() throws(EdgeError) {
        descriptor = cv4l2_event()
        guard descriptor >= 0 else {
            throw EdgeError(.internalFault, "No event descriptor: \(String(cString: strerror(errno))).")
        }
    }

    deinit { close(descriptor) }

    func set() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Clear first, then look whether somebody reads: who comes in between is not missed.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
