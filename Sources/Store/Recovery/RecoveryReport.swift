import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// How a damaged store was mended.
enum RecoveryRung: String, Sendable, Codable {
    /// The rows that could be read were copied into a new file.
    case salvage
    /// The newest sound backup took its place.
    case backup
    /// Nothing was left: an empty file was begun.
    case empty
}

/// What a recovery did, as the audit line tells it.
struct RecoveryReport: Sendable, Equatable, Codable {
    let rung: RecoveryRung
    /// Rows of each table that are there now.
    var kept: [String: Int] = [:]
    /// Rows of each table that are known to be gone; of a backup nobody can tell.
    var lost: [String: Int] = [:]
    /// Tables of which nothing is known to be gone and whose rows are not those that the store had written.
    var edited: [String]?
    /// People who stood under another external id than their own, and are found by it again; `nil` for none.
    var refiled: Int?
    /// When the backup was made, seconds since 1970.
    var backupMadeAt: Int64?

    /// Leaves the report in a file that nobody has open, for the opening to tell, and ends the file's epoch.
    ///
    /// What is not known of erasures is marked, so that no other copy comes back unasked later.
    func leave(in db: Database, knowsErasures: Bool) throws {
        try StoreIdentity.endEpoch(reason: .corrupt, db)
        try db.execute(sql: "DELETE FROM meta WHERE name = 'stop'")
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('recovered', ?)",
            arguments: [Data(try JSONText.bytes(self))])
        try AlarmRecord.announce(alarms, db)
        guard !knowsErasures else { return }
        try db.execute(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('erasures_unknown', x'01')")
    }

    /// They stand until somebody has looked: what is missing or was changed can be found in nothing but the damaged file.
    private var alarms: [StoreAlarm] {
        let rows = kept.values.reduce(0, +)
        let detail =
            switch rung {
            case .salvage:
                "The store was damaged and mended: \(rows) rows are kept, \(lost.values.reduce(0, +)) known to be lost."
            case .backup: "The store was damaged; a backup of \(rows) rows stands in its place."
            case .empty: "The store was damaged and nothing of it could be read: it was begun anew."
            }
        let mended = StoreAlarm(.mended, detail, facts: "{\"rung\":\"\(rung.rawValue)\"}")
        guard let edited, !edited.isEmpty else { return [mended] }
        return [mended, .edited(edited)]
    }

    /// Takes the report that a recovery has left, as JSON; `nil` when there was none.
    static func take(_ db: Database) throws -> String? {
        let text = try Data.fetchOne(db, sql: "DELETE FROM meta WHERE name = 'recovered' RETURNING value")
        return text.map { String(decoding: $0, as: UTF8.self) }
    }
}
