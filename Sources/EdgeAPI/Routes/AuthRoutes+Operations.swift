import EdgeCore
import HTTPTypes

extension AuthRoutes {
    static let logIn = Operation(
        .post, "/api/core/auth/client", id: "auth_client_create", tag: .authentication,
        "API key and secret for an access and a refresh token", access: .open,
        answers: [.ok(.component("Tokens")), .error(.unauthorized, "The key or the secret is wrong.")]
    ).takes(
        .object([
            .optional("api_key", Schema.text(1...256).orNull.note("Not needed where the client is clear without it.")),
            .required("api_secret", Schema.text(1...512)),
            .optional("client_id", Schema.text().orNull),
        ])
    ).with { $0.aliases = ["/api/auth/client"] }

    static let refreshing = Operation(
        .post, "/api/core/auth/refresh", id: "auth_refresh_create", tag: .authentication,
        "A refresh token for a new pair", access: .open,
        answers: [.ok(.component("Tokens")), .error(.unauthorized, "The token is not good, or was used before.")]
    ).takes(.object([.required("refresh", token)])).with { $0.aliases = ["/api/auth/refresh"] }
        .details(
            "Each refresh token is good once. One that comes a second time was copied: all tokens of its log-in end.")

    static let verifying = Operation(
        .post, "/api/core/auth/verify", id: "auth_verify_create", tag: .authentication, "Whether a token holds",
        access: .open,
        answers: [.ok(.component("TokenState")), .error(.unauthorized, "The token does not hold.")]
    ).takes(.object([.required("token", token)])).with { $0.aliases = ["/api/auth/verify"] }

    static let revoking = Operation(
        .post, "/api/core/auth/revoke", id: "auth_revoke_create", tag: .authentication,
        "End a token and all tokens of the same log-in", access: .open,
        answers: [
            .ok(.object([.required("revoked", .boolean), .required("message", .anyText)])),
            .error(.unauthorized, "The token is not one of this device."),
        ]
    ).takes(.object([.required("token", token)]))
        .with { $0.aliases = ["/api/auth/revoke", "/api/core/auth/logout", "/api/auth/logout"] }
        .details("An access or a refresh token; one that has ended already is no error.")

    static let user = Operation(
        .post, "/api/core/auth/user", id: "auth_user_create", tag: .authentication,
        "Whether a user is known, and what is known", access: .tenant,
        answers: [.ok(.component("UserState")), .error(.unauthorized, "Another client's id, or no such user.")]
    ).takes(
        .object([
            .required("client_id", Schema.text().note("The caller's own.")),
            .required("external_user_id", Schema.text(number: true)),
        ])
    ).with { $0.aliases = ["/api/auth/user"] }

    private static let token = Schema.text(1...TokenForm.maximumLength)
}
