import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// A subject as central keeps it.
struct SubjectEntry {
    let key: SubjectKey
    var tenant: UUID?
    var state: SubjectState
    /// The payload of the present enrollment, sealed.
    var payload: [UInt8]?
}

/// Whom the fleet knows.
enum SubjectTable {
    /// What is known; a subject of whom nothing is known is one without history.
    static func find(_ key: SubjectKey, _ db: Database) throws -> SubjectEntry {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM subjects WHERE key = ?"), arguments: [key.column])
        guard let row else { return SubjectEntry(key: key, state: SubjectState()) }
        let version: SubjectVersion? = try (row["version"] as String?).map { try JSONColumn.value($0) }
        return SubjectEntry(
            key: key, tenant: try row.optionalUUID("tenant"),
            state: SubjectState(erasedBelow: UInt64(row["erased_below"] as Int64), version: version),
            payload: (row["payload"] as Data?).map { Array($0) })
    }

    static func keep(_ subject: SubjectEntry, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO subjects (key, tenant, erased_below, version, payload) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET tenant = excluded.tenant, erased_below = excluded.erased_below,
                    version = excluded.version, payload = excluded.payload
                """
        ).execute(arguments: [
            subject.key.column, subject.tenant?.column, Int64(clamping: subject.state.erasedBelow),
            try subject.state.version.map { try JSONColumn.text($0) }, subject.payload.map { Data($0) },
        ])
    }

    static func scopes(of key: SubjectKey, _ db: Database) throws -> Set<ScopeID> {
        Set(
            try Data.fetchAll(
                db.cachedStatement(sql: "SELECT scope FROM subject_scopes WHERE subject = ?"),
                arguments: [key.column]
            ).map { try ScopeID(column: $0) })
    }

    static func enter(_ key: SubjectKey, _ scope: ScopeID, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO subject_scopes (subject, scope) VALUES (?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [key.column, scope.column])
    }

    static func leaveAll(_ key: SubjectKey, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM subject_scopes WHERE subject = ?").execute(arguments: [key.column])
    }

    /// Takes out of the records what they carry of somebody under a consent below this; heads and hashes stay.
    ///
    /// What does not say under which consent it was made goes too.
    static func forgetPayloads(of key: SubjectKey, below consent: UInt64, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE records SET payload = NULL
                WHERE subject = ? AND payload IS NOT NULL AND (consent IS NULL OR consent < ?)
                """
        ).execute(arguments: [key.column, Int64(clamping: consent)])
    }
}
