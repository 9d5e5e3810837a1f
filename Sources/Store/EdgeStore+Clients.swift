public import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import Synchronization

extension EdgeStore: ClientRepository {
    /// The longest name, characters.
    static let longestName = 200

    /// Makes a client with fresh credentials and writes the audit line.
    ///
    /// Throws `client.exists`, `request.invalid`.
    public func createClient(_ draft: ClientDraft) async throws(EdgeError) -> ClientCredentials {
        try Self.check(name: draft.name)
        let secrets = try freshSecrets(Set(ClientSecret.allCases))
        let stored = try stored(secrets)
        let key = try sealer.makeSubjectKey()
        let record = ClientRecord(draft, publicID: Self.freshPublicID(), at: clock.wall)
        let client = try await write { [self] db in
            try requireFreeName(record.name, db)
            try insert(record, stored, subjectKey: key, db)
            try audit(
                AuditRecord(
                    action: "client.created", client: record.id, succeeded: true,
                    detailsJSON: #"{"scope":"\#(record.scope.rawValue)","tier":"\#(record.tier.rawValue)"}"#,
                    at: record.createdAt), db)
            try tellClient(record.id, db)
            return try remember(record.id, db)
        }
        return try ClientCredentials(client: client, secrets)
    }

    /// A row of a client that is not there yet.
    func insert(
        _ record: ClientRecord, _ stored: StoredSecrets, subjectKey: [UInt8], home: ClientHome = .here,
        version: Int64 = 0, _ db: Database
    ) throws {
        let columns = [
            "id", "public_id", "created_at", "key_digest", "secret_digest", "webhook_secret_digest", "verifiers",
            "fleet_home", "fleet_version",
        ]
        let values: StatementArguments = [
            record.id.column, record.publicID, record.createdAt.column, stored.digests[.apiKey],
            stored.digests[.apiSecret], stored.digests[.webhookSecret],
            Data(try stored.verifiers.sealed(for: record.id, subjectKey: subjectKey, sealer)), home.rawValue, version,
        ]
        let all = columns + ClientRecord.changeableColumns
        try db.execute(
            sql: """
                INSERT INTO clients (\(all.joined(separator: ", ")))
                VALUES (\(all.map { _ in "?" }.joined(separator: ", ")))
                """, arguments: values + record.changeableValues(subjectKey: sealer.rewrap(subjectKey), sealer))
    }

    /// All clients, oldest first.
    public func clients() async throws(EdgeError) -> [ClientRecord] { try cached { $0.all.map(\.record) } }

    /// A client by id, active or not.
    public func client(_ id: ClientID) async throws(EdgeError) -> ClientRecord? { try cached { $0[id]?.record } }

    /// The active client of an API key alone; `nil` when there is none.
    public func client(apiKey: String) async throws(EdgeError) -> ClientRecord? {
        try known(apiKey: apiKey).flatMap { $0.record.isActive ? $0.record : nil }
    }

    /// Checks a secret; writes down what travels of it where that was not known.
    ///
    /// An unknown name takes the same steps as a wrong secret: all digests are made and compared.
    public func check(_ claim: ClientClaim) async throws(EdgeError) -> CredentialCheck {
        let known: KnownClient?
        switch claim.name {
        case .apiKey(let key): known = try self.known(apiKey: key)
        case .id(let id): known = try cached { $0[id] }
        }
        let digests = try digests(of: claim.apiSecret, as: .apiSecret)
        let wanted = known?.secretDigest ?? [UInt8](repeating: 0, count: digests.present.count)
        let isPresent = secrets.equal(digests.present, wanted)
        let isEqual = secrets.equal(digests.former, wanted) || isPresent
        guard let known, isEqual, known.record.isActive else { return .refused(known?.record.id) }
        await learnVerifiers(of: known, from: claim)
        return .accepted(known.record)
    }

    /// Notes that a client's credentials were used now; written down every five minutes at most.
    public func noteActivity(of id: ClientID) async {
        let now = clock.wall
        guard clientCache.withLock({ $0?.noteActivity(of: id, at: now) ?? false }) else { return }
        do throws(EdgeError) {
            try await write { [self] db in
                let last = try Int64.fetchOne(
                    db, sql: "SELECT last_activity_at FROM clients WHERE id = ?", arguments: [id.column])
                try Self.recordActivity(of: id, at: now, db)
                // One line for each clock hour of use: each call has its row in the usage.
                let hour: Int64 = 3_600_000_000
                guard last.map({ $0 / hour != now.column / hour }) ?? true else { return }
                try audit(AuditRecord(action: "credentials.used", client: id, succeeded: true, at: now), db)
            }
        } catch {
            log.warning("a client's activity was not recorded", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    /// Writes down when a client's credentials were used.
    static func recordActivity(of id: ClientID, at moment: Date, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE clients SET last_activity_at = ? WHERE id = ?")
            .execute(arguments: [moment.column, id.column])
    }

    static func check(name: String) throws(EdgeError) {
        let count = name.unicodeScalars.count
        guard name.contains(where: { !$0.isWhitespace }), count <= longestName else {
            throw EdgeError(
                .requestInvalid, "A client's name has 1 to \(longestName) characters.", field: "name")
        }
    }

    func requireFreeName(_ name: String, besides id: ClientID? = nil, _ db: Database) throws {
        let holder = try Data.fetchOne(db, sql: "SELECT id FROM clients WHERE name = ?", arguments: [name])
        guard holder == nil || holder == id?.column else { throw EdgeError(.clientExists) }
    }

    /// A name, not a secret: unlikely to be met twice is enough.
    static func freshPublicID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16, uppercase: true)
        return "FR_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

// MARK: What is kept in memory

extension EdgeStore {
    /// Reads all clients: when the file is opened, and when their keys were wrapped anew.
    ///
    /// A client whose profile was changed by somebody else keeps its rights and loses what people knew about it: one
    /// damaged row must not close the door for everybody.
    func loadClients() async throws(EdgeError) {
        let broken = try await read { [self] db in
            let known = try Row.fetchAll(db, sql: "SELECT * FROM clients").map { try KnownClient.sound($0, sealer) }
            // Here, where no commit can come in between.
            clientCache.withLock { $0 = ClientCache(known.compactMap { $0.client }) }
            return known.count { !$0.isWhole }
        }
        guard broken > 0 else { return health.clear("store.clients.damaged") }
        log.error("records of clients are damaged", metadata: ["count": "\(broken)"])
        health.raise(
            "store.clients.damaged",
            title: "Damaged records of clients, which may do less than they should: \(broken).",
            severity: .error,
            remedy: "edged clients list; then edged clients set and activate, or restore a backup.")
    }

    /// Puts what a transaction wrote into memory as soon as it is committed, in the order of the commits.
    func remember(_ id: ClientID, _ db: Database) throws -> ClientRecord {
        let row = try Row.fetchOne(db, sql: "SELECT * FROM clients WHERE id = ?", arguments: [id.column])
        guard let row else { throw EdgeError(.clientUnknown) }
        guard let known = try KnownClient.sound(row, sealer).client else { throw EdgeError(.clientUnknown) }
        onCommit { [self] in clientCache.withLock { $0?.put(known) } }
        return known.record
    }

    /// A client by id inside a transaction; `nil` when there is none.
    func clientRecord(_ id: ClientID, _ db: Database) throws -> ClientRecord? { try cached { $0[id]?.record } }

    /// Throws `store.unavailable` once the store is closed.
    func cached<Value>(_ look: (ClientCache) throws(EdgeError) -> Value) throws(EdgeError) -> Value
    where Value: Sendable {
        guard let cache = clientCache.withLock({ $0 }) else {
            throw EdgeError(.storeUnavailable, "The store is closed.")
        }
        return try look(cache)
    }
}

// MARK: Secrets

extension ClientSecret {
    /// What the secret's digest is bound to.
    var purpose: String { "client.\(rawValue)" }
}

extension EdgeStore {
    func freshSecrets(_ wanted: Set<ClientSecret>) throws(EdgeError) -> [ClientSecret: Redacted<String>] {
        var made: [ClientSecret: Redacted<String>] = [:]
        for secret in wanted {
            let text =
                switch secret {
                case .apiKey: try "frapi_" + secrets.randomText(bytes: 32)
                case .apiSecret: try secrets.randomText(bytes: 64)
                case .webhookSecret: try "whsec_" + secrets.randomText(bytes: 32)
                }
            made[secret] = Redacted(text)
        }
        return made
    }
}

extension ClientCredentials {
    fileprivate init(client: ClientRecord, _ secrets: [ClientSecret: Redacted<String>]) throws(EdgeError) {
        guard let key = secrets[.apiKey], let secret = secrets[.apiSecret], let webhook = secrets[.webhookSecret] else {
            throw EdgeError(.internalFault, "A new client needs all its secrets.")
        }
        self.init(client: client, apiKey: key, apiSecret: secret, webhookSecret: webhook)
    }
}

extension ClientRecord {
    init(_ draft: ClientDraft, id: ClientID = ClientID(), publicID: String, at moment: Date) {
        self.init(
            id: id, publicID: publicID, name: draft.name, scope: draft.scope, status: draft.status,
            tier: draft.tier, createdAt: moment)
        if let features = draft.features { self.features = features }
        rateLimit = draft.rateLimit
        profile = draft.profile
    }
}
