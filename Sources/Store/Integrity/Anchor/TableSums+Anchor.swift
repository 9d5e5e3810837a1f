import CSQLiteHooks
import EdgeCore
import FoundationEssentials
import GRDB
import Glibc

/// The database's file held against the anchor.
extension TableSums {
    /// Looks at a file that was just opened, before anything is written to it; what was found is kept for ``start(_:)``.
    ///
    /// Throws `vault.key.unavailable` for a file of other keys, which cannot be judged.
    func inspect(_ db: Database) throws {
        alarms = []
        guard let anchor else { return }
        let isBegun = try db.tableExists("meta")
        if isBegun {
            let keys = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'key_check'")
            guard keys == nil || keys == keyCheck else {
                throw EdgeError(.keyUnavailable, "The store was sealed with other keys than those given.")
            }
        }
        let reading = try SealedSums.read(db, seal)
        // A disk that fails tells nothing; the anchor keeps the fault when it is taken into use.
        let mark = try? anchor.read()
        let state: SealedSums? = if case .good(let found) = reading { found } else { nil }
        let isStopped = isBegun ? try DatabaseFile.isStopped(db) : false
        // A file whose sums are gone does not tell how far it has come.
        if let mark, reading != .broken || mark.record == nil {
            alarms = try alarm(mark, state, db).map { [$0] } ?? []
        }
        switch (reading, mark?.record) {
        case (.none, _): break
        case (.broken, _): alarms.append(.edited([SealedSums.table]))
        case (.good(let state), let record?) where record.counter == state.counter && record.file != nil:
            // Closed in order: every byte counts, and when all are right no row needs to be read.
            let isWhole = try record.file == fileDigest(db)
            guard try !isWhole || hasLog(db) else { break }
            try DatabaseFile.requireSound(db)
            let tables = try differences(db)
            // A power cut in this opening, or right behind the stop, leaves a log too; who put one there changed a row by it.
            if !isWhole || !tables.isEmpty { alarms.append(.edited(tables)) }
        case (.good, _):
            // Without its anchor a file that was closed in order is looked through like any other.
            if isStopped, !alarms.isEmpty { try DatabaseFile.requireSound(db) }
            let tables = try differences(db)
            if !tables.isEmpty { alarms.append(.edited(tables)) }
        }
        floor = max(mark?.record?.counter ?? 0, state?.counter ?? 0)
    }

    /// Takes the file into use, in a transaction of its own: the note of its stop goes, and what was found is written down.
    func start(_ db: Database) throws {
        let reading = try load(db)
        if let anchor {
            synced = try anchor.begin(with: firstRecord(db), else: known?.anchored ?? 0)
        }
        try sealed(db) { db in
            try DatabaseFile.forgetStop(db)
            try AlarmRecord.announce(alarms, db)
            if reading == .broken { try adopt(db) }
        }
        syncAnchor()
    }

    /// What an anchor begins with that there was none of.
    ///
    /// The present state, so that from its first transaction on no copy of the file is without an anchor that it would
    /// miss. Nothing in the place of one that is missed: after a power cut in this moment it must still be missed.
    private func firstRecord(_ db: Database) throws -> AnchorRecord {
        guard let known, known.anchored == 0 else { return AnchorRecord() }
        return try record(known, db)
    }

    /// Puts the anchor on disk; the database remembers it with its next transaction.
    func syncAnchor() {
        guard let anchor, anchor.isNoted else { return }
        do {
            try anchor.sync()
            synced = anchor.last?.counter ?? synced
        } catch {
            // The anchor keeps the fault; it lags, which is no alarm.
        }
    }

    /// Closes the file in order.
    func stop(_ db: Database) throws {
        syncAnchor()
        try sealed(db, DatabaseFile.noteCleanStop)
        try finish(db)
    }

    /// The last thing that is done to a file: an empty log, and for one that is noted as closed in order the digest of every byte.
    func finish(_ db: Database) throws {
        let log = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        guard let anchor, log?[0] == 0, log?[1] == 0, let known, try DatabaseFile.isStopped(db) else { return }
        // A log that was only cut to nothing in memory would come back after a power cut: no alarm, but a walk over all tables.
        try syncLog(db)
        var record = try record(known, db)
        record.file = try fileDigest(db)
        try anchor.finish(record)
    }

    /// What the anchor is to say of a state of the database.
    func record(_ sums: SealedSums, _ db: Database) throws -> AnchorRecord {
        var record = AnchorRecord()
        record.counter = sums.counter
        record.code = sums.code
        let epoch = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'epoch'"))
        if let epoch, epoch.count == 16 { record.epoch = Array(epoch) }
        let line = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"))
        if let line, let hash = Data.fromDatabaseValue(line["hash"]), hash.count == 32 {
            record.auditSequence = line["sequence"]
            record.auditHash = Array(hash)
        }
        let erasures = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'erasures'"))
        if let erasures, let count = Int64(String(decoding: erasures, as: UTF8.self)) { record.erasures = count }
        return record
    }

    private func alarm(_ mark: Anchor.Reading, _ state: SealedSums?, _ db: Database) throws -> StoreAlarm? {
        let (counter, anchored) = (state?.counter ?? 0, state?.anchored ?? 0)
        switch mark {
        case .none:
            return anchored > 0 ? StoreAlarm(.anchor, "The anchor beside the store is missing.") : nil
        case .broken:
            return StoreAlarm(.anchor, "The anchor beside the store is not this device's, or was changed.")
        case .good(let record, let isWhole):
            if record.counter > counter { return try rollBack(from: record, to: counter, db) }
            if record.counter == counter, let state, record.code != state.code {
                return StoreAlarm(.rolledBack, "Another history of the store stands in the place of the present one.")
            }
            if record.counter < anchored {
                return StoreAlarm(.anchor, "The anchor beside the store is an older one.")
            }
            // A cut leaves each slot as it was or as it is now: both are the device's.
            return isWhole ? nil : StoreAlarm(.anchor, "The anchor beside the store was changed.")
        }
    }

    private func rollBack(from record: AnchorRecord, to counter: Int64, _ db: Database) throws -> StoreAlarm {
        let hasLines = try db.tableExists("audit")
        let last = hasLines ? try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0 : 0
        let changes = record.counter - counter
        let lines = max(record.auditSequence - last, 0)
        return StoreAlarm(
            .rolledBack,
            "An older copy of the store stands in the place of the present one: \(changes) changes and \(lines) audit lines are missing.",
            facts: "{\"lost_changes\":\(changes),\"lost_lines\":\(lines)}")
    }

    /// The file's size and a keyed digest of every byte, by pieces.
    private func fileDigest(_ db: Database) throws -> AnchorRecord.File {
        let size = edged_file_size(db.sqliteConnection)
        guard size >= 0 else { throw DatabaseError(resultCode: .SQLITE_IOERR) }
        var codes = SealedSums.bytes(size)
        var offset: Int64 = 0
        while offset < size {
            var piece = [UInt8](repeating: 0, count: Int(min(Self.piece, size - offset)))
            let code = edged_file_read(db.sqliteConnection, offset, &piece, CInt(piece.count))
            guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
            codes += try files.code(of: piece)
            offset += Int64(piece.count)
        }
        return AnchorRecord.File(size: size, digest: try files.code(of: codes))
    }

    private static let piece: Int64 = 1 << 20

    /// A file that was closed in order has no log; one that is beside it is read into it.
    private func hasLog(_ db: Database) throws -> Bool {
        var facts = stat()
        return stat(try logPath(db), &facts) == 0 && facts.st_size > 0
    }

    /// Puts the length of the emptied log on disk; SQLite's locks are on the database's file, not on this one.
    private func syncLog(_ db: Database) throws {
        let descriptor = open(try logPath(db), O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DatabaseError(resultCode: .SQLITE_IOERR) }
    }

    private func logPath(_ db: Database) throws -> String {
        let path = try String.fetchOne(db, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'") ?? ""
        return "\(path)-wal"
    }
}
