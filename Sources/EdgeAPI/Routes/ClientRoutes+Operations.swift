import EdgeCore
import HTTPTypes

extension ClientRoutes {
    private static let path = "/api/clients/clients"

    static let list = Operation(
        .get, path, id: "clients_clients_list", tag: .clients, "The clients that the caller may see", access: .tenant,
        answers: [.page(of: "Client")]
    ).asks(.page).details("A client sees itself; an administrator sees all.")

    static let create = Operation(
        .post, path, id: "clients_clients_create", tag: .clients, "Make a client", access: .admin,
        answers: [.created(.component("NewClient"), "The client with its secrets, shown this once.")]
    ).takes(.object([name] + details + rights)).with { $0.creates = true }

    static let retrieve = Operation(
        .get, path + "/{id}", id: "clients_clients_retrieve", tag: .clients, "A client", access: .tenant,
        answers: [.ok(.component("Client"))]
    ).ofUUID()

    static let update = Operation(
        .put, path + "/{id}", id: "clients_clients_update", tag: .clients, "Change a client", access: .tenant,
        answers: [.ok(.component("Client")), conflict]
    ).ofUUID().takes(.object([name] + details + rights)).details(rightsNote)

    static let partialUpdate = Operation(
        .patch, path + "/{id}", id: "clients_clients_partial_update", tag: .clients, "Change some of a client",
        access: .tenant, answers: [.ok(.component("Client")), conflict]
    ).ofUUID().takes(.object([name.asOptional] + details + rights), required: false).details(rightsNote)

    static let destroy = Operation(
        .delete, path + "/{id}", id: "clients_clients_destroy", tag: .clients,
        "Remove a client with all that is its own",
        access: .admin, answers: [.noContent, conflict]
    ).ofUUID().details("People, templates, pictures, sessions and events go at once; the audit trail stays.")

    static let stats = Operation(
        .get, path + "/{id}/stats", id: "clients_clients_stats_retrieve", tag: .clients, "A client in numbers",
        access: .tenant, answers: [.ok(.component("ClientStatistics"))]
    ).ofUUID()

    static let reset = Operation(
        .post, path + "/{id}/reset_credentials", id: "clients_clients_reset_credentials_create", tag: .clients,
        "Make secrets anew", access: .tenant, answers: [.ok(.component("ResetCredentials"), "Shown this once.")]
    ).ofUUID().takes(
        .object([
            .optional("reset_api_key", .boolean), .optional("reset_secret_key", .boolean),
            .optional("reset_webhook_secret", .boolean),
        ])
    ).with { $0.body?.needsOneOf = ["reset_api_key", "reset_secret_key", "reset_webhook_secret"] }
        .details("With a new key or secret all tokens of the client end at once.")

    static let info = Operation(
        .get, "/api/core/info", id: "core_info_retrieve", tag: .clients, "The calling client and how it does",
        access: .sessions, answers: [.ok(.component("ClientInfo"))]
    ).with { $0.aliases = ["/api/info"] }

    private static let conflict = Operation.Answer.error(
        .conflict, "Another client has the name, or an administrator would lock itself out.")

    private static let rightsNote =
        "Scope, status, tier, limits and features are an administrator's to change; sent unchanged they do no harm."

    private static let name = Schema.Property.required("name", Schema.text(1...200))

    /// What a client may say about itself.
    private static let details: [Schema.Property] = [
        .optional("description", Schema.text(0...2000, blank: true)), .optional("domain", Schema.uri.orNull),
        .optional("webhook_url", Schema.uri.orNull.note("Informative: webhooks go to endpoints.")),
        .optional(
            "allowed_domains",
            Schema.list(.text(), maximum: 100).note("Hosts whose pages may call from a browser; `*.` takes all below.")),
        .optional("contact_email", Schema.email.orNull), .optional("contact_name", Schema.text().orNull),
        .optional("metadata", Schema.openObject.note("The client's own facts.")),
    ]

    /// What only an administrator may change.
    private static let rights: [Schema.Property] = [
        .optional("scope", .choice(ClientScope.self)), .optional("status", .choice(ClientStatus.self)),
        .optional("tier", .choice(ClientTier.self)),
        .optional("rate_limit_per_hour", .integer(1...1_000_000_000)),
        .optional("rate_limit_per_day", .integer(1...1_000_000_000)),
        .optional("features", .object(Components.features(required: false))),
    ]
}
