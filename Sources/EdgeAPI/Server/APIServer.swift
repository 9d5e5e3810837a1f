import EdgeCore
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore

/// Serves the HTTP API, the status page and the kiosk page.
public struct APIServer: Sendable {
    let configuration: APIConfiguration
    let services: APIServices
    private let log: Logger

    /// Puts a server together; nothing is opened before `run`.
    public init(configuration: APIConfiguration, services: APIServices, log: Logger) {
        self.configuration = configuration
        self.services = services
        self.log = log
    }

    /// Serves on every listener of the configuration until the task is cancelled or a graceful shutdown begins.
    ///
    /// As soon as all of them listen, `onListening` gets each address, the loopback one first: `http://127.0.0.1:8080`,
    /// `unix:/run/edged/api.sock`, `https://door.example:8443`. At a graceful shutdown event streams and long polls end
    /// at once, other requests are finished. Throws `http.listen.failed`.
    public func run(onListening: @escaping @Sendable (String) async -> Void) async throws {
        let gate = gate(try await tokenIssuer())
        let routes = routes(gate).router(gate: gate).buildResponder()
        // One door for all listeners: a session has one WebSocket.
        let door = door(gate)
        let listeners = configuration.listeners
        let roll = RollCall(of: listeners.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, listener) in listeners.enumerated() {
                group.addTask {
                    try await serve(listener, by: routes, door: door) { address in
                        for each in roll.note(address, number: number) { await onListening(each) }
                    }
                }
            }
            group.addTask { await gate.refusals.run() }
            group.addTask { await gate.recorder.run() }
            // The first that fails ends all: a device that is reached in half of the configured ways looks sound.
            for _ in listeners { try await group.next() }
            group.cancelAll()
        }
        await gate.refusals.close()
    }

    /// Serves on one listener; tests give it routes of their own.
    func serve(
        _ listener: Listener, by routes: some HTTPResponder<EdgeRequestContext>, door: WebSocketDoor? = nil,
        onListening: @escaping @Sendable (String) async -> Void
    ) async throws {
        let place = try ListeningPlace(listener.place, on: configuration.sockets) { () throws(EdgeError) in
            try listener.socketFile()
        }
        defer { place.close() }
        let log = log
        let ledger = ConnectionLedger(maximum: configuration.maximumConnections)
        let connections: @Sendable (@escaping HTTPChannelHandler.Responder) -> any ServerChildChannel = {
            self.connections(of: listener, ledger: ledger, door: door, responder: $0)
        }
        // The process's own event loops: a group of ours could be gone before the last connection has closed.
        let application = Application(
            responder: ListenerResponder(
                routes: LedgerResponder(routes: routes, ledger: ledger), kind: listener.kind,
                isSecure: listener.certificate != nil),
            server: HTTPServerBuilder(connections),
            configuration: ApplicationConfiguration(
                address: listener.bindAddress(place.file), serverName: nil, backlog: 1024),
            services: listener.certificate.map {
                [CertificateWatch(certificate: $0, period: configuration.certificatePeriod)]
            } ?? [],
            onServerRunning: { channel in
                do {
                    try await place.open(channel)
                    await onListening(listener.address(port: channel.localAddress?.port))
                } catch {
                    log.error("A socket could not be put in place", metadata: ["error": "\(error)"])
                }
            },
            eventLoopGroupProvider: .singleton, logger: log)
        try await Listening.run(
            application, on: listener.name, adopted: place.adopted, connections: connections)
    }

    /// What every connection of a listener goes through before the routes.
    private func connections(
        of listener: Listener, ledger: ConnectionLedger, door: WebSocketDoor?,
        responder: @escaping HTTPChannelHandler.Responder
    ) -> any ServerChildChannel {
        guard let door else {
            return secured(HTTP1Channel(responder: responder, configuration: channel), listener, ledger)
        }
        let channel = HTTP1WebSocketChannel(
            responder: responder, configuration: channel, door: door, ledger: ledger)
        return secured(channel, listener, ledger)
    }

    private func secured(
        _ plain: some ServerChildChannel, _ listener: Listener, _ ledger: ConnectionLedger
    ) -> any ServerChildChannel {
        guard let certificate = listener.certificate else { return LedgerChannel(base: plain, ledger: ledger) }
        let secure = RotatingTLSChannel(
            base: plain, certificate: certificate, handshakeTimeout: TimeAmount(configuration.handshakeTimeout))
        return LedgerChannel(base: secure, ledger: ledger)
    }

    private func door(_ gate: RequestGate) -> WebSocketDoor {
        WebSocketDoor(
            services: services, configuration: configuration, log: log,
            isAllowedOrigin: { origin, client in gate.origins.allows(origin, client) },
            credentialOwner: { request throws(EdgeError) in
                try await gate.authenticator.caller(of: request).client?.id
            })
    }

    private func tokenIssuer() async throws(EdgeError) -> TokenIssuer {
        try await TokenIssuer(issuer: configuration.issuer, secrets: services.secrets, clock: services.clock)
    }

    /// All routes; tests call it without a socket.
    func router() async throws(EdgeError) -> Router<EdgeRequestContext> {
        let gate = gate(try await tokenIssuer())
        return routes(gate).router(gate: gate)
    }

    /// All operations and pages.
    func routes(_ gate: RequestGate) -> RouteBuilder {
        var routes = RouteBuilder()
        AuthRoutes(services: services, gate: gate).add(to: &routes)
        ClientRoutes(services: services).add(to: &routes)
        SessionRoutes(services: services).add(to: &routes)
        UserRoutes(services: services, maximumImageBytes: configuration.maximumImageBytes).add(to: &routes)
        EnrollmentRoutes(services: services).add(to: &routes)
        LegacyRoutes(services: services).add(to: &routes)
        ErasureRoutes(services: services).add(to: &routes)
        ProcessImageRoute(services: services, configuration: configuration).add(to: &routes)
        ResultRoutes(services: services, configuration: configuration).add(to: &routes)
        WebhookRoutes(services: services).add(to: &routes)
        UsageRoutes(services: services).add(to: &routes)
        AnalyticsRoutes(services: services).add(to: &routes)
        SystemRoutes(services: services).add(to: &routes)
        PreviewRoutes(services: services, configuration: configuration, authenticator: gate.authenticator)
            .add(to: &routes)
        AuditRoutes(services: services).add(to: &routes)
        ConfigurationRoutes(services: services).add(to: &routes)
        addFleet(to: &routes, gate)
        RootRoutes().add(to: &routes)
        SchemaRoutes(version: configuration.version).add(to: &routes)
        PageRoutes(assets: configuration.assets, hasFleet: services.fleet != nil).add(to: &routes)
        return routes
    }

    /// What only a central instance answers.
    private func addFleet(to routes: inout RouteBuilder, _ gate: RequestGate) {
        guard let fleet = services.fleet else { return routes.lack("/api/sync", .centralAbsent) }
        let seats = PollSeats(total: configuration.maximumConnections / 2)
        SyncRoutes(fleet: fleet, services: services, gate: gate, seats: seats).add(to: &routes)
        FleetRoutes(fleet: fleet, services: services).add(to: &routes)
        FleetConfigurationRoutes(fleet: fleet, services: services).add(to: &routes)
    }

    private var channel: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(configuration.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))
    }
}
