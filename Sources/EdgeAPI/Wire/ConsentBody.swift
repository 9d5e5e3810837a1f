import EdgeCore

/// What a person agreed to, as requests say it and answers tell it.
enum ConsentBody {
    /// The member of a request.
    static let asked = Schema.Property.optional(
        "consent",
        Schema.object(members).orNull.note("What the person agreed to; a device can be told to require it."))

    /// The member of an answer.
    static let told = Schema.Property.required(
        "consent",
        Schema.object(members + [.required("recorded_at", .dateTime.note("By the device's clock."))]).orNull.note(
            "What the client said that the person agreed to; `null` where it said nothing."))

    private static let members: [Schema.Property] = [
        .required(
            "text_version",
            Schema.text(1...ConsentRecord.maximumLength.version).note("Which text the person agreed to.")),
        .optional("text_sha256", Schema.formatted(.sha256, 64...64).orNull.note("SHA-256 of that text.")),
        .optional("given_by", fact.note("Who agreed, where it was not the person.")),
        .optional("given_at", Schema.dateTime.orNull.note("By your clock.")),
        .optional("method", fact.note("How, for example `paper`.")),
    ]
    private static let fact = Schema.text(1...ConsentRecord.maximumLength.fact).orNull

    /// What a request says; `nil` when it says nothing.
    static func consent(_ body: Fields) -> ConsentRecord? {
        guard let object = body.object("consent"), let version = object["text_version"]?.stringValue else {
            return nil
        }
        return ConsentRecord(
            textVersion: version, textSHA256: object["text_sha256"]?.stringValue?.lowercased(),
            givenBy: object["given_by"]?.stringValue,
            givenAt: object["given_at"]?.stringValue.flatMap(WireDate.parse), method: object["method"]?.stringValue)
    }

    /// A consent in an answer.
    static func value(_ consent: ConsentRecord?) -> JSONValue {
        guard let consent else { return .null }
        return [
            "text_version": .string(consent.textVersion), "text_sha256": .text(consent.textSHA256),
            "given_by": .text(consent.givenBy), "given_at": .date(consent.givenAt), "method": .text(consent.method),
            "recorded_at": .date(consent.recordedAt),
        ]
    }
}
