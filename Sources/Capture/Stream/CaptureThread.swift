import CV4L2
import EdgeCore
import Glibc

/// A thread for one camera: waiting for a driver must not hold one of Swift's shared threads.
enum CaptureThread {
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new thread and returns when it has returned; cancelling the task sets `stop`.
    static func run(named name: String, stop: StopSignal, _ body: @escaping @Sendable () -> Void) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (finished: CheckedContinuation<Void, any Error>) in
                let start = Start(name: name) {
                    body()
                    finished.resume()
                }
                let status = spawn(start)
                if status != 0 {
                    let reason = String(cString: strerror(status))
                    finished.resume(throwing: EdgeError(.internalFault, "No thread for the camera: \(reason)."))
                }
            }
        } onCancel: {
            stop.set()
        }
    }

    private static func spawn(_ start: Start) -> CInt {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(start)
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                cv4l2_name_thread(start.name)
                start.body()
                return nil
            }, context.toOpaque())
        if status == 0 { pthread_detach(thread) } else { context.release() }
        return status
    }
}
