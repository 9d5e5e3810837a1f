public import EdgeCore
public import FoundationEssentials
import GRDB
import Logging

/// What an exchange of the key-encryption key did.
public struct KeyRotationReport: Sendable, Equatable {
    /// How many subject keys were wrapped anew.
    public let rewrapped: Int
    /// How many cannot be opened although the key that wrapped them is here: they are damaged.
    public let unreadable: Int
    /// How many key-encryption keys were destroyed; none where damaged subject keys hold the rotation up, and where the
    /// credential holds the former key too.
    public let destroyed: Int
    /// Whether the rotation waits for somebody to decide about damaged subject keys.
    public let isHeld: Bool

    init(rewrapped: Int, unreadable: Int, destroyed: Int, isHeld: Bool = false) {
        (self.rewrapped, self.unreadable, self.destroyed) = (rewrapped, unreadable, destroyed)
        self.isHeld = isHeld
    }
}

extension EdgeStore {
    /// How many subject keys are wrapped anew in one transaction: a door waits at most that long.
    private static let slice = 500

    /// Exchanges the key-encryption key: what was wrapped by the old one and is not in the file any more is gone for ever.
    ///
    /// The device goes on working meanwhile. A rotation that was broken off goes on where it stood. While a subject key is
    /// damaged the old key stays, since it may open a copy of it in a backup, and `vault.rotation.held` says so; with
    /// `discardsUnreadable` it goes all the same. Throws `vault.key.unavailable` when the ring cannot be written.
    public func rotateKeys(
        _ rotation: any KeyRotation, discardsUnreadable: Bool = false
    ) async throws(EdgeError) -> KeyRotationReport {
        // Only what was erased before a rotation began is out of reach at its end.
        if !rotation.isRotating { try await takeErasures() }
        try await note(try rotation.beginRotation())
        let (rewrapped, unreadable) = try await rewrapAll()
        // Clients are known in memory with their keys as they were wrapped.
        try await loadClients()
        // The pages with the old wrapped keys go before the key that opens them.
        await emptyLog()
        guard unreadable == 0 || discardsUnreadable else {
            reportHeld(unreadable)
            return KeyRotationReport(rewrapped: rewrapped, unreadable: unreadable, destroyed: 0, isHeld: true)
        }
        let destroyed = try rotation.finishRotation().count
        health.clear("vault.rotation.held")
        let report = KeyRotationReport(rewrapped: rewrapped, unreadable: unreadable, destroyed: destroyed)
        // Nothing can open them any more; the next housekeeping makes new ones.
        forgetBackups()
        try await record(report)
        try await completeReceipts()
        return report
    }

    private func rewrapAll() async throws(EdgeError) -> (rewrapped: Int, unreadable: Int) {
        var sum = (rewrapped: 0, unreadable: 0)
        for table in try await tablesWithSubjectKeys() {
            var last = Int64.min
            while let part = try await rewrapSlice(of: table, after: last) {
                last = part.last
                sum.rewrapped += part.rewrapped
                sum.unreadable += part.unreadable
            }
        }
        return sum
    }

    private func reportHeld(_ count: Int) {
        log.error("damaged subject keys hold up the exchange of the keys", metadata: ["keys": "\(count)"])
        health.raise(
            "vault.rotation.held", title: "Damaged keys of people or sessions hold up the exchange of the keys.",
            severity: .warning,
            remedy:
                """
                Restore a backup, or erase or enroll anew whom edged people list shows as damaged; \
                or edged keys rotate --discard-unreadable.
                """)
    }

    /// The keys that the file was last written under must be in the ring, else every record would fail, one by one.
    func checkKeyRing() async throws(EdgeError) {
        let known = try await read { db in
            try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'key_ring'")
        }
        if let known, known.count == 4 {
            let id = known.reduce(0) { $0 << 8 | UInt32($1) }
            let isMissed = try await sealer.holdsKey(id) ? false : isUsed(id)
            guard !isMissed else {
                throw EdgeError(.keyUnavailable, "The store was written under a key that the key ring does not hold.")
            }
        }
        if known == nil { try await noteFirstKey() }
        try await noteKeptKeyInUse()
        try await note(sealer.wrappingKeyID)
        try await reportKeptKey()
    }

    /// A note that no record agrees with is a damaged one.
    private func isUsed(_ id: UInt32) async throws(EdgeError) -> Bool {
        let tables = try await tablesWithSubjectKeys()
        return try await read { [sealer] db in
            try tables.contains { table in
                let keys = try Data.fetchCursor(
                    db, sql: "SELECT subject_key FROM \(table) WHERE subject_key IS NOT NULL")
                while let key = try keys.next() { if sealer.wrappingKeyID(of: Array(key)) == id { return true } }
                return false
            }
        }
    }

    private func note(_ id: UInt32) async throws(EdgeError) {
        let bytes = Self.bytes(ofKey: id)
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO meta (name, value) VALUES ('key_ring', :id)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value
                    """, arguments: ["id": bytes])
        }
    }

    func tablesWithSubjectKeys() async throws(EdgeError) -> [String] {
        try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
                    WHERE m.type = 'table' AND c.name = 'subject_key' ORDER BY m.name
                    """)
        }
    }

    private struct Slice: Sendable {
        var last: Int64
        var rewrapped = 0
        var unreadable = 0
    }

    /// `nil` when no row comes after `key`.
    private func rewrapSlice(of table: String, after key: Int64) async throws(EdgeError) -> Slice? {
        try await write { [sealer] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT rowid, subject_key FROM \(table) WHERE rowid > ? AND subject_key IS NOT NULL
                    ORDER BY rowid LIMIT ?
                    """, arguments: [key, Self.slice])
            guard let end = rows.last else { return nil }
            var part = Slice(last: end[0])
            let update = try db.cachedStatement(sql: "UPDATE \(table) SET subject_key = ? WHERE rowid = ?")
            for row in rows {
                let wrapped = Array(row[1] as Data)
                do throws(EdgeError) {
                    let anew = try sealer.rewrap(wrapped)
                    guard anew != wrapped else { continue }
                    try execute(update, [Data(anew), row[0] as Int64])
                    part.rewrapped += 1
                } catch {
                    guard error.code == .sealBroken else { throw error }
                    // What a destroyed key wrapped is lost already and holds up nothing.
                    if sealer.wrappingKeyID(of: wrapped).map(sealer.holdsKey) ?? true { part.unreadable += 1 }
                }
            }
            return part
        }
    }

    /// Erasures that come while the rotation is under way wait for the next one.
    private func takeErasures() async throws(EdgeError) {
        try await write { [self] db in
            // The older mark stays where a rotation failed to begin.
            try db.execute(sql: "UPDATE OR IGNORE meta SET name = 'erasure_rotates' WHERE name = 'erasure_waits'")
            try db.execute(sql: "DELETE FROM meta WHERE name = 'erasure_waits'")
            try takeReceipts(db)
        }
    }

    private func record(_ report: KeyRotationReport) async throws(EdgeError) {
        let facts = """
            {"destroyed":\(report.destroyed),"rewrapped":\(report.rewrapped),"unreadable":\(report.unreadable)}
            """
        try await write { [self] db in
            try db.execute(sql: "DELETE FROM meta WHERE name = 'erasure_rotates'")
            try db.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('keys_rotated', ?)",
                arguments: [Self.moment(clock.wall)])
            try audit(
                AuditRecord(
                    action: "keys.rotated", succeeded: report.unreadable == 0, detailsJSON: facts, at: clock.wall), db)
        }
    }
}

extension EdgeStore {
    /// Notes in the caller's transaction that something was erased whose wrapped key may still stand on old pages.
    func noteErasure(_ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO meta (name, value) VALUES ('erasure_waits', ?)",
            arguments: [Self.moment(clock.wall)])
        // A backup that knows of fewer erasures may bring somebody back.
        try db.execute(
            sql: """
                INSERT INTO meta (name, value) VALUES ('erasures', x'31')
                ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(CAST(value AS TEXT) AS INTEGER) + 1 AS BLOB)
                """)
        onCommit { [self] in
            forgetBackups()
            // The anchor knows how many there were, whatever becomes of the file.
            sums.syncAnchor()
        }
    }

    /// Since when an erasure waits for the rotation that ends it; `nil` when none does.
    ///
    /// One that a rotation took and did not come to its end with still waits.
    public func erasureWaitsSince() async throws(EdgeError) -> Date? {
        if let taken = try await moment("erasure_rotates") { return taken }
        return try await moment("erasure_waits")
    }

    /// When the keys were last rotated.
    public func keysRotatedAt() async throws(EdgeError) -> Date? { try await moment("keys_rotated") }

    /// Rotates when an erasure has waited long enough, or a rotation was broken off.
    func rotateKeysWhenDue() async throws(EdgeError) {
        guard let rotation = options.rotation else { return }
        if !rotation.isRotating { try await completeReceipts() }
        // What a credential's own key wraps cannot be shredded: the sooner nothing is, the less there is of it.
        var isDue = rotation.isRotating || rotation.keptKeyID == sealer.wrappingKeyID
        if let since = try await erasureWaitsSince() {
            // A clock that was set back must not put the rotation off.
            let waited = abs(clock.wall.timeIntervalSince(since))
            isDue = isDue || Duration.seconds(waited) >= options.rotateAfterErasure
        }
        guard isDue else { return }
        let report = try await rotateKeys(rotation)
        guard !report.isHeld else { return }
        log.notice(
            "keys rotated",
            metadata: ["rewrapped": "\(report.rewrapped)", "destroyed": "\(report.destroyed)"])
    }

    private func moment(_ name: String) async throws(EdgeError) -> Date? {
        try await read { db in
            let value = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
            return value.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }.map { Date(column: $0) }
        }
    }

    private static func moment(_ date: Date) -> Data { Data(String(date.column).utf8) }
}

/// A statement's failure as ours, for a place that throws nothing else.
private func execute(_ statement: Statement, _ arguments: StatementArguments) throws(EdgeError) {
    do { try statement.execute(arguments: arguments) } catch { throw storeError(error) }
}
