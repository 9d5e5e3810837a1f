import EdgeCore

extension Components {
    static let systemSchemas: [(key: String, value: Schema)] = [
        ("Readiness", readiness), ("Health", health), ("SystemStatus", systemStatus), ("DeviceStatus", deviceStatus),
        ("ConfigurationKey", configurationKey), ("AuditLog", auditLog), ("SecurityEvent", securityEvent),
        ("ReportedEvent", reportedEvent), ("Usage", usage), ("Root", root),
    ]

    private static let readiness = Schema.object([
        .required("status", .choice(["ready", "not ready"])), .required("ready", .boolean),
        .required("reasons", .list(.openObject)),
    ])

    private static let health = Schema.object([
        .required("status", .choice(["healthy", "unhealthy"])), .optional("error", .anyText),
        .required("timestamp", .dateTime), .required("service", .anyText),
    ])

    private static let part = Schema.choice(["healthy", "warning", "error"])
    private static let absent = Schema.choice(["not_used"])
        .note("Named for clients of the reference, whose server has such a part. This device has none, and says so.")

    /// Whoever shows no credentials is told the first five only.
    private static let systemStatus = Schema.object([
        .required("status", .choice(["healthy", "degraded", "error"])), .required("version", .anyText),
        .required("uptime", Schema.anyText.note("`H:MM:SS`, with `N days, ` before it where it is so.")),
        .required("uptime_seconds", .count), .required("timestamp", .dateTime),
        .optional("database_status", part.note("From a question to the store, and the conditions about it.")),
        .optional("redis_status", absent), .optional("celery_status", absent),
        .optional("face_processing_status", part.note("From the conditions about models, liveness and cameras.")),
        .optional("total_clients", .count), .optional("active_sessions", .count),
        .optional("total_enrollments", Schema.count.note("Enrollments that were completed.")),
        .optional("total_authentications", Schema.count.note("Authentications that came to an end.")),
    ]).note(
        "Everybody is told status, version and uptime; the rest needs credentials. Totals are the caller's own "
            + "tenant's, and the whole device's for technicians; administrators see the number of all active clients.")

    private static let deviceStatus = Schema.object([
        .required("status", .choice(["ok", "degraded", "error"])), .required("role", .choice(["device", "central"])),
        .required("version", .anyText), .required("started_at", .dateTime),
        .required("uptime_seconds", .count), .required("address", .anyText),
        .optional("addresses", .list(.anyText)), .optional("tls_fingerprint", .anyText),
        .required("liveness_policy", .anyText), .optional("notice", .anyText),
        .required("models", .list(.openObject)), .required("cameras", .list(.openObject)),
        .required("people", .count), .required("open_sessions", .count), .required("key_source", .anyText),
        .optional("sqlite", .openObject),
        .optional("key_binding", Schema.anyText.note("Needed besides the disk: tpm2, credential, provider or none.")),
        .required("conditions", .list(.openObject)),
        .optional(
            "outbox", Schema.list(outboxLane).note("What waits for central; absent while the store does not answer.")),
        .optional("on_air", onAir), .optional("sync", syncStanding), .optional("central", centralStanding),
        .optional("decoder", decoderStanding),
    ])

    private static let onAir = Schema.object([
        .required("is_on_air", Schema.boolean.note("Whether frames of a camera go to a reader.")),
        .required("cameras", .list(.anyText)), .required("sign", .choice(OnAirStanding.Sign.self)),
    ])

    private static let decoderStanding = Schema.object([
        .required(
            "isolation",
            .choice(["off", "socket"]).note("Whether pictures are decoded in the daemon or in a process of their own.")),
        .optional("pictures", Schema.count.note("Decoded there, or found damaged.")),
        .optional("failures", Schema.count.note("At which that process ended, hung or was not there.")),
    ])

    private static let syncStanding = Schema.object([
        .required("phase", .anyText.note("Such as `online`, `offline`, `quarantined`.")),
        .optional("last_contact_at", .dateTime), .optional("lease_age_seconds", .count),
        .optional("lease_tier", .choice(["fresh", "aging", "closing", "expired"])),
        .required("people_without_model", .count),
        .optional("certificate_expires_at", Schema.dateTime.note("Of the certificate that central is shown.")),
    ])

    private static let outboxLane = Schema.object([
        .required("lane", .choice(["control", "enrollment", "audit", "events"])),
        .required("records", Schema.count.note("Records that wait.")), .required("bytes", .count),
        .optional("oldest_at", .dateTime), .required("last", Schema.count.note("The newest record's number.")),
        .required("acknowledged", Schema.count.note("Up to this number central has them on disk.")),
    ])

    private static let configurationKey = Schema.object([
        .required("id", .uuid), .required("key", Schema.anyText.note("As in the configuration file.")),
        .required("value", .anyText), .required("description", .anyText),
        .required("is_encrypted", Schema.boolean.note("Always false: no secret is shown.")),
        .required("is_active", .boolean), .required("created_at", .dateTime), .required("updated_at", .dateTime),
    ])

    /// The tenant, the person and the names that rows about what happened have in common.
    private static let subject: [Schema.Property] = [
        .required("client", Schema.uuid.orNull), .required("client_user", Schema.uuid.orNull),
        .optional("client_name", .anyText), .optional("client_user_name", .anyText),
    ]

    private static let origin: [Schema.Property] = [
        .required("ip_address", Schema.anyText.orNull), .required("user_agent", Schema.anyText.orNull),
    ]

    private static let auditLog = Schema.object(
        [.required("id", Schema.uuid.note("Holds the line's number in the chain."))] + subject + [
            .required("action", .anyText),
            .required("resource_type", .anyText), .required("resource_id", Schema.anyText.orNull),
        ] + origin + [
            .required("details", .openObject), .required("success", .boolean),
            .required("error_message", Schema.anyText.orNull.note("A stable reason or error code.")),
            .required("created_at", .dateTime),
        ])

    private static let securityEvent = Schema.object(
        [
            .required("id", .uuid), .required("event_type", .choice(SecurityEventType.self)),
            .required("severity", .choice(SecuritySeverity.self)),
        ] + subject + [.required("session", Schema.uuid.orNull)] + origin + [
            .required("details", .openObject), .required("resolved", .boolean),
            .required("resolved_at", Schema.dateTime.orNull), .required("resolved_by_client", Schema.uuid.orNull),
            .required("resolved_by_client_user", Schema.uuid.orNull), .optional("resolved_by_name", .anyText),
            .required("created_at", .dateTime),
        ])

    private static let reportedEvent = Schema.object([
        .required("success", .boolean), .required("message", .anyText), .required("id", .uuid),
    ])

    private static let usage = Schema.object(
        [
            .required("id", .uuid), .required("client", .uuid),
            .required("endpoint", .choice(UsageRecord.Category.self)), .required("method", .anyText),
            .required("status_code", .integer(100...599)),
        ] + origin + [
            .required("response_time_ms", .number(0...Double.infinity)),
            .required(
                "metadata",
                .object([
                    .required("path", Schema.anyText.note("With names for its parameters.")),
                    .required("query_params", Schema.openObject.note("Always empty: what was asked for is not kept.")),
                    .required("view_name", Schema.anyText.note("The operation's id in this document.")),
                ])),
            .required("created_at", .dateTime),
        ])

    private static let root = Schema.openObject.note("A name for each operation below, with its address.")
}
