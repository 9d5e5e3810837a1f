import Capture
import EdgeAPI
import EdgeCore
import Logging
import Recognition
import ServiceLifecycle
import Store
import Sync
import SyncCore
import UnixSignals

/// Runs the house until it is told to stop.
struct Daemon {
    let house: House
    let log: Logger
    /// The configuration file; `nil` for the standard one.
    let path: String?
    /// Listening sockets that systemd had.
    let sockets: SocketShelf

    func run() async throws {
        let certificate = try LANCertificate(
            house.configuration, clientAuthorities: try await house.fleet.clientAuthorities(), clock: house.clock,
            health: house.health, log: log)
        let watch = house.fleet.board.map { board in
            CentralWatch(
                board: board, store: house.store, certificate: certificate, health: house.health, clock: house.clock)
        }
        let board = StatusBoard(house: house, certificate: certificate, watch: watch)
        var services = APIServices(
            sessions: house.sessions, clients: house.fleet.clients, people: house.store, audit: house.store,
            status: board,
            secrets: house.vault, clock: house.clock, health: house.health, enrollments: house.store,
            catalog: house.sessions, live: house.sessions, pictures: house.decoder,
            webhooks: house.store,
            insight: InsightServices(
                figures: house.store, usage: house.store, audit: house.store, security: house.store,
                device: ConfigurationBoard(house: house), clock: house.clock, log: log),
            tokens: house.store, replays: house.store, erasures: house.store)
        services.fleet = house.fleet.board
        services.preview = house.preview
        let configurationRoom = ConfigurationRoom(house: house, certificate: certificate, log: log) {
            [path] () throws(EdgeError) in try DaemonConfiguration.load(path)
        }
        let fleetConfiguration = FleetConfigurationRoom(
            house: house, room: configurationRoom, path: path, log: log)
        await house.fleet.member.attach(fleetConfiguration)
        let desk = ControlDesk(
            house: house, configuration: configurationRoom, fleetConfiguration: fleetConfiguration)
        // Started in this order, stopped in reverse: first no more questions, then no more pictures.
        var configuration = ServiceGroupConfiguration(
            services: try roomServices(certificate) + fleetServices(watch) + [
                server { [services] in try await (try controlServer(desk, services)).run() },
                server { [services] in try await serveAPI(services, certificate) },
                room { await SystemdNotifier(status: board, log: log).run() },
                room { await heedReloads(configurationRoom) }, room { try await fleetConfiguration.run() },
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        let outcome = await Result(catching: { try await ServiceGroup(configuration: configuration).run() })
        await house.close()
        try outcome.get()
    }

    private func heedReloads(_ room: ConfigurationRoom) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            SystemdNotifier.tellReloading()
            // Told in the journal and by the status.
            _ = try? await room.reload()
            SystemdNotifier.tellReady()
        }
    }

    private func roomServices(
        _ certificate: LANCertificate?
    ) throws(EdgeError) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services = [
            room { try await house.sessions.run() }, room { try await house.store.keepHouse() },
            room { try await house.models.run() }, room { try await house.memory.run() },
            room { try await house.keepCameraJournal() },
        ]
        // Before the cameras, so that it ends after them, and leaves the sign off.
        if let command = house.configuration.onAir {
            services.append(room { await command.run(house.sign, health: house.health) })
        }
        services += house.cameras.map { camera in room { try await camera.run() } }
        // Without a camera it would end at once, and the daemon with it.
        if !house.cameras.isEmpty { services.append(room { await house.preview.run() }) }
        if let isolated = house.isolated { services.append(room { try await isolated.run() }) }
        if let certificate { services.append(room { await certificate.keepRenewed() }) }
        // Without local delivery the deliveries wait for the central instance.
        if house.configuration.webhooks.localDelivery {
            let dispatcher = try webhooks()
            services.append(room { await dispatcher.run() })
        }
        return services
    }

    /// The device as a member, and the fleet's books where they are kept here.
    private func fleetServices(_ watch: CentralWatch?) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services = [
            room { try await house.fleet.member.run() }, room { try await house.fleet.watchNetwork() },
        ]
        if let watch { services.append(room { try await watch.run() }) }
        if house.fleet.isCentral {
            services.append(room { try await house.fleet.keepBooks() })
            // Of several instances one calls receivers: it knows all endpoints, and keeps the whole history.
            if house.configuration.webhooks.localDelivery {
                services.append(room { try await house.fleet.forwardEvents() })
            }
        }
        // A member knows by itself whether central answers.
        guard let url = house.configuration.centralURL else { return services }
        services.append(
            room {
                guard try await house.store.membership() == nil else { return try await forever() }
                let backoff = Backoff(initial: .seconds(1), maximum: .seconds(300))
                try await CentralProbe(
                    url: url, health: house.health, log: log, backoff: backoff,
                    options: house.configuration.linkOptions, pinnedRoots: try house.configuration.centralRoots()
                ).run()
            })
        return services
    }

    /// Until it is cancelled: a room that ends stops the daemon.
    private func forever() async throws {
        while true { try await Task.sleep(for: .seconds(86_400)) }
    }

    private func webhooks() throws(EdgeError) -> WebhookDispatcher {
        let rules = house.configuration.webhooks
        return WebhookDispatcher(
            outbox: house.store, codes: house.vault, allow: rules.allow,
            trust: try rules.caFile.map { file throws(EdgeError) in try ReceiverTrust(file: file) } ?? .system,
            health: house.health, clock: house.clock, log: log, version: EdgedVersion.current)
    }

    private func controlServer(_ desk: ControlDesk, _ services: APIServices) throws -> ControlServer {
        ControlServer(
            socketPath: try ControlSocketPath.reachable(house.configuration.http.controlSocket), control: desk,
            services: services, issuer: try house.deviceID(), sockets: sockets, log: log)
    }

    private func serveAPI(_ services: APIServices, _ certificate: LANCertificate?) async throws {
        var configuration = APIConfiguration(
            host: house.configuration.http.host, port: house.configuration.http.port, issuer: try house.deviceID())
        configuration.sockets = sockets
        configuration.socketPath = house.configuration.http.socket
        configuration.lan = try lan(certificate)
        configuration.version = EdgedVersion.current
        configuration.assets = house.configuration.http.assets
        configuration.allowedOrigins = house.configuration.http.allowedOrigins
        configuration.framesPerSecond = house.configuration.limits.framesPerSecond
        if house.fleet.isCentral {
            configuration.maximumConnections = house.configuration.central.connections
        }
        configuration.anonymousPerMinute = house.configuration.limits.anonymousPerMinute
        try await APIServer(configuration: configuration, services: services, log: log).run { address in
            house.isServed(at: address)
            var facts: Logger.Metadata = ["address": "\(address)"]
            if address.hasPrefix("https:"), let fingerprint = certificate?.fingerprint {
                facts["sha256"] = "\(fingerprint)"
            }
            log.notice("listening", metadata: facts)
        }
    }

    private func lan(_ certificate: LANCertificate?) throws(EdgeError) -> APIConfiguration.LAN? {
        guard let lan = house.configuration.http.lan else { return nil }
        let transport: APIConfiguration.LAN.Transport
        switch (lan.protection, certificate) {
        case (.ownCertificate, let certificate?), (.certificate, let certificate?):
            transport = .tls(certificate.served)
        case (.ownCertificate, nil), (.certificate, nil): throw EdgeError(.tlsUnreadable)
        case (.plainText, _):
            log.warning("PLAIN HTTP ON THE NETWORK: FACES AND PASSWORDS CAN BE READ BY ANYBODY ON IT.")
            transport = .plainText
        }
        return APIConfiguration.LAN(host: lan.host, port: lan.port, transport: transport)
    }

    private func room(
        _ body: @escaping @Sendable () async throws -> Void
    ) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: RoomService(body: body), successTerminationBehavior: .gracefullyShutdownGroup)
    }

    private func server(
        _ body: @escaping @Sendable () async throws -> Void
    ) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: ServerService(body: body), successTerminationBehavior: .gracefullyShutdownGroup)
    }
}

/// A server hears of a graceful stop itself: it takes no more questions and answers those that it has.
private struct ServerService: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws {
        do { try await body() } catch is CancellationError {}
    }
}

/// Lets a room be a service without knowing the lifecycle library: a graceful stop is a cancellation to it.
private struct RoomService: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do { try await body() } catch is CancellationError {}
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
