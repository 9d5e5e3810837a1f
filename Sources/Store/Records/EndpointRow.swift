import EdgeCore
import FoundationEssentials
import GRDB

/// What of an endpoint is on disk only sealed: where it is, its secrets, the client's own facts.
struct EndpointSecrets: Codable {
    /// A secret and until when it signs; the current one has no end.
    struct Secret: Codable {
        let text: String
        let until: Date?
    }

    var url: String
    var metadata: String
    /// The current one first, then those before it, newest first.
    var secrets: [Secret]

    /// The most secrets that sign at a time.
    static let mostSecrets = 5

    init(_ draft: WebhookEndpointDraft, secret: String) {
        url = draft.url
        metadata = draft.metadataJSON
        secrets = [Secret(text: secret, until: nil)]
    }

    /// Makes `secret` the current one; the one before it signs until `end`.
    mutating func replaceSecret(with secret: String, oldUntil end: Date, now: Date) {
        let old = secrets.map { Secret(text: $0.text, until: $0.until ?? end) }
        secrets = [Secret(text: secret, until: nil)] + old.filter { ($0.until ?? now) > now && $0.text != secret }
        secrets = Array(secrets.prefix(Self.mostSecrets))
    }

    /// What signs now.
    func signing(at now: Date) -> [Redacted<String>] {
        secrets.filter { secret in secret.until.map { $0 > now } ?? true }.map { Redacted($0.text) }
    }
}

/// An endpoint's row, unsealed.
struct EndpointRow {
    let key: Int64
    let subjectKey: [UInt8]
    var secrets: EndpointSecrets
    var record: WebhookEndpoint

    init(_ row: Row, _ sealer: any Sealer) throws {
        key = row["key"]
        subjectKey = row.bytes("subject_key")
        let id: EndpointID = try row.id("id")
        let client: ClientID = try row.id("client_id")
        let plain = try sealer.open(
            row.bytes("sealed"), subjectKey: subjectKey, context: SealPlace.endpoint(id, of: client))
        secrets = try JSONText.read(EndpointSecrets.self, from: plain)
        var draft = WebhookEndpointDraft(name: row["name"], url: secrets.url)
        draft.status = try row.word("status")
        draft.subscribedEvents = try JSONText.read([String].self, from: Array((row["subscribed"] as String).utf8))
        draft.maximumRetries = row["max_retries"]
        draft.retryDelay = row["retry_delay"]
        draft.metadataJSON = secrets.metadata
        record = WebhookEndpoint(id: id, client: client, draft: draft, createdAt: row.date("created_at"))
        record.totalDeliveries = row["total"]
        record.successfulDeliveries = row["successful"]
        record.failedDeliveries = row["failed"]
        record.updatedAt = row.date("updated_at")
        record.lastDeliveryAt = row.optionalDate("last_delivery_at")
    }
}

/// Small values as JSON in columns and sealed records.
enum JSONText {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try bytes(value), as: UTF8.self)
    }

    static func read<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            // The decoder's own words may quote what was sealed.
            throw EdgeError(.storeCorrupt, "A record has an unknown form.")
        }
    }
}

extension SealPlace {
    static func endpoint(_ id: EndpointID, of client: ClientID) -> SealContext {
        SealContext(kind: "webhook endpoint", client: client, row: id.place, version: 1)
    }

    static func event(_ id: EventID, of client: ClientID) -> SealContext {
        SealContext(kind: "webhook event", client: client, row: id.place, version: 1)
    }

    static func reply(_ id: DeliveryID, of client: ClientID) -> SealContext {
        SealContext(kind: "webhook reply", client: client, row: id.place, version: 1)
    }
}
