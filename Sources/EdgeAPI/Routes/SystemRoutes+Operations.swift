import EdgeCore
import HTTPTypes

extension SystemRoutes {
    static let aliveOperation = Operation(
        .get, "/healthz", id: "healthz_retrieve", tag: .system, "Whether the process lives", access: .open,
        answers: [.ok(.object([.required("status", .anyText)]))])

    static let readyOperation = Operation(
        .get, "/readyz", id: "readyz_retrieve", tag: .system, "Whether sessions can be served", access: .open,
        answers: [
            .ok(.component("Readiness")),
            Operation.Answer(status: .serviceUnavailable, note: "Not ready.", schema: .component("Readiness")),
        ])

    /// Whoever looks after the device.
    private static let keepers = Access.optional([.technician, .integrator, .admin])

    static let statusOperation = Operation(
        .get, "/status", id: "status_retrieve", tag: .system, "The whole device, for technicians", access: keepers,
        answers: [.ok(.component("DeviceStatus"))]
    ).details("On this machine without credentials; over the network a technician's, integrator's or administrator's.")

    static let metricsOperation = Operation(
        .get, "/metrics", id: "metrics_retrieve", tag: .system, "Figures for Prometheus", access: keepers,
        answers: [
            Operation.Answer(
                status: .ok, note: "Text format 0.0.4.", schema: .anyText, contentType: "text/plain")
        ]
    ).details("Credentials as for `/status`.")

    static let healthOperation = Operation(
        .get, "/api/core/health", id: "core_health_retrieve", tag: .system, "Whether sessions can be served",
        access: .open,
        answers: [
            .ok(.component("Health")),
            Operation.Answer(status: .serviceUnavailable, note: "Not ready.", schema: .component("Health")),
        ]
    ).with { $0.aliases = ["/api/health", "/health"] }

    static let briefOperation = Operation(
        .get, "/api/core/status", id: "core_status_retrieve", tag: .system, "How the device is, in short",
        access: .optional(Set(ClientScope.allCases)), answers: [.ok(.component("SystemStatus"))]
    ).with { $0.aliases = ["/api/status"] }.details("Whoever shows credentials is told more.")
}
