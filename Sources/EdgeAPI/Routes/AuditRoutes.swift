import EdgeCore
import FoundationEssentials
import Hummingbird

/// Shows the audit trail and the security events, and takes reports of such events.
struct AuditRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.lines, lines)
        routes.add(Self.line, line)
        routes.add(Self.events, events)
        routes.add(Self.event, event)
        routes.add(Self.reporting, report)
    }

    private func lines(_ call: APICall) async throws -> Response {
        let page = try await services.insight.audit.lines(try call.insightView(), page: call.page)
        return .json(try Page.body(page, of: call) { AuditBody.line($0, for: call) })
    }

    private func line(_ call: APICall) async throws -> Response {
        let sequence = try call.number(of: .auditLine)
        guard let found = try await services.insight.audit.line(sequence, try call.insightView()) else {
            throw EdgeError(.recordUnknown)
        }
        return .json(AuditBody.line(found, for: call))
    }

    private func events(_ call: APICall) async throws -> Response {
        let filter = SecurityFilter(try call.insightView())
        let page = try await services.insight.security.events(filter, page: call.page)
        return .json(try Page.body(page, of: call) { AuditBody.event($0, for: call) })
    }

    private func event(_ call: APICall) async throws -> Response {
        guard let found = try await services.insight.security.event(try call.id(), try call.insightView()) else {
            throw EdgeError(.recordUnknown)
        }
        return .json(AuditBody.event(found, for: call))
    }

    private func report(_ call: APICall) async throws -> Response {
        let type = try call.body.requiredText("event_type")
        guard let type = SecurityEventType(rawValue: type) else {
            throw EdgeError(.requestInvalid, field: "event_type")
        }
        let severity = call.body.text("severity").flatMap(SecuritySeverity.init(rawValue:)) ?? .medium
        let event = SecurityEventRecord(
            type: type, severity: severity, client: try call.client().id,
            detailsJSON: call.body.objectText("details") ?? "{}", createdAt: services.clock.wall)
        try await services.insight.security.report(event)
        return .json(["success": true, "message": "Security event logged", "id": .string(event.id.description)])
    }
}

/// The rows of the audit trail and the security events.
enum AuditBody {
    static func line(_ entry: AuditEntry, for call: APICall) -> JSONObject {
        let record = entry.record
        var details = JSONObject.stored(record.detailsJSON)
        let (address, program) = (details["ip_address"] ?? .null, details["user_agent"] ?? .null)
        details["ip_address"] = nil
        details["user_agent"] = nil
        let resource = resource(of: record, for: call)
        var body: JSONObject = ["id": .uuid(NumberedID.auditLine.uuid(entry.sequence))]
        body.merge(subject(record.client, record.person, entry.personName, call))
        body.merge([
            "action": .string(record.action), "resource_type": .string(resource.type), "resource_id": resource.id,
            "ip_address": address, "user_agent": program, "details": .object(details),
            "success": .bool(record.succeeded), "error_message": .text(record.reason),
            "created_at": .date(record.at),
        ])
        return body
    }

    static func event(_ event: SecurityEventRecord, for call: APICall) -> JSONObject {
        var body: JSONObject = [
            "id": .string(event.id.description), "event_type": .string(event.type.rawValue),
            "severity": .string(event.severity.rawValue),
        ]
        body.merge(subject(event.client, event.person, event.personName, call))
        body.merge([
            "session": .id(event.session), "ip_address": .text(event.address), "user_agent": .text(event.userAgent),
            "details": .object(JSONObject.stored(event.detailsJSON)), "resolved": .bool(event.isResolved),
            "resolved_at": .date(event.resolvedAt), "resolved_by_client": .null, "resolved_by_client_user": .null,
            "created_at": .date(event.createdAt),
        ])
        return body
    }

    /// Tenant and person, with their names where the caller may know them and there are any.
    private static func subject(
        _ client: ClientID?, _ person: PersonID?, _ personName: String?, _ call: APICall
    ) -> JSONObject {
        let person = call.seesPeople ? person : nil
        var body: JSONObject = ["client": .id(client), "client_user": .id(person)]
        if let own = call.caller.client, own.id == client { body["client_name"] = .string(own.name) }
        if person != nil, let personName { body["client_user_name"] = .string(personName) }
        return body
    }

    /// What a line is about: its session, its person, or what its action begins with.
    private static func resource(of record: AuditRecord, for call: APICall) -> (type: String, id: JSONValue) {
        if let session = record.session { return ("session", .id(session)) }
        if let person = record.person, call.seesPeople { return ("user", .id(person)) }
        let noun = record.action.split(separator: ".").first.map(String.init) ?? record.action
        return (noun, noun == "client" ? .id(record.client) : .null)
    }
}
