public import EdgeCore
import FoundationEssentials
public import SyncCore

extension FleetDesk {
    /// Makes a scope.
    ///
    /// Throws `request.invalid` for a name that another one has.
    public func createScope(named name: String) async throws(EdgeError) -> FleetScope {
        try await transaction { transaction in
            let id = try FleetTransaction.createScope(named: name, at: transaction.wall, transaction.db)
            return try Self.scope(id, transaction.db)
        }
    }

    /// All scopes, the oldest first.
    public func scopes() async throws(EdgeError) -> [FleetScope] {
        try await database.read { db in
            try db.values("SELECT id FROM scopes ORDER BY created_at, id")
                .map { try Self.scope(ScopeID(column: $0), db) }
        }
    }

    /// Calls a scope otherwise.
    ///
    /// Throws `record.unknown` and `request.invalid`.
    public func rename(_ id: ScopeID, to name: String) async throws(EdgeError) -> FleetScope {
        let name = try FleetName.checked(name)
        return try await transaction { transaction in
            let db = transaction.db
            let isTaken = try db.row("SELECT 1 FROM scopes WHERE name = ? AND id <> ?", [name, id.column])
            guard isTaken == nil else {
                throw EdgeError(.scopeExists, field: "name")
            }
            try db.execute("UPDATE scopes SET name = ? WHERE id = ?", [name, id.column])
            return try Self.scope(id, db)
        }
    }

    private static func scope(_ id: ScopeID, _ db: any FleetSession) throws -> FleetScope {
        let row = try db.row(
            """
            SELECT name, newest, (SELECT count(*) FROM device_scopes WHERE scope = id) AS devices,
                (SELECT count(*) FROM subject_scopes WHERE scope = id) AS people
            FROM scopes WHERE id = ?
            """, [id.column])
        guard let row else { throw EdgeError(.recordUnknown, "There is no such scope.") }
        return FleetScope(
            id: id, name: try row["name"], devices: try row["devices"], people: try row["people"],
            newest: try row.count("newest"))
    }
}

extension FleetDesk {
    /// Erases somebody in the whole fleet, also where central never heard of them: what a device comes with later is
    /// refused, and the device deletes it.
    public func eraseSubject(tenant: ClientID, user: String) async throws(EdgeError) -> ErasureProgress {
        let subject = try pseudonyms.subject(of: user, tenant: tenant.rawValue)
        return try await transaction { transaction in
            let state = try SubjectTable.find(subject, transaction.db).state
            try transaction.erase(subject, to: state.erased(), by: nil)
            guard let progress = try ErasureProgress(of: subject, transaction.db) else {
                throw EdgeError(.internalFault)
            }
            return progress
        }
    }

    /// How far each erasure has come, the newest first; with `openOnly` those that some device owes the proof of.
    public func erasures(openOnly: Bool = false, limit: Int = 100) async throws(EdgeError) -> [ErasureProgress] {
        try await database.read { db in
            let open = "EXISTS (SELECT 1 FROM erasure_proofs p WHERE p.subject = e.subject AND p.proven_at IS NULL)"
            return try db.values(
                """
                SELECT subject FROM erasures e WHERE \(openOnly ? open : "1 = 1")
                ORDER BY ordered_at DESC, subject LIMIT ?
                """, [max(limit, 0)]
            ).compactMap { try ErasureProgress(of: SubjectKey(column: $0), db) }
        }
    }

    /// How far the newest erasure of a subject has come; `nil` when there was none.
    public func erasure(of subject: SubjectKey) async throws(EdgeError) -> ErasureProgress? {
        try await database.read { db in try ErasureProgress(of: subject, db) }
    }

    /// The pseudonym of a client's person.
    public func subject(tenant: ClientID, user: String) throws(EdgeError) -> SubjectKey {
        try pseudonyms.subject(of: user, tenant: tenant.rawValue)
    }

    /// How much central holds.
    public func counts() async throws(EdgeError) -> FleetCounts {
        try await database.read { db in
            func count(_ sql: String, _ arguments: [any FleetColumn] = []) throws -> Int {
                try db.value(sql, arguments) ?? 0
            }
            var devices: [String: Int] = [:]
            for row in try db.rows("SELECT standing, count(*) AS number FROM devices GROUP BY standing") {
                devices[try row["standing"]] = try row["number"]
            }
            let lost = "SELECT CAST(coalesce(sum(last - first + 1), 0) AS BIGINT) FROM lost_records"
            var records: [Lane: Int] = [:]
            for lane in Lane.allCases {
                records[lane] = try count(
                    """
                    SELECT CAST(coalesce(sum(acknowledged), 0) - coalesce((SELECT sum(r.last - r.first + 1)
                        FROM lost_records r JOIN lanes l ON l.key = r.lane_key WHERE l.lane = ?), 0) AS BIGINT)
                    FROM lanes WHERE lane = ?
                    """, [lane.priority, lane.priority])
            }
            return FleetCounts(
                devices: devices, records: records,
                refused: try count("SELECT count(*) FROM records WHERE refused IS NOT NULL"), lost: try count(lost),
                people: try count("SELECT count(DISTINCT subject) FROM subject_scopes"),
                openErasures: try count(
                    "SELECT count(DISTINCT subject) FROM erasure_proofs WHERE proven_at IS NULL"))
        }
    }
}

extension ErasureProgress {
    init?(of subject: SubjectKey, _ db: any FleetSession) throws {
        guard let book = try ErasureTable.find(subject, db)?.book else { return nil }
        var revoked: Set<DeviceID> = []
        for device in book.outstanding.keys where try DeviceTable.find(device, db)?.standing == .revoked {
            revoked.insert(device)
        }
        self.init(
            subject: subject, orderedAt: Date(microseconds: book.orderedAt),
            proven: book.proven.mapValues { Date(microseconds: $0) },
            outstanding: book.outstanding.mapValues { Date(microseconds: $0) }, revoked: revoked)
    }
}
