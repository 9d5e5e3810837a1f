import EdgeCore
import Hummingbird
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Runs an application and says in our words why it could not listen.
enum Listening {
    static func run(_ application: some ApplicationProtocol, on address: String) async throws {
        do {
            try await application.run()
        } catch is CancellationError {
            // Cancellation is one of the two normal ends.
        } catch let error as IOError {
            throw EdgeError(
                .listenFailed, "Cannot listen on \(address): \(String(cString: strerror(error.errnoCode))).")
        } catch let error as NIOConnectionError {
            throw EdgeError(.listenFailed, "Cannot listen on \(address): \(error.host) is not known.")
        } catch let error as SocketAddressError {
            throw EdgeError(.listenFailed, "Cannot listen on \(address): \(error).")
        }
    }
}
