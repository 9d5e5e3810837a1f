import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// Serves on a socket that is bound already, as the framework's own server does on one that it binds.
struct AdoptedServer<Connections: ServerChildChannel>: Service {
    let connections: Connections
    let socket: BoundSocket
    let backlog: CInt
    let eventLoops: any EventLoopGroup
    let log: Logger
    let onServerRunning: @Sendable (any Channel) async -> Void

    func run() async throws {
        guard let descriptor = socket.take() else { throw ChannelError.alreadyClosed }
        let quiescing = ServerQuiescingHelper(group: eventLoops)
        let server = try await listen(descriptor, quiescing)
        await withGracefulShutdownHandler {
            await onServerRunning(server.channel)
            await serve(server)
        } onGracefulShutdown: {
            quiescing.initiateShutdown(promise: nil)
        }
    }

    private func listen(
        _ descriptor: CInt, _ quiescing: ServerQuiescingHelper
    ) async throws -> NIOAsyncChannel<Connections.Value, Never> {
        let (connections, log) = (connections, log)
        let server = try await ServerBootstrap(group: eventLoops)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .bind(descriptor) { connections.setup(channel: $0, logger: log) }
        // Adopting made the line of those who wait as short as NIO has it without being asked.
        try await server.channel.setBacklog(backlog)
        return server
    }

    private func serve(_ server: NIOAsyncChannel<Connections.Value, Never>) async {
        await withDiscardingTaskGroup { group in
            do {
                try await server.executeThenClose { inbound in
                    for try await connection in inbound {
                        group.addTask { await connections.handle(value: connection, logger: log) }
                    }
                }
            } catch {
                log.error("No more connections are taken", metadata: ["error": "\(error)"])
            }
        }
    }
}
