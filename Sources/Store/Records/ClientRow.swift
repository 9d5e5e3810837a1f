import EdgeCore
import FoundationEssentials
import GRDB

/// A client as it stands in memory: the record, and the digests that its secrets are compared with.
struct KnownClient: Sendable {
    var record: ClientRecord
    let keyDigest: [UInt8]
    let secretDigest: [UInt8]
    /// The order of their making.
    let key: Int64
    /// Wrapped; `nil` while nothing of the client was sealed.
    let subjectKey: [UInt8]?
    /// What of the last activity is written down.
    var recordedActivity: Date?
    /// What travels of the secrets; `nil` for a client of an earlier version that has not shown them since.
    let verifiers: ClientVerifiers?
    /// In which version central was told of it, or told it; 0 for neither.
    let fleetVersion: Int64
    let home: ClientHome

    /// Reads a row.
    ///
    /// Throws `vault.seal.broken` for a profile that was changed.
    init(_ row: Row, _ sealer: any Sealer) throws {
        let profile = try ClientProfile(row, sealer)
        try self.init(row, profile: profile, verifiers: ClientVerifiers(row, sealer))
    }

    /// Reads what can be read of a row; whatever cannot is what gives the client least.
    ///
    /// One flipped bit in a client must not keep the store from opening. `nil` for a row of which not even the ids are right.
    static func sound(_ row: Row, _ sealer: any Sealer) throws -> (client: KnownClient?, isWhole: Bool) {
        if let whole = try whatOpens({ try KnownClient(row, sealer) }) { return (whole, true) }
        if let plain = try whatOpens({ try KnownClient(row, profile: ClientProfile()) }) { return (plain, false) }
        return (try whatOpens { try KnownClient(damaged: row) }, false)
    }

    private init(damaged row: Row) throws {
        record = try ClientRecord(damaged: row)
        keyDigest = row.bytes("key_digest")
        secretDigest = row.bytes("secret_digest")
        key = row["key"]
        subjectKey = (row["subject_key"] as Data?).map { Array($0) }
        recordedActivity = record.lastActivityAt
        verifiers = nil
        fleetVersion = row["fleet_version"]
        home = try whatOpens { try row.word("fleet_home") } ?? .here
    }

    /// Reads a row without what is sealed in it.
    init(_ row: Row, profile: ClientProfile, verifiers: ClientVerifiers? = nil) throws {
        record = try ClientRecord(row, profile: profile)
        keyDigest = row.bytes("key_digest")
        secretDigest = row.bytes("secret_digest")
        key = row["key"]
        subjectKey = (row["subject_key"] as Data?).map { Array($0) }
        recordedActivity = record.lastActivityAt
        self.verifiers = verifiers
        fleetVersion = row["fleet_version"]
        home = try row.word("fleet_home")
    }
}

/// Where a client is kept: changes to it are made there, or at central.
enum ClientHome: String {
    case here, elsewhere
    /// It was removed where it was kept, and is here for as long as somebody of it is.
    case removed
}

extension ClientProfile {
    init(_ row: Row, _ sealer: any Sealer) throws {
        guard let key = row["subject_key"] as Data?, let sealed = row["profile"] as Data? else {
            self.init()
            return
        }
        let bytes = try sealer.open(
            Array(sealed), subjectKey: Array(key), context: SealPlace.client(try row.id("id")))
        do {
            self = try JSONDecoder().decode(ClientProfile.self, from: Data(bytes))
        } catch {
            throw EdgeError(.storeCorrupt, "A client's profile has an unknown form.")
        }
    }

    func sealed(for client: ClientID, subjectKey: [UInt8], _ sealer: any Sealer) throws -> [UInt8] {
        try sealer.seal(
            Array(JSONEncoder().encode(self)), subjectKey: subjectKey, context: SealPlace.client(client))
    }
}

extension ClientRecord {
    init(_ row: Row, profile: ClientProfile) throws {
        try self.init(
            id: row.id("id"), publicID: row["public_id"], name: row["name"], scope: row.word("scope"),
            status: row.word("status"), tier: row.word("tier"), createdAt: row.date("created_at"))
        if let text = row["features"] as String? { features = try ClientFeatures(columnText: text) }
        rateLimit = RateLimit(perHour: row["rate_per_hour"], perDay: row["rate_per_day"])
        self.profile = profile
        hasWebhookSecret = row["webhook_secret_digest"] as Data? != nil
        tokenEpoch = row["token_epoch"]
        updatedAt = row.date("updated_at")
        lastActivityAt = row.optionalDate("last_activity_at")
    }

    /// Words that cannot be read are those that let in least.
    init(damaged row: Row) throws {
        try self.init(
            id: row.id("id"), publicID: row["public_id"], name: row["name"],
            scope: whatOpens { try row.word("scope") } ?? .door,
            status: whatOpens { try row.word("status") } ?? .inactive,
            tier: whatOpens { try row.word("tier") } ?? .basic, createdAt: row.date("created_at"))
        if let text = row["features"] as String? {
            let nothing = ClientFeatures(
                enrollment: false, recognition: false, livenessDetection: false, antiSpoofing: false,
                batchProcessing: false, analytics: false, webhookEvents: [], maximumUsers: 0,
                maximumTemplatesPerUser: 0)
            features = try whatOpens { try ClientFeatures(columnText: text) } ?? nothing
        }
        rateLimit = RateLimit(perHour: row["rate_per_hour"], perDay: row["rate_per_day"])
        hasWebhookSecret = row["webhook_secret_digest"] as Data? != nil
        tokenEpoch = row["token_epoch"]
        updatedAt = row.date("updated_at")
        lastActivityAt = row.optionalDate("last_activity_at")
    }

    /// The columns that a change writes, in the order of ``changeableColumns``.
    func changeableValues(subjectKey: [UInt8], _ sealer: any Sealer) throws -> StatementArguments {
        [
            name, scope.rawValue, status.rawValue, status.mayAuthenticate, tier.rawValue, try features.columnText,
            rateLimit.perHour, rateLimit.perDay, Data(subjectKey),
            Data(try profile.sealed(for: id, subjectKey: subjectKey, sealer)), tokenEpoch, updatedAt.column,
        ]
    }

    static let changeableColumns = [
        "name", "scope", "status", "is_active", "tier", "features", "rate_per_hour", "rate_per_day", "subject_key",
        "profile", "token_epoch", "updated_at",
    ]
}

extension ClientFeatures {
    /// Names in order, so that equal features are equal texts.
    fileprivate var columnText: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    fileprivate init(columnText: String) throws {
        do {
            self = try JSONDecoder().decode(ClientFeatures.self, from: Data(columnText.utf8))
        } catch {
            throw EdgeError(.storeCorrupt, "A client's features have an unknown form.")
        }
    }
}

extension SealPlace {
    static func client(_ id: ClientID) -> SealContext {
        SealContext(kind: "client", client: id, row: id.place, version: 1)
    }
}
