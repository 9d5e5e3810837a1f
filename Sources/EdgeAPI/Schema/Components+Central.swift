extension Components {
    /// Of a status.
    static let centralStanding = Schema.object([
        .required("at", Schema.dateTime.note("When it was looked at.")),
        .optional(
            "database",
            Schema.object([
                .required("kind", .choice(["sqlite", "postgresql"])), .required("version", .anyText),
                .required("schema", Schema.count.note("The version of central's tables.")),
                .required("known_schema", .count),
                .optional("used_connections", Schema.count.note("Of the server, now.")),
                .optional("connection_limit", .count),
            ]).note("Absent while it does not answer; `fault` tells why.")), .optional("fault", .anyText),
        .optional(
            "fleet",
            .object([
                .required("members", .count),
                .required("silent", Schema.count.note("Not heard of for longer than their lease stays fresh.")),
                .optional("longest_silent", Schema.anyText.note("The device that was heard of longest ago.")),
                .optional("longest_silent_since", .dateTime), .required("quarantined", waiting),
                .required("erasures", waiting), .required("events", waiting),
                .optional("authority_expires_at", Schema.dateTime.note("Who signs the certificates of devices.")),
            ])), .optional("deliveries", waiting),
        .optional("certificate_expires_at", Schema.dateTime.note("Of the certificate that devices are shown.")),
        .optional("roots_expire_at", Schema.dateTime.note("Of the first of the announced roots.")),
    ]).note("What a central instance needs.")

    private static let waiting = Schema.object([.required("waiting", .count), .optional("oldest_at", .dateTime)])
}
