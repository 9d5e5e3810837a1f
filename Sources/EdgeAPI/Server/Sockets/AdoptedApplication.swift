import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Runs an application on a socket that is bound already; the framework can only bind.
///
/// Every request goes the way on which the application's own `run` would lead it.
struct AdoptedApplication<Base: ApplicationProtocol> {
    let application: Base
    let socket: BoundSocket
    /// What the application's server puts before the responder, on each connection.
    let connections: @Sendable (@escaping HTTPChannelHandler.Responder) -> any ServerChildChannel

    func run() async throws {
        let responder = try await application.responder
        let (name, log) = (application.configuration.serverName, application.logger)
        let channel = connections { request, writer, channel in
            var log = log
            log[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
            let context = Base.Context(source: ApplicationRequestContextSource(channel: channel, logger: log))
            var response = try await Self.answer(request, context, by: responder)
            response.headers[.date] = HTTPDate.text(Date())
            if let name { response.headers[.server] = name }
            do {
                try await writer.write(response: response.head, body: response.body)
            } catch is HTTPParserError {
                // Thrown as it is, a second answer would be written.
                throw AnswerCutOff()
            }
        }
        let services = application.services + [server(channel)]
        try await ServiceGroup(configuration: .init(services: services, logger: log)).run()
    }

    private static func answer(
        _ request: Request, _ context: Base.Context, by responder: Base.Responder
    ) async throws -> Response {
        do {
            return try await responder.respond(to: request, context: context)
        } catch let error as HTTPParserError {
            throw error
        } catch {
            return Response(status: .internalServerError)
        }
    }

    private func server(_ connections: some ServerChildChannel) -> any Service {
        let application = application
        return AdoptedServer(
            connections: connections, socket: socket, backlog: CInt(application.configuration.backlog),
            eventLoops: application.eventLoopGroup, log: application.logger,
            onServerRunning: { await application.onServerRunning($0) })
    }
}

/// The request broke off while its answer was being written.
private struct AnswerCutOff: Error {}
