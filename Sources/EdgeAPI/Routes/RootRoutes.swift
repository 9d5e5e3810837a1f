import EdgeCore
import HTTPTypes
import Hummingbird

/// Tells what there is below a path, with addresses, as the reference's routers do.
struct RootRoutes: Sendable {
    /// The groups under `/api`.
    private static let groups = ["analytics", "auth", "clients", "core", "webhooks"]

    /// Call it after everything else: it lists what was added before.
    func add(to routes: inout RouteBuilder) {
        let paths = routes.operations.map(\.path).filter { !$0.contains("{") }
        routes.add(Self.root("/api", id: "api_root_retrieve", "The groups of the API")) { call in
            .json(Self.map(Self.groups, below: "/api", call))
        }
        for group in Self.groups {
            let base = "/api/\(group)"
            let names = Set(paths.filter { $0.hasPrefix(base + "/") }.map { String($0.dropFirst(base.count + 1)) })
            let operation = Self.root(base, id: "api_\(group)_root_retrieve", "What there is in the group \(group)")
            routes.add(operation) { call in .json(Self.map(names.sorted(), below: base, call)) }
        }
    }

    private static func root(_ path: String, id: String, _ summary: String) -> Operation {
        Operation(
            .get, path, id: id, tag: .system, summary, access: .anyClient, answers: [.ok(.component("Root"))])
    }

    private static func map(_ names: [String], below base: String, _ call: APICall) -> JSONObject {
        JSONObject(unique: names.map { ($0, .string("\(call.origin)\(base)/\($0)/")) })
    }
}
