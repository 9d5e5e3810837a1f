import EdgeCore
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Runs an application and says in our words why it could not listen.
enum Listening {
    /// On `adopted` if there is such a socket; `connections` is then what the application's server is made of.
    static func run(
        _ application: some ApplicationProtocol, on address: String, adopted: BoundSocket?,
        connections: @escaping @Sendable (@escaping HTTPChannelHandler.Responder) -> any ServerChildChannel
    ) async throws {
        do {
            guard let adopted else { return try await application.run() }
            try await AdoptedApplication(application: application, socket: adopted, connections: connections).run()
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
