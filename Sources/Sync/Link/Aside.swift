import EdgeCore
import NIOPosix

/// Runs what blocks, such as a file or a TPM, on a thread that may wait.
///
/// Throws `daemon.shutting_down` where there is none any more.
func aside<Outcome: Sendable>(
    _ body: @escaping @Sendable () throws(EdgeError) -> Outcome
) async throws(EdgeError) -> Outcome {
    let result: Result<Outcome, EdgeError>
    do {
        result = try await NIOThreadPool.singleton.runIfActive { Result(catching: body) }
    } catch {
        throw EdgeError(.shuttingDown)
    }
    return try result.get()
}
