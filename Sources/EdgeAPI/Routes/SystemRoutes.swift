import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Says how the device is; for supervisors, technicians and load balancers.
struct SystemRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.aliveOperation) { _ in .json(["status": "ok"]) }
        routes.add(Self.readyOperation) { _ in await ready() }
        routes.add(Self.statusOperation) { call in
            try call.requireKeeper()
            return try await status()
        }
        routes.add(Self.metricsOperation) { call in
            try call.requireKeeper()
            return await metrics()
        }
        routes.add(Self.healthOperation) { _ in await health() }
        routes.add(Self.briefOperation) { call in .json(await SystemSummary(services: services).body(for: call)) }
    }

    /// What the command line reads over the control socket.
    func addLocal(to routes: inout RouteBuilder) {
        routes.open(.get, "/healthz") { _, _ in .json(["status": "ok"]) }
        routes.open(.get, "/readyz") { _, _ in await ready() }
        routes.open(.get, "/status") { _, _ in try await status() }
    }

    private func ready() async -> Response {
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

    private func status() async throws -> Response {
        .json(try StatusBody.bytes(await services.status.status()))
    }

    private func metrics() async -> Response {
        let text = await DeviceMetrics(services: services).text()
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func health() async -> Response {
        let isReady = await services.status.isReady()
        var body: JSONObject = ["status": isReady ? "healthy" : "unhealthy"]
        if !isReady {
            body["error"] = .string(services.health.current.first?.title ?? "The device is not ready.")
        }
        body.merge(["timestamp": .date(services.clock.wall), "service": "face-auth-api"])
        return .json(body, status: isReady ? .ok : .serviceUnavailable)
    }
}

extension APICall {
    /// On this machine everybody may look after the device; on the network only who shows credentials for it.
    ///
    /// Throws `credentials.missing`.
    func requireKeeper() throws(EdgeError) {
        switch (context.listener, caller) {
        case (_, .client), (_, .technician), (.unixSocket, .nobody): return
        case (.loopback, .nobody):
            // A page of another host whose name leads here must not read what the machine's own may.
            guard isForThisMachine else { throw EdgeError(.credentialsMissing) }
        case (.lan, .nobody): throw EdgeError(.credentialsMissing)
        }
    }

    /// Whether the request names this machine as its host, or none.
    private var isForThisMachine: Bool {
        guard let authority = request.head.authority, !authority.isEmpty else { return true }
        let host =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "::1" || IPv4Text.isLoopback(host)
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
