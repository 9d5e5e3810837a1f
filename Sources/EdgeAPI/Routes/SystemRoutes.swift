import EdgeCore
import FoundationEssentials
import Hummingbird

/// Says how the device is; for supervisors, technicians and load balancers.
struct SystemRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.open(.get, "/healthz", handler: alive)
        routes.open(.get, "/readyz", handler: ready)
        routes.open(.get, "/status", handler: status)
        routes.open(.get, "/health", "/api/health", "/api/core/health", handler: health)
        routes.open(.get, "/api/status", "/api/core/status", handler: brief)
    }

    @Sendable private func alive(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        .json(["status": "ok"])
    }

    @Sendable private func ready(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let isReady = await services.status.isReady()
        let reasons = services.health.current.filter { $0.severity == .error }.map { condition in
            JSONValue.object([
                "code": .string(condition.code), "subject": .text(condition.subject),
                "title": .string(condition.title), "remedy": .string(condition.remedy),
            ])
        }
        return .json(
            ["status": isReady ? "ready" : "not ready", "ready": .bool(isReady), "reasons": .array(reasons)],
            status: isReady ? .ok : .serviceUnavailable)
    }

    @Sendable private func status(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        .json(try StatusBody.bytes(await services.status.status()))
    }

    @Sendable private func health(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let isReady = await services.status.isReady()
        var body: JSONObject = ["status": isReady ? "healthy" : "unhealthy"]
        if !isReady {
            body["error"] = .string(services.health.current.first?.title ?? "The device is not ready.")
        }
        body.merge(["timestamp": .date(services.clock.wall), "service": "face-auth-api"])
        return .json(body, status: isReady ? .ok : .serviceUnavailable)
    }

    @Sendable private func brief(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let status = await services.status.status()
        return .json([
            "status": .string(status.status == "ok" ? "healthy" : status.status),
            "version": .string(status.version), "uptime_seconds": .integer(Int64(status.uptimeSeconds)),
            "active_sessions": .integer(Int64(status.openSessions)), "timestamp": .date(services.clock.wall),
        ])
    }
}

/// The status as JSON with names in snake case.
enum StatusBody {
    static func bytes(_ status: DeviceStatus) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(status))
    }
}
