import EdgeCore
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore

/// Serves the HTTP API, the status page and the kiosk page.
public struct APIServer: Sendable {
    private let configuration: APIConfiguration
    private let services: APIServices
    private let log: Logger

    /// Puts a server together; nothing is opened before `run`.
    public init(configuration: APIConfiguration, services: APIServices, log: Logger) {
        self.configuration = configuration
        self.services = services
        self.log = log
    }

    /// Serves until the task is cancelled or a graceful shutdown begins; `onListening` gets the address, such as `http://127.0.0.1:8080`.
    ///
    /// At a graceful shutdown event streams and long polls end at once, other requests are finished. Throws `http.listen.failed`.
    public func run(onListening: @escaping @Sendable (String) async -> Void) async throws {
        let host = configuration.host
        // The process's own event loops: a group of ours could be gone before the last connection has closed.
        let application = Application(
            router: try await router(), server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.port), serverName: nil, backlog: 128,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    max(configuration.maximumConnections, 1), logger: log)),
            onServerRunning: { channel in
                await onListening(Self.address(host: host, port: channel.localAddress?.port ?? 0))
            },
            eventLoopGroupProvider: .singleton, logger: log)
        try await Listening.run(application, on: "\(host):\(configuration.port)")
    }

    /// All routes; tests call it without a socket.
    func router() async throws(EdgeError) -> Router<EdgeRequestContext> {
        let tokens = try await TokenIssuer(
            issuer: configuration.issuer, secrets: services.secrets, clock: services.clock)
        let pictures = BodyReader(maximumBytes: configuration.maximumBodyBytes, timeout: configuration.bodyTimeout)
        let small = BodyReader(maximumBytes: 64 * 1024, timeout: configuration.bodyTimeout)
        var routes = RouteBuilder()
        AuthRoutes(services: services, configuration: configuration, tokens: tokens, body: small).add(to: &routes)
        SessionRoutes(services: services, configuration: configuration, body: small).add(to: &routes)
        ProcessImageRoute(services: services, configuration: configuration, body: pictures).add(to: &routes)
        ResultRoutes(services: services, configuration: configuration).add(to: &routes)
        SystemRoutes(services: services).add(to: &routes)
        PageRoutes().add(to: &routes)
        return routes.router(authentication: ClientAuthentication(clients: services.clients, tokens: tokens))
    }

    private var channel: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(configuration.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))
    }

    static func address(host: String, port: Int) -> String {
        host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }
}
