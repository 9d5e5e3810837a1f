public import EdgeCore
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore

/// Serves the machine's own administrator over a Unix socket that only the daemon's user may open.
public struct ControlServer: Sendable {
    private let socketPath: String
    private let control: any LocalControl
    private let services: APIServices
    private let issuer: String
    private let sockets: SocketShelf
    private let log: Logger

    /// Puts a server together; nothing is opened before `run`.
    ///
    /// `issuer` is that of the API, which takes the tokens that are made here; `sockets` has the socket if it is
    /// bound already.
    public init(
        socketPath: String, control: any LocalControl, services: APIServices, issuer: String,
        sockets: SocketShelf = .empty, log: Logger
    ) {
        self.socketPath = socketPath
        self.control = control
        self.services = services
        self.issuer = issuer
        self.sockets = sockets
        self.log = log
    }

    /// Serves until the task is cancelled or a graceful shutdown begins.
    ///
    /// Throws `http.listen.failed`.  A socket file that an earlier daemon left is replaced: the store's lock sees
    /// to it that there is one daemon only.
    public func run(onListening: @escaping @Sendable () async -> Void = {}) async throws {
        let place = try ListeningPlace(.control, on: sockets) { () throws(EdgeError) in
            try SocketFile(path: socketPath, mode: 0o600)
        }
        defer { place.close() }
        let log = log
        let router = try await router()
        // The process's own event loops: a group of ours could be gone before a cancelled socket has closed.
        let application = Application(
            router: router, server: .http1(),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: place.file?.bindPath ?? socketPath), serverName: nil),
            onServerRunning: { channel in
                do {
                    try await place.open(channel)
                    await onListening()
                } catch {
                    log.error("The control socket could not be put in place", metadata: ["error": "\(error)"])
                }
            },
            eventLoopGroupProvider: .singleton, logger: log)
        try await Listening.run(application, on: socketPath, adopted: place.adopted) { HTTP1Channel(responder: $0) }
    }

    func router() async throws(EdgeError) -> Router<EdgeRequestContext> {
        // Pictures for `edged enroll` come this way too, a handful at once.
        let body = BodyReader(maximumBytes: 128 * 1024 * 1024, timeout: .seconds(120))
        var routes = RouteBuilder()
        let technicians = TechnicianDesk(
            issuer: try await TokenIssuer(issuer: issuer, secrets: services.secrets, clock: services.clock),
            audit: services.audit, clock: services.clock)
        ControlRoutes(control: control, body: body, technicians: technicians).add(to: &routes)
        SystemRoutes(services: services).addLocal(to: &routes)
        return routes.router(gate: nil)
    }
}
