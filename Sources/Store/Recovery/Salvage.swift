import EdgeCore
import FoundationEssentials
import GRDB

/// Copies what can be read of a damaged file into a new one.
struct Salvage {
    /// What came of it.
    struct Outcome: Sendable {
        var kept: [String: Int] = [:]
        var lost: [String: Int] = [:]
        /// Whether every client is there: without its client nobody of a kiosk gets in.
        var hasAllClients = false
        /// Whether the file's own notes are all there.
        var hasAllNotes = false
        /// Tables without a known loss whose rows are not those that the store had written; `nil` when there are none.
        var edited: [String]?
        /// How many people stood under another external id than the one that is sealed with them.
        var refiled = 0
        /// How many transactions the file's sums had counted.
        var counter: Int64 = 0
        /// How many erasures the file knows of.
        var erasures = 0

        /// Good enough: all clients are there, and either nobody has lost a thing, or the backup has no more.
        func isGood(besides backup: RecoveryBackup?) -> Bool {
            guard hasAllClients, count("clients") > 0 else { return false }
            let tables = ["people", "templates"]
            if tables.allSatisfy({ lost[$0] == nil }) { return true }
            return tables.allSatisfy { count($0) >= backup?.rows[$0] ?? 0 }
        }

        func count(_ table: String) -> Int { kept[table] ?? 0 }
    }

    let sealer: any Sealer
    let secrets: any SecretKeeper
    let signer: any Signer

    /// A file that can be read and was never a store of ours.
    struct ForeignFile: Error {}

    /// Fills `draft`, a file that is not there yet.
    ///
    /// Throws `vault.key.unavailable`, `store.schema.newer` and ``ForeignFile`` for a file that is not to be mended by this
    /// device, and `store.corrupt` when nothing can be read.
    func run(_ damaged: DatabaseQueue, into draft: String) throws -> Outcome {
        let sums = try TableSums(secrets)
        let new = try DatabaseFile.connect(draft, sums)
        defer { try? new.close() }
        return try damaged.writeWithoutTransaction { source in
            let version = try requireOurs(source)
            let keysAreKnown = try requireKeys(source, sums)
            try Schema.migrate(new, sums, through: version)
            var outcome = try new.writeWithoutTransaction { target in
                try target.execute(sql: "PRAGMA foreign_keys = OFF")
                var outcome = try copyTables(source, target)
                outcome.erasures = try BackupFile.Marks(target).erasures
                try compare(source, target, sums, &outcome)
                try removeOrphans(target, &outcome)
                return outcome
            }
            try Schema.migrate(new, sums)
            try new.writeWithoutTransaction { target in
                try SealSweep(sealer: sealer, keysAreKnown: keysAreKnown).run(target, &outcome)
                try removeOrphans(target, &outcome)
                try refile(target, &outcome)
                try mendAuditTree(target, &outcome)
                outcome.lose(try FileNotes.removeUnreadable(target, sums.keyCheck), of: "meta")
                try FileNotes.restoreDevice(target, signer)
                try finish(target)
            }
            return outcome
        }
    }

    private func requireOurs(_ source: Database) throws -> Int {
        // With a schema that cannot be read the number is all there is.
        let version = try (try? Schema.versionOfTables(source)) ?? Int.fetchOne(source, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(source, sql: "PRAGMA application_id")
        guard try owner == Schema.applicationID || source.tableExists("meta") else { throw ForeignFile() }
        guard version <= Schema.migrations.count else {
            throw EdgeError(.storeSchemaNewer, "The store has schema \(version).")
        }
        guard version > 0 else { throw EdgeError(.storeCorrupt, "The file's header is damaged.") }
        return version
    }

    /// What of the copied rows the file's own sums say; a loss that is known of needs no further word.
    private func compare(
        _ source: Database, _ target: Database, _ sums: TableSums, _ outcome: inout Outcome
    ) throws {
        guard case .good(let known) = try? SealedSums.read(source, sums.seal) else { return }
        outcome.counter = known.counter
        let edited = try sums.differences(target).filter { outcome.lost[$0] == nil }
        if !edited.isEmpty { outcome.edited = edited }
    }

    /// False when the note of the keys cannot be read, or is damaged.
    private func requireKeys(_ source: Database, _ sums: TableSums) throws -> Bool {
        do {
            guard let check = try Data.fetchOne(source, sql: "SELECT value FROM meta WHERE name = 'key_check'") else {
                return false
            }
            if check == sums.keyCheck { return true }
            // What the present keys have sealed is not of other ones.
            guard case .good = try SealedSums.read(source, sums.seal) else {
                throw EdgeError(.keyUnavailable, "The store was sealed with other keys than those given.")
            }
            return true
        } catch {
            guard isUnreadable(error) else { throw error }
            return false
        }
    }

    private func copyTables(_ source: Database, _ target: Database) throws -> Outcome {
        var outcome = Outcome()
        // Rows that number themselves go on from the file's numbers, which are rows as well.
        let tables = try String.fetchAll(
            target,
            sql: """
                SELECT name FROM sqlite_schema WHERE type = 'table' AND (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence')
                ORDER BY name = 'sqlite_sequence', rowid
                """)
        // Those of the empty tables make way for the file's.
        let bookkeeping = [SealedSums.table, "sqlite_sequence"].filter { tables.contains($0) }
        for table in tables {
            try target.inTransaction(.immediate) {
                if bookkeeping.contains(table) { try target.execute(sql: "DELETE FROM \(table)") }
                try copy(table, source, target, &outcome)
                return .commit
            }
        }
        for table in bookkeeping { (outcome.kept[table], outcome.lost[table]) = (nil, nil) }
        return outcome
    }

    private func copy(_ table: String, _ source: Database, _ target: Database, _ outcome: inout Outcome) throws {
        let wanted = try String.fetchAll(target, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
        guard let scan = try TableScan(table, wanted: wanted, source), !scan.columns.isEmpty else {
            // How many rows it had nobody knows; that something is missing decides between this file and a backup.
            (outcome.kept[table], outcome.lost[table]) = (0, 1)
            return
        }
        let names = scan.columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let marks = scan.columns.map { _ in "?" }.joined(separator: ", ")
        let sql = "INSERT INTO \"\(table)\" (\(names)) VALUES (\(marks))"
        var insert = try target.makeStatement(sql: sql)
        var kept = 0
        var refused = 0
        let unreadable = try scan.forEach { values in
            do {
                try insert.execute(arguments: StatementArguments(values))
                kept += 1
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                refused += scan.repeats ? 0 : 1
                // A statement that has failed once cannot be used again.
                insert = try target.makeStatement(sql: sql)
            }
        }
        let expected = try scan.expected()
        let lost = expected.map { max($0 - kept, 0) } ?? (refused + unreadable)
        outcome.kept[table] = kept
        if lost > 0 { outcome.lost[table] = lost }
        let isComplete = expected.map { kept >= $0 } ?? (refused + unreadable == 0)
        if table == "clients" { outcome.hasAllClients = isComplete }
        if table == "meta" { outcome.hasAllNotes = unreadable == 0 }
    }

    /// Rows that point at rows which are gone, until none does.
    private func removeOrphans(_ db: Database, _ outcome: inout Outcome) throws {
        let links = try Row.fetchAll(
            db,
            sql: """
                SELECT m.name, f."table", f."from", f."to" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
                WHERE m.type = 'table'
                """)
        var removed: Int
        repeat {
            removed = 0
            for link in links {
                let table: String = link[0]
                let parent: String = link[1]
                let from: String = link[2]
                try db.execute(
                    sql: """
                        DELETE FROM "\(table)" WHERE "\(from)" IS NOT NULL
                            AND "\(from)" NOT IN (SELECT "\(link[3] as String? ?? from)" FROM "\(parent)")
                        """)
                outcome.lose(db.changesCount, of: table)
                removed += db.changesCount
            }
        } while removed > 0
    }

    private func refile(_ db: Database, _ outcome: inout Outcome) throws {
        var mended = DigestMending.Outcome()
        try db.inTransaction(.immediate) {
            mended = try DigestMending(sealer: sealer, secrets: secrets).run(db)
            return .commit
        }
        outcome.refiled = mended.mended
    }

    /// Without its edge, or with one that its last lines do not reach, the tree of the audit trail cannot grow: it is grown anew
    /// from its lines, and where some of them are gone another one begins with the next line.
    private func mendAuditTree(_ db: Database, _ outcome: inout Outcome) throws {
        let newest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0
        let known = try AuditTree.edge(db) == nil ? nil : AuditTree.last(db)
        if let known, known.firstSequence &+ known.edge.size == newest &+ 1 { return }
        if let tree = try AuditTree.grown(db, secrets, MerkleHash(signer)) { return try tree.keep(db) }
        // Where the trail begins is of no use to a trail that is gone.
        for table in ["audit_checkpoints"] + (newest == 0 ? ["audit_anchor"] : []) + ["audit_epochs"] {
            try db.execute(sql: "DELETE FROM \(table)")
            outcome.lose(db.changesCount, of: table)
        }
    }

    private func finish(_ db: Database) throws {
        guard try StructureCheck.faults(db, by: "integrity_check").isEmpty else {
            throw EdgeError(.storeCorrupt, "What was salvaged is not sound.")
        }
        try DatabaseFile.emptyLog(db)
    }
}

extension Salvage.Outcome {
    /// Counts rows as lost that were copied.
    mutating func lose(_ count: Int, of table: String) {
        guard count > 0 else { return }
        kept[table, default: 0] -= count
        lost[table, default: 0] += count
    }
}
