import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// Something that shows that the store was touched past `edged`.
///
/// It is kept until somebody has looked into it and takes the store as it is: ``EdgeStore/acceptContents()``.
public struct StoreAlarm: Sendable, Equatable, Codable {
    /// What was touched; also the audit line's action and the condition's code.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// An older copy of the database stands in the place of the present one.
        case rolledBack = "store.rolled_back"
        /// The database was changed past `edged`.
        case edited = "store.edited"
        /// The anchor beside the database is missing, changed or an older one.
        case anchor = "store.anchor"
        /// The database was damaged; what could be saved of it, a backup or nothing stands in its place.
        case mended = "store.mended"
        /// The key that seals the audit trail is missing or changed.
        case tail = "audit.tail.lost"
    }

    /// What was touched.
    public let kind: Kind
    /// A sentence for people.
    public let detail: String
    /// Figures for the audit line.
    let facts: String

    init(_ kind: Kind, _ detail: String, facts: String = "{}") {
        self.kind = kind
        self.detail = detail
        self.facts = facts
    }

    /// The file with the key of the trail's tail is not the one that was written.
    static let lostTail = StoreAlarm(
        .tail, "The key that sealed the audit trail is lost; its lines are sealed no more.")

    /// The anchor is not the one that was written, while the store is in use.
    static let touchedAnchor = StoreAlarm(.anchor, "The anchor beside the store was changed or taken away.")

    /// The database's tables, or what stands beside them, differ from what was written.
    static func edited(_ tables: [String]) -> StoreAlarm {
        let names = tables.map { "\"\($0.filter { $0.isLetter || $0.isNumber || $0 == "_" })\"" }
        return StoreAlarm(
            .edited,
            tables.isEmpty
                ? "Bytes of the store's file were changed while it was closed; no row is different."
                : "The store was changed past edged: \(tables.joined(separator: ", ")).",
            facts: "{\"tables\":[\(names.joined(separator: ","))]}")
    }
}

/// What taking the store as it is came to.
public struct AcceptedContents: Sendable, Equatable {
    /// Rows that pointed nowhere and were removed.
    public let removed: Int
    /// People who stood under another external id than their own, and are found by it again.
    public let refiled: Int
    /// People whose external id somebody else has as well: they are kept, and not found by it.
    public let clashing: Int
}

/// Where alarms stand in the file: first as news, in the transaction that takes the file into use, then until they are accepted.
enum AlarmRecord {
    private static let news = "alarm_news"
    private static let standing = "alarm_standing"

    static func announce(_ alarms: [StoreAlarm], _ db: Database) throws {
        guard !alarms.isEmpty else { return }
        try keep(try read(news, db) + alarms, news, db)
        try ShownFindings.forget(db)
    }

    /// The alarms that nobody has told yet; they stand from now on.
    static func takeNews(_ db: Database) throws -> [StoreAlarm] {
        let fresh = try read(news, db)
        guard !fresh.isEmpty else { return [] }
        let known = try standing(db)
        try keep(fresh + known.filter { old in !fresh.contains { $0.kind == old.kind } }, standing, db)
        try db.execute(sql: "DELETE FROM meta WHERE name = ?", arguments: [news])
        return fresh
    }

    /// Lets an alarm stand that is told already.
    static func stand(_ alarm: StoreAlarm, _ db: Database) throws {
        try keep([alarm] + (try standing(db)).filter { $0.kind != alarm.kind }, standing, db)
        try ShownFindings.forget(db)
    }

    /// Whether an alarm stands or is about to be told.
    static func hasAny(_ db: Database) throws -> Bool { try !read(news, db).isEmpty || !standing(db).isEmpty }

    static func standing(_ db: Database) throws -> [StoreAlarm] { try read(standing, db) }

    static func forget(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM meta WHERE name IN (?, ?)", arguments: [news, standing])
    }

    private static func read(_ name: String, _ db: Database) throws -> [StoreAlarm] {
        let value = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
        guard let value else { return [] }
        // Whoever edits the mark cannot take the alarm away by it.
        let unreadable = StoreAlarm(.edited, "The record of an alarm was changed.")
        return (try? JSONDecoder().decode([StoreAlarm].self, from: value)) ?? [unreadable]
    }

    private static func keep(_ alarms: [StoreAlarm], _ name: String, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [name, try JSONEncoder().encode(alarms)])
    }
}

extension EdgeStore {
    /// Tells what was found when the file was opened: an audit line, a condition, and a new epoch after a roll back.
    func tellAlarms() async throws(EdgeError) {
        let standing = try await write { [self] db in
            try tellTailThatIsGone(db)
            let fresh = try AlarmRecord.takeNews(db)
            for alarm in fresh {
                try audit(
                    AuditRecord(
                        action: alarm.kind.rawValue, succeeded: false, detailsJSON: alarm.facts, at: clock.wall), db)
            }
            // What was counted after the older copy was made would be counted a second time.
            if fresh.contains(where: { $0.kind == .rolledBack }) { try startEpoch(reason: .rolledBack, db) }
            return try AlarmRecord.standing(db)
        }
        for alarm in standing { raise(alarm) }
    }

    func raise(_ alarm: StoreAlarm) {
        switch alarm.kind {
        case .rolledBack:
            health.raise(
                "store.rolled_back", title: alarm.detail, severity: .error,
                remedy:
                    "Find out who put an older copy in its place; then edged audit verify, and edged audit accept or a restore."
            )
        case .edited:
            health.raise(
                "store.edited", title: alarm.detail, severity: .error,
                remedy: "Run edged audit verify; restore a backup, or accept the store as it is.")
        case .mended:
            health.raise(
                "store.mended", title: alarm.detail, severity: .error,
                remedy:
                    "Look at the audit line store.recovered and enroll again who is missing; edged audit verify, then edged audit accept."
            )
        case .tail:
            health.raise(
                "audit.tail.lost", title: alarm.detail, severity: .warning,
                remedy:
                    "Find out who touched the store's directory; export the trail; edged audit verify, accept, then seal-key."
            )
        case .anchor:
            health.raise(
                "store.anchor", title: alarm.detail, severity: .warning,
                remedy: "Find out who touched the store's directory; then run edged audit verify and accept the store.")
        }
    }
}
