import EdgeCore
import SyncCore

/// The messages of `SyncCore/Wire` for readers; the messages themselves are decoded by their types.
extension Components {
    static let syncSchemas: [(key: String, value: Schema)] = [
        ("SyncRefusal", refusal), ("ModelName", modelName), ("ProvisionRequest", provisionRequest),
        ("ProvisionAnswer", provisionAnswer), ("OpenRequest", openRequest), ("OpenAnswer", openAnswer),
        ("SyncRecord", record), ("PushRequest", pushRequest), ("PushAnswer", pushAnswer),
        ("SubjectVersion", subjectVersion), ("ScopeCursor", cursor), ("PullRequest", pullRequest),
        ("SyncEntry", entry), ("PullAnswer", pullAnswer), ("ConsentRequest", consentRequest),
        ("ConsentAnswer", consentAnswer), ("CertificateRequestMessage", certificateRequest),
        ("CertificateAnswer", certificateAnswer),
    ]

    private static let number = Schema.integer(0...Int.max)
    private static let hash = Schema.formatted(.sha256, 64...64)
    private static let model = Schema.component("ModelName")
    private static let moment = Schema.integer(Int.min...Int.max).note("Microseconds since 1970.")
    private static let key = Schema.formatted(.base64, 44...44).note("32 bytes, base64.")
    private static let lane = Schema.choice(Lane.self)

    private static let refusal = Schema.object([
        .required("detail", .anyText), .required("code", .anyText.note("Such as `sync.gap`.")),
        .optional("sequence", number.note("The record that `sync.gap` and `sync.fork` are about.")),
        .optional("retry_ms", number.note("When to come again, with `sync.busy`.")),
    ])

    private static let modelName = Schema.object([.required("id", .anyText), .required("version", .anyText)])

    private static let provisionRequest = Schema.object([
        .required("token", .anyText), .required("device", Schema.uuid.note("The device's own id.")),
        .required("name", .anyText.note("What it is called, for people.")),
        .required("public_key", key.note("Ed25519, 32 bytes, base64.")),
        .required(
            "proof",
            Schema.formatted(.base64, 88...88).note("A signature over version, device, key and token, base64.")),
        .required("model", model), .required("software", .anyText),
    ])

    private static let provisionAnswer = Schema.object([
        .required("api_key", .anyText), .required("api_secret", .anyText.note("Shown this once.")),
        .required("pseudonym_key", key), .required("central_key", key.note("Ed25519; leases are signed with it.")),
        .required("incarnation", .uuid), .required("name", .anyText.note("What the device is called here.")),
    ])

    private static let openRequest = Schema.object([
        .required(
            "opening",
            .object([
                .required("epoch", .uuid), .required("history", .list(.uuid)),
                .required("reason", .choice(EpochReason.self)),
            ])),
        .required("model", model), .required("software", .anyText),
    ])

    private static let openAnswer = Schema.object([
        .required("known", .boolean), .required("incarnation", .uuid),
        .required(
            "lanes",
            .list(.object([.required("lane", lane), .required("acknowledged", number), .required("head", hash)]))),
        .required("model", model.note("Of the fleet's templates.")),
        .optional("batch", number.note("The most records of one push; \(RecordBatch.usual) where it is not there.")),
    ])

    private static let record = Schema.object([
        .required("kind", .anyText.note("Such as `enrollment.completed`.")), .optional("tenant", Schema.uuid.orNull),
        .optional("person", Schema.uuid.orNull), .required("wall", moment), .optional("boot", Schema.uuid.orNull),
        .optional("boot_ns", Schema.integer(Int.min...Int.max).orNull), .optional("quality", Schema.anyText.orNull),
        .optional("payload", Schema.anyText.orNull),
        .optional("digest", hash.orNull.note("SHA-256 of the payload, where that is there no more.")),
    ])

    private static let pushRequest = Schema.object([
        .required("epoch", .uuid), .required("lane", lane), .required("first", number), .required("previous", hash),
        .required("head", hash), .optional("lost_from", Schema.integer(0...Int.max).orNull),
        .required("records", Schema.list(.component("SyncRecord")).note("At most `batch` of the answer to `open`.")),
        .optional("checkpoint", Schema.anyText.orNull.note("A signed note about the audit trail.")),
    ])

    private static let pushAnswer = Schema.object([
        .required("incarnation", .uuid), .required("acknowledged", number), .required("head", hash),
        .required(
            "refused",
            .list(
                .object([
                    .required("sequence", number), .required("reason", .anyText), .optional("subject", .uuid),
                    .optional("version", .component("SubjectVersion")),
                ]))),
        .required(
            "settled",
            .list(
                .object([
                    .required("sequence", number), .required("subject", .uuid),
                    .required("version", .component("SubjectVersion")),
                    .required("point", .object([.required("scope", .uuid), .required("change", number)])),
                ]))),
        .required("time", moment), .required("wait_ms", number), .optional("cosigned", .anyText),
    ])
}

extension Components {
    private static let subjectVersion = Schema.object([
        .required("consent", number), .required("generation", number),
        .required("time", .object([.required("wall", moment), .required("counter", number)])),
        .required("device", .uuid),
    ])

    private static let cursor = Schema.object([.required("removals", number), .required("changes", number)])

    private static let certificateRequest = Schema.object([
        .required("request", Schema.anyText.note("PKCS #10 in PEM, of a key on P-256.")),
        .required(
            "proof", Schema.formatted(.base64, 88...88).note("A signature over version, device and request, base64.")),
    ])

    private static let certificateAnswer = Schema.object([
        .required("certificate", Schema.anyText.note("In PEM; its subject is the device's id.")),
        .required("authority", Schema.anyText.note("Who signed it, in PEM.")), .required("expires_at", moment),
    ])

    private static let pullRequest = Schema.object([
        .optional("incarnation", Schema.uuid.orNull),
        .required(
            "cursors",
            .list(.object([.required("scope", .uuid), .required("cursor", .component("ScopeCursor"))]), maximum: 1000)),
        .required("mistrusted", Schema.list(.uuid, maximum: 1000).note("Scopes to be sent anew.")),
        .required("wait_ms", .integer(0...60_000)),
        .optional(
            "tenants", Schema.anyText.orNull.note("The `tenants_digest` that was last applied; empty before the first.")
        ),
        .optional("roots", number.orNull.note("The number of the announcement of roots that was last taken.")),
    ])

    private static let fleetClient = Schema.object([
        .required("version", number), .required("public_id", .anyText), .required("name", .anyText),
        .required("scope", .choice(FleetClient.travellingScopes.sorted())), .required("status", .anyText),
        .required("tier", .anyText), .required("features", .anyText), .required("rate_per_hour", number),
        .required("rate_per_day", number), .required("created_at", moment), .required("key_verifier", hash),
        .required("secret_verifier", hash),
    ])

    private static let tenant = Schema.object([
        .required("id", .uuid), .required("name", .anyText), .optional("client", fleetClient.orNull),
        .optional("removed", Schema.integer(0...Int.max).orNull), .optional("own", Schema.boolean.orNull),
    ])

    private static let entry = Schema.object([
        .required("subject", .uuid), .required("change", number),
        .required("kind", .choice(["put", "left", "erased"])),
        .optional("version", .component("SubjectVersion")), .optional("below", number), .optional("tenant", .uuid),
        .optional("person", .anyText.note("The payload of the enrollment.")),
    ])

    private static let pullAnswer = Schema.object([
        .required("incarnation", .uuid), .required("time", moment),
        .required(
            "scopes",
            .list(
                .object([
                    .required("scope", .uuid), .required("snapshot", .boolean),
                    .required("entries", .list(.component("SyncEntry"))), .required("next", .component("ScopeCursor")),
                    .required("complete", .boolean), .optional("root", hash),
                ]))),
        .required("tenants", .list(tenant)),
        .optional("tenants_digest", hash.note("Of the clients that the device is told of.")),
        .required("lease", .anyText.note("A signed note: for how long the device may go on alone.")),
        .required("more", .boolean), .optional("retry_ms", number),
        .optional("roots", .anyText.note("A signed note: what verifies central from now on.")),
        .optional(
            "certificates",
            Schema.choice(CertificatePolicy.self).note("Whether members are asked for certificates; absent where not.")),
    ])

    private static let consentRequest = Schema.object([.required("subject", .uuid)])
    private static let consentAnswer = Schema.object([.required("consent", number)])
}
