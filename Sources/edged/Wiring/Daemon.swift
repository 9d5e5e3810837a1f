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
        let group = ServiceGroup(
            configuration: .init(
                services: roomServices() + [
                    service { try await controlServer(desk, services).run() },
                    service { try await serveAPI(services) },
                    service { await SystemdNotifier(status: board).run() },
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        try await group.run()
        await house.close()
    }

    private func roomServices() -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services = [service { try await house.sessions.run() }]
        services += house.cameras.map { camera in service { try await camera.run() } }
        if let url = house.configuration.centralURL {
            let backoff = Backoff(initial: .seconds(1), maximum: .seconds(300))
            services.append(
                service { try await CentralProbe(url: url, health: house.health, log: log, backoff: backoff).run() })
        }
        return services
    }

    private func controlServer(_ desk: ControlDesk, _ services: APIServices) -> ControlServer {
        ControlServer(
            socketPath: house.configuration.http.controlSocket, control: desk, services: services, log: log)
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

    private func service(
        _ body: @escaping @Sendable () async throws -> Void
    ) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: RoomService(body: body), successTerminationBehavior: .gracefullyShutdownGroup)
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
