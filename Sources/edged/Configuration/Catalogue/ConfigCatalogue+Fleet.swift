extension ConfigCatalogue {
    static let people = [
        ConfigTable(
            "limits", "How often clients may ask.",
            [
                .standard("frames_per_second", "30", "Uploaded pictures of one session, a second."),
                .standard("anonymous_per_minute", "6000", "Requests of one address without credentials."),
            ]),
        ConfigTable(
            "consent", "What is asked before templates are made.",
            [.standard("required", "false", "Whether an enrollment must say what the person agreed to.", .reload)]),
        ConfigTable(
            "retention", "How long what is about people is kept.",
            [
                .standard(
                    "people_unseen", #""off""#, "How long a person is kept whom nobody sees; off for ever.", .reload),
                .standard("sessions", #""90d""#, "How long ended sessions are kept.", .reload),
                .standard("usage", #""90d""#, "How long calls of the API are kept.", .reload),
                .standard("security_events", #""365d""#, "How long security events are kept.", .reload),
                .standard("webhook_events", #""30d""#, "How long events and deliveries are kept.", .reload),
            ]),
        ConfigTable(
            "webhooks", "Delivery by the device itself; without it central delivers.",
            [
                .standard("local_delivery", "false", "Whether the device itself calls receivers on its network."),
                .example("allow", #"["192.168.1.0/24"]"#, "The only addresses that it calls."),
                .example("ca_file", #""receivers.pem""#, "Who is trusted for https receivers; else the system's."),
            ]),
        ConfigTable(
            "log", "What is logged.",
            [.standard("level", #""info""#, "debug, info, notice, warning or error.", .reload)]),
    ]

    static let line =
        [
            ConfigTable(
                "central",
                "A device needs nothing here: edged provision --central URL --token T. The rest is for edged central.",
                [
                    .example(
                        "url", #""https://central.example:8443""#, "The central server, for one that is no member."),
                    .standard("directory", #""/var/lib/edged/central""#, "Where the fleet's database is."),
                    .alternative(
                        "postgres", #""host=/run/postgresql dbname=edged""#,
                        "The fleet's books in PostgreSQL 15 or later instead; a connection string."),
                    .alternative("postgres_file", #""postgres.conninfo""#, "The same, in a file of its own."),
                    .standard("postgres_connections", "16", "The most connections to PostgreSQL."),
                    .standard("lease_fresh", #""1d""#, "For so long nothing is said of a central that is away."),
                    .standard("lease_enrolling", #""7d""#, "For so long people may be enrolled without it."),
                    .standard("lease_valid", #""30d""#, "For so long people are let in without it."),
                    .standard("connections", "800", "Connections of each listener; half of them may wait for news."),
                    .standard(
                        "client_certificates", #""off""#, "Whether members show certificates: off, optional, required."),
                    .standard("certificate_life", #""30d""#, "How long a member's certificate holds."),
                ]),
            ConfigTable(
                "sync", "How a member of a fleet reaches central.",
                [
                    .example(
                        "ca_file", #""central.pem""#, "Alone trusted for central, where edged provision did not say it."
                    ),
                    .example("proxy", #""http://127.0.0.1:3128""#, "The proxy that leads to central, by CONNECT."),
                    .example("proxy_credentials_file", #""proxy.secret""#, "NAME:PASSWORD for the proxy, in a file."),
                    .example("no_proxy", #"[".lan"]"#, "Centrals to which no proxy leads."),
                    .example("bytes_per_second", "20000", "The most that is sent."),
                    .standard("long_poll", #""25s""#, "How long central may wait for news before it answers."),
                    .standard(
                        "configuration", #""take""#,
                        "What becomes of a configuration that central sends: take, or refuse. It comes after the files."
                    ),
                    .standard(
                        "configuration_trial", #""2m""#,
                        "For so long it is watched; what makes the device ill is taken back."),
                    .example("tls_provider", #""tpm2""#, "The OpenSSL provider that has the key of its certificate."),
                    .example("tls_key", #""handle:0x81000002""#, "The key in it."),
                    .example("tls_tcti", #""device:/dev/tpmrm0""#, "How the TPM is reached."),
                ]),
            ConfigTable(
                "outbox", "What waits for central.",
                [
                    .standard(
                        "audit_full", #""deny""#,
                        "A full audit lane with a central: deny what must be audited, or degrade: the oldest records go."
                    )
                ]),
        ] + lanes

    private static let lanes = [
        ("control", "proofs of erasures and states", 100_000, 64), ("enrollment", "people", 50_000, 256),
        ("audit", "audit lines", 1_000_000, 256), ("events", "events of webhooks", 500_000, 192),
    ].map { name, what, records, mebibytes in
        ConfigTable(
            "outbox.\(name)", "The lane of \(what): without a central 10000 records and 16 MiB.",
            [
                .example("records", "\(records)", "The most records that wait for central."),
                .example("mebibytes", "\(mebibytes)", "The most that they take on disk."),
            ])
    }
}
