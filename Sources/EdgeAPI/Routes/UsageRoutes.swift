import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Shows a client its own API calls.
struct UsageRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.list) { call in
            let page = try await services.insight.usage.calls(of: try call.client().id, page: call.page)
            return .json(try Page.body(page, of: call, Self.body))
        }
        routes.add(Self.show) { call in
            let number = try call.number(of: .apiCall)
            guard let found = try await services.insight.usage.call(number, of: try call.client().id) else {
                throw EdgeError(.recordUnknown)
            }
            return .json(Self.body(found))
        }
    }

    static let list = Operation(
        .get, "/api/clients/usage", id: "clients_usage_list", tag: .clients, "The client's own API calls",
        access: .tenant, answers: [.page(of: "Usage")]
    ).asks(.page).details("The newest 100,000 calls of the last 90 days are kept; a call appears within seconds.")

    static let show = Operation(
        .get, "/api/clients/usage/{id}", id: "clients_usage_retrieve", tag: .clients, "One API call",
        access: .tenant, answers: [.ok(.component("Usage"))]
    ).ofUUID()

    static func body(_ call: UsageRecord) -> JSONObject {
        [
            "id": .uuid(NumberedID.apiCall.uuid(call.number)), "client": .string(call.client.description),
            "endpoint": .string(call.category.rawValue), "method": .string(call.method),
            "status_code": .whole(call.status), "ip_address": .text(call.address),
            "user_agent": .text(call.userAgent), "response_time_ms": .rounded(call.milliseconds, places: 3),
            "metadata": [
                "path": .string(call.route), "query_params": [:], "view_name": .string(call.operation),
            ],
            "created_at": .date(call.at),
        ]
    }
}
