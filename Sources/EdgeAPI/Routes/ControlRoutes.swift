import EdgeCore
import HTTPTypes
import Hummingbird

/// The administrator's commands; served on the Unix socket only.
struct ControlRoutes: Sendable {
    let control: any LocalControl
    let body: BodyReader

    func add(to routes: inout RouteBuilder) {
        routes.open(.post, "/control/:command", handler: run)
    }

    @Sendable private func run(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        guard let command = context.parameters.get("command") else { throw EdgeError(.requestNotFound) }
        var arguments = try await body.bytes(of: request)
        if arguments.isEmpty { arguments = Array("{}".utf8) }
        do {
            return .json(try await control.run(command: command, argumentsJSON: arguments))
        } catch {
            // The command line shows the remedy beside the error.
            throw RequestFailure(error: error, extra: ["remedy": .string(error.code.remedy)])
        }
    }
}
