import EdgeCore
import FoundationEssentials
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
    static func find(_ key: SubjectKey, _ db: any FleetSession) throws -> SubjectEntry {
        let row = try db.row("SELECT * FROM subjects WHERE key = ?", [key.column])
        return try row.map { try entry($0) } ?? SubjectEntry(key: key, state: SubjectState())
    }

    /// The subjects of a condition, as far as something is known of them.
    static func all(
        where condition: String, _ arguments: [any FleetColumn], _ db: any FleetSession
    ) throws -> [SubjectEntry] {
        try db.rows("SELECT * FROM subjects WHERE \(condition)", arguments).map { try entry($0) }
    }

    private static func entry(_ row: FleetRow) throws -> SubjectEntry {
        let version: SubjectVersion? = try (row["version"] as String?).map { try JSONColumn.value($0) }
        return SubjectEntry(
            key: try row.id("key"), tenant: try row.optionalUUID("tenant"),
            state: SubjectState(erasedBelow: try row.count("erased_below"), version: version),
            payload: try (row["payload"] as Data?).map { Array($0) })
    }

    static func keep(_ subject: SubjectEntry, _ db: any FleetSession) throws {
        try db.execute(
            """
            INSERT INTO subjects (key, tenant, erased_below, version, payload) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET tenant = excluded.tenant, erased_below = excluded.erased_below,
                version = excluded.version, payload = excluded.payload
            """,
            [
                subject.key.column, subject.tenant?.column, Int64(clamping: subject.state.erasedBelow),
                try subject.state.version.map { try JSONColumn.text($0) }, subject.payload.map { Data($0) },
            ])
    }

    static func scopes(of key: SubjectKey, _ db: any FleetSession) throws -> Set<ScopeID> {
        Set(
            try db.values("SELECT scope FROM subject_scopes WHERE subject = ?", [key.column]).map {
                try ScopeID(column: $0)
            })
    }

    static func enter(_ key: SubjectKey, _ scope: ScopeID, _ db: any FleetSession) throws {
        try db.execute(
            "INSERT INTO subject_scopes (subject, scope) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [key.column, scope.column])
    }

    static func leaveAll(_ key: SubjectKey, _ db: any FleetSession) throws {
        try db.execute("DELETE FROM subject_scopes WHERE subject = ?", [key.column])
    }

    /// Takes out of the records what they carry of somebody under a consent below this; heads and hashes stay.
    ///
    /// What does not say under which consent it was made goes too.
    static func forgetPayloads(of key: SubjectKey, below consent: UInt64, _ db: any FleetSession) throws {
        try db.execute(
            """
            UPDATE records SET payload = NULL
            WHERE subject = ? AND payload IS NOT NULL AND (consent IS NULL OR consent < ?)
            """, [key.column, Int64(clamping: consent)])
    }
}
