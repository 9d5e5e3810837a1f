import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Shows the configuration in force.
struct ConfigurationRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.list) { call in
            let page = PageOf(call.page, of: services.insight.device.configuration)
            return .json(try Page.body(page, of: call, body))
        }
        routes.add(Self.show) { call in
            let id = UUID(uuidString: call.path["id"] ?? "")
            let found = services.insight.device.configuration.first { Self.id(of: $0) == id }
            guard let found else { throw EdgeError(.recordUnknown) }
            return .json(body(found))
        }
    }

    private static let keepers = Access.scopes([.technician, .admin])

    static let list = Operation(
        .get, "/api/core/config", id: "core_config_list", tag: .system, "The configuration in force",
        access: keepers, answers: [.ok(Page.schema(of: .component("ConfigurationKey")), "One page, by key.")]
    ).asks(.page).with { $0.aliases = ["/api/config"] }.details("Read from the file at the start; no secret is shown.")

    static let show = Operation(
        .get, "/api/core/config/{id}", id: "core_config_retrieve", tag: .system, "One key of the configuration",
        access: keepers, answers: [.ok(.component("ConfigurationKey"))]
    ).ofUUID().with { $0.aliases = ["/api/config/{id}"] }

    /// Follows from the key, so that it is the same on every device and after every start.
    static func id(of entry: ConfigurationEntry) -> UUID { NumberedID.configurationKey.uuid(named: entry.key) }

    private func body(_ entry: ConfigurationEntry) -> JSONObject {
        let read = JSONValue.date(services.insight.device.configuredAt)
        return [
            "id": .uuid(Self.id(of: entry)), "key": .string(entry.key), "value": .string(entry.value),
            "description": .string(entry.about), "is_encrypted": false, "is_active": true, "created_at": read,
            "updated_at": read,
        ]
    }
}
