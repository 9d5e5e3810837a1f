import EdgeCore
import FoundationEssentials

/// The device in short, in the reference's words.
struct SystemSummary: Sendable {
    let services: APIServices

    func body(for call: APICall) async -> JSONObject {
        let device = await services.status.status()
        var body: JSONObject = [
            "status": .string(device.status == "ok" ? "healthy" : device.status), "version": .string(device.version),
            "uptime": .string(Self.uptime(device.uptimeSeconds)),
            "uptime_seconds": .whole(max(device.uptimeSeconds, 0)), "timestamp": .date(services.clock.wall),
        ]
        if case .nobody = call.caller { return body }
        do throws(EdgeError) {
            let totals = try await totals(for: call)
            body["database_status"] = Self.state(of: ["store", "vault"], device.conditions)
            body.merge(totals)
        } catch {
            // The totals are the real question to the store; a store that does not answer is what shall be told here.
            body["status"] = "error"
            body["database_status"] = "error"
        }
        body.merge([
            "redis_status": "not_used", "celery_status": "not_used",
            "face_processing_status": Self.state(of: ["recognition", "liveness", "capture"], device.conditions),
        ])
        return body
    }

    private func totals(for call: APICall) async throws(EdgeError) -> JSONObject {
        let client = try call.tenantFilter()
        let totals = try await services.insight.figures.totals(of: client)
        var clients = totals.clients
        // Administrators manage all clients.
        if client != nil, call.caller.scope == .admin {
            clients = try await services.clients.clients().count { $0.isActive }
        }
        return [
            "total_clients": .whole(clients), "active_sessions": .whole(totals.openSessions),
            "total_enrollments": .whole(totals.enrollments),
            "total_authentications": .whole(totals.authentications),
        ]
    }

    /// The worst of the conditions whose codes begin with one of these areas.
    private static func state(of areas: [String], _ conditions: [HealthCondition]) -> JSONValue {
        let worst = conditions.filter { condition in areas.contains { condition.code.hasPrefix($0 + ".") } }
            .map(\.severity).max()
        switch worst {
        case .error: return "error"
        case .warning: return "warning"
        case .info, nil: return "healthy"
        }
    }

    /// As the reference writes it: `H:MM:SS`, with days before it.
    static func uptime(_ seconds: Int) -> String {
        let seconds = max(seconds, 0)
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = "\(rest / 3600):\(two(rest % 3600 / 60)):\(two(rest % 60))"
        return days == 0 ? time : "\(days) day\(days == 1 ? "" : "s"), \(time)"
    }
}
