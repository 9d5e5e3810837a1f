import EdgeCore

/// The body that tells about an erasure.
enum ErasureBody {
    /// An erasure with its receipt; nothing in it names anybody to somebody else.
    static func erasure(_ record: ErasureRecord, verifierKey: String) -> JSONObject {
        let receipt = record.receipt
        return [
            "id": .string(receipt.id.description), "client": .string(receipt.client.description),
            "client_user": .id(receipt.person), "cause": .string(receipt.cause.rawValue),
            "requested_at": .date(receipt.requestedAt), "erased_at": .date(receipt.erasedAt),
            "destroyed": .object(counts(receipt.destroyed)), "audit_line": .integer(receipt.auditLine),
            "key_destruction_due": .date(receipt.keyDestructionDue), "key_destroyed_at": .date(record.keyDestroyedAt),
            "receipt": .string(record.note), "completion": .text(record.completion),
            "verifier_key": .string(verifierKey),
        ]
    }

    private static func counts(_ counts: ErasureCounts) -> JSONObject {
        [
            "templates": .whole(counts.templates), "crops": .whole(counts.crops), "pictures": .whole(counts.pictures),
            "enrollments": .whole(counts.enrollments), "consents": .whole(counts.consents),
            "sessions": .whole(counts.sessions), "events": .whole(counts.events),
        ]
    }
}

extension Components {
    static let erasureSchemas: [(key: String, value: Schema)] = [("Erasure", erasure)]

    private static let erasure = Schema.object([
        .required("id", .uuid), .required("client", .uuid),
        .required("client_user", .uuid.orNull.note("Who was erased; `null` for all users of a client.")),
        .required("cause", .choice(ErasureCause.self)), .required("requested_at", .dateTime),
        .required("erased_at", .dateTime),
        .required(
            "destroyed",
            .object(
                ["templates", "crops", "pictures", "enrollments", "consents", "sessions", "events"].map {
                    .required($0, .count)
                })),
        .required("audit_line", .integer(0...Int.max).note("The line of the device's audit trail.")),
        .required(
            "key_destruction_due",
            .dateTime.orNull.note("By when the key is destroyed under which old copies could be opened.")),
        .required("key_destroyed_at", .dateTime.orNull.note("When it was; `null` until then.")),
        .required("receipt", .anyText.note("A signed note: text, blank line, Ed25519 signature by `verifier_key`.")),
        .required("completion", .anyText.orNull.note("A second signed note, once the key is destroyed.")),
        .required(
            "verifier_key", .anyText.note("Name, hash and public key; compare it with what the device shows you.")),
    ])
}
