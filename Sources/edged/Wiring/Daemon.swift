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

    func run() async throws {
        let board = StatusBoard(house: house)
        let services = APIServices(
            sessions: house.sessions, clients: house.store, people: house.store, audit: house.store, status: board,
            secrets: house.vault, clock: house.clock, health: house.health)
        let desk = ControlDesk(house: house)
        // Started in this order, stopped in reverse: first no more questions, then no more pictures.
        var configuration = ServiceGroupConfiguration(
            services: roomServices() + [
                server { try await (try controlServer(desk, services)).run() },
                server { try await serveAPI(services) },
                room { await SystemdNotifier(status: board).run() },
                room { await noteReloads() },
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        let outcome = await Result(catching: { try await ServiceGroup(configuration: configuration).run() })
        await house.close()
        try outcome.get()
    }

    /// Unhandled, SIGHUP would end the daemon without a word.
    private func noteReloads() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            log.warning("Reloading the configuration is not supported yet: restart the daemon instead.")
        }
    }

    private func roomServices() -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services = [room { try await house.sessions.run() }]
        services += house.cameras.map { camera in room { try await camera.run() } }
        if let url = house.configuration.centralURL {
            let backoff = Backoff(initial: .seconds(1), maximum: .seconds(300))
            services.append(
                room { try await CentralProbe(url: url, health: house.health, log: log, backoff: backoff).run() })
        }
        return services
    }

    private func controlServer(_ desk: ControlDesk, _ services: APIServices) throws -> ControlServer {
        ControlServer(
            socketPath: try ControlSocketPath.reachable(house.configuration.http.controlSocket), control: desk,
            services: services, log: log)
    }

    private func serveAPI(_ services: APIServices) async throws {
        var configuration = APIConfiguration()
        configuration.host = house.configuration.http.host
        configuration.port = house.configuration.http.port
        try await APIServer(configuration: configuration, services: services, log: log).run { address in
            house.address = address
            log.notice("listening", metadata: ["address": "\(address)"])
        }
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
