import EdgeCore
import HTTPTypes

extension AuditRoutes {
    static let lines = Operation(
        .get, "/api/core/audit-logs", id: "core_audit_logs_list", tag: .system, "The audit trail",
        access: .insight, answers: [.page(of: "AuditLog")]
    ).asks(.page).with { $0.aliases = ["/api/audit-logs"] }.details(
        """
        Every decision, act of an administrator, use of credentials and refusal, tied together by hashes: \
        `edged audit verify` finds any change. A tenant sees its own lines, an administrator also those of no tenant, \
        a technician all of the device without people.
        """)

    static let line = Operation(
        .get, "/api/core/audit-logs/{id}", id: "core_audit_logs_retrieve", tag: .system, "One line of the audit trail",
        access: .insight, answers: [.ok(.component("AuditLog"))]
    ).ofUUID().with { $0.aliases = ["/api/audit-logs/{id}"] }

    static let events = Operation(
        .get, "/api/core/security-events", id: "core_security_events_list", tag: .system, "Security events",
        access: .insight, answers: [.page(of: "SecurityEvent")]
    ).asks(.page).with { $0.aliases = ["/api/security-events"] }

    static let event = Operation(
        .get, "/api/core/security-events/{id}", id: "core_security_events_retrieve", tag: .system,
        "One security event", access: .insight, answers: [.ok(.component("SecurityEvent"))]
    ).ofUUID().with { $0.aliases = ["/api/security-events/{id}"] }

    static let reporting = Operation(
        .post, "/api/core/security/event", id: "core_security_event_create", tag: .system,
        "Report a security event that the device cannot see", access: .sessions,
        answers: [.ok(.component("ReportedEvent"), "Recorded.")]
    ).takes(
        .object([
            .required("event_type", .choice(SecurityEventType.self)),
            .optional("severity", Schema.choice(SecuritySeverity.self).note("`medium` when not said.")),
            .optional("details", Schema.openObject.note("Kept sealed. The newest 10,000 reports of a client stay.")),
        ])
    ).with {
        $0.aliases = ["/api/security/event"]
        $0.creates = true
    }
}
