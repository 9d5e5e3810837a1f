import EdgeCore

extension Components {
    static let clientSchemas: [(key: String, value: Schema)] = [
        ("Tokens", tokens), ("TokenState", tokenState), ("UserState", userState), ("ClientFeatures", clientFeatures),
        ("RateLimits", rateLimits), ("Client", client), ("NewClient", newClient),
        ("ResetCredentials", resetCredentials),
        ("ClientStatistics", clientStatistics), ("ClientInfo", clientInfo),
    ]

    private static let shownOnce = Schema.anyText.orNull.note("Shown once: `null` in a repeated answer.")

    private static let tokens = Schema.object([
        .required("access", .anyText), .required("refresh", .anyText.note("Good once.")),
        .required("access_token", .anyText.note("The same as `access`.")), .required("refresh_token", .anyText),
        .required("token_type", .choice(["JWT"])), .required("expires_at", .dateTime),
        .required("refresh_expires_at", .dateTime), .required("client_id", .anyText),
        .required("client_name", .anyText),
        .required("scope", .choice(ClientScope.self)), .required("tier", .choice(ClientTier.self)),
        .required("features", .component("ClientFeatures")), .required("rate_limits", .component("RateLimits")),
    ])

    private static let tokenState = Schema.object([
        .required("active", .boolean), .required("client_id", Schema.anyText.orNull.note("`null` for a technician.")),
        .required("scope", .choice(ClientScope.self)), .required("token_type", .choice(TokenUse.self)),
        .required("expires_at", .dateTime),
    ])

    private static let userState = Schema.object([
        .required("success", .boolean), .required("client_id", .anyText), .required("user_id", .anyText),
        .required("display_name", .anyText), .required("profile", .openObject), .required("is_enrolled", .boolean),
        .required("face_auth_enabled", .boolean), .required("metadata", .openObject),
        .required("last_recognition_at", Schema.dateTime.orNull),
    ])

    private static let rateLimits = Schema.object([.required("per_hour", .count), .required("per_day", .count)])

    /// The members of a client's features, in requests and in answers.
    static func features(required isRequired: Bool) -> [Schema.Property] {
        let flags = [
            "enrollment", "recognition", "liveness_detection", "anti_spoofing", "batch_processing", "analytics",
        ]
        let all: [Schema.Property] =
            flags.map { .required($0, .boolean) } + [
                .required("webhook_events", .list(.text(), maximum: 100)),
                .required("max_users_per_client", .integer(0...10_000_000)),
                .required("max_embeddings_per_user", .integer(1...10)),
            ]
        return isRequired ? all : all.map(\.asOptional)
    }

    private static let clientFeatures = Schema.object(features(required: true))

    private static let clientMembers: [Schema.Property] = [
        .required("id", .uuid), .required("client_id", .anyText), .required("name", .anyText),
        .required("description", .anyText), .required("domain", Schema.anyText.orNull),
        .required("scope", .choice(ClientScope.self)), .required("status", .choice(ClientStatus.self)),
        .required("tier", .choice(ClientTier.self)), .required("webhook_url", Schema.anyText.orNull),
        .required("allowed_domains", .list(.anyText)), .required("rate_limit_per_hour", .count),
        .required("rate_limit_per_day", .count), .required("features", .component("ClientFeatures")),
        .required("metadata", .openObject), .required("contact_email", Schema.anyText.orNull),
        .required("contact_name", Schema.anyText.orNull), .required("created_at", .dateTime),
        .required("updated_at", .dateTime), .required("last_activity", Schema.dateTime.orNull),
    ]

    private static let client = Schema.object(
        clientMembers + [
            .required("api_key", Schema.anyText.orNull.note("Never shown: `null`.")),
            .required("secret_key", Schema.anyText.orNull.note("Never shown: `null`.")),
        ])

    private static let newClient = Schema.object(
        clientMembers + [
            .required("api_key", shownOnce), .required("api_secret", shownOnce),
            .required("secret_key", shownOnce), .required("webhook_secret", shownOnce),
            .required("message", .anyText),
        ])

    private static let resetCredentials = Schema.object([
        .required("message", .anyText),
        .required(
            "credentials",
            .object([
                .optional("api_key", .anyText), .optional("api_secret", .anyText), .optional("secret_key", .anyText),
                .optional("webhook_secret", .anyText),
            ])),
    ])

    private static let clientStatistics = Schema.object([
        .required("total_users", .count), .required("enrolled_users", .count), .required("active_face_auth", .count),
        .required("total_enrollments", .count), .required("successful_authentications", .count),
        .required("failed_authentications", .count), .required("api_calls_last_24h", .count),
        .required("api_calls_last_7d", .count), .required("webhook_success_rate", .number(0...100)),
    ])

    private static let clientInfo = Schema.object([
        .required("client", .openObject), .required("rate_limits", .component("RateLimits")),
        .required("features", .component("ClientFeatures")), .required("allowed_domains", .list(.anyText)),
        .required("webhook", .openObject), .required("usage", .openObject), .required("analytics", .openObject),
        .required("timestamps", .openObject),
    ])
}
