public import EdgeCore
public import FoundationEssentials
import GRDB

extension EdgeStore: SecurityJournal {
    /// The most reports of one client that are kept.
    static let maximumReports = 10_000
    /// The most events of one client that the device noted itself; reports never push them out.
    static let maximumNotes = 20_000

    /// Records what a client reports, with its audit line; the details are sealed, since they may name somebody.
    public func report(_ event: SecurityEventRecord) async throws(EdgeError) {
        guard let client = event.client else { throw EdgeError(.internalFault, "A report comes from a client.") }
        let key = try sealer.makeSubjectKey()
        let sealed = try sealer.seal(
            Array(event.detailsJSON.utf8), subjectKey: key, context: SealPlace.securityEvent(event.id, of: client))
        try await write { [self] db in
            try insert(event, sealed: (sealer.rewrap(key), sealed), db)
            try db.execute(
                sql: """
                    DELETE FROM security_events WHERE client_id = ?1 AND is_reported = 1 AND key <= (
                        SELECT key FROM security_events WHERE client_id = ?1 AND is_reported = 1
                        ORDER BY key DESC LIMIT 1 OFFSET ?2)
                    """, arguments: [client.column, Self.maximumReports])
            try audit(
                AuditRecord(
                    action: "security_event.reported", client: client, succeeded: true, reason: event.type.rawValue,
                    detailsJSON: #"{"event":"\#(event.id)","severity":"\#(event.severity.rawValue)"}"#,
                    at: event.createdAt), db)
        }
    }

    /// Notes something that the device saw by itself.
    public func note(_ event: SecurityEventRecord) async throws(EdgeError) {
        try await write { [self] db in try insert(event, sealed: nil, db) }
    }

    /// Events, the newest first; with the people's names and the reports' details unless the view is everything.
    public func events(
        _ filter: SecurityFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<SecurityEventRecord> {
        let conditions = Self.conditions(filter)
        return try await read { [self] db in
            let rows = try conditions.page(page, of: "security_events", order: "created_at DESC, key DESC", db)
            return PageOf(
                total: try conditions.count(in: "security_events", db),
                items: try rows.map { try event($0, filter.view, db) })
        }
    }

    /// One event; `nil` when the view has none like it.
    public func event(_ id: SecurityEventID, _ view: InsightView) async throws(EdgeError) -> SecurityEventRecord? {
        var conditions = Conditions()
        conditions.add("id = ?", id.column)
        conditions.add(view)
        return try await read { [self, conditions] db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM security_events WHERE \(conditions.sql)", arguments: conditions.arguments
            ).map { try event($0, view, db) }
        }
    }

    /// How many there are.
    public func eventCount(_ filter: SecurityFilter) async throws(EdgeError) -> Int {
        let conditions = Self.conditions(filter)
        return try await read { db in try conditions.count(in: "security_events", db) }
    }

    /// How many there are in each hour or UTC day that has any, the latest first.
    public func eventCounts(
        _ filter: SecurityFilter, by period: FigurePeriod
    ) async throws(EdgeError) -> [(start: Date, count: Int)] {
        let conditions = Self.conditions(filter)
        let length = period.seconds * 1_000_000
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT created_at / \(length) AS bucket, count(*) AS count FROM security_events
                    WHERE \(conditions.sql) GROUP BY bucket ORDER BY bucket DESC
                    """, arguments: conditions.arguments
            ).map { (start: Date(column: ($0["bucket"] as Int64) * length), count: $0["count"]) }
        }
    }

    private static func conditions(_ filter: SecurityFilter) -> Conditions {
        var conditions = Conditions()
        conditions.add(filter.view)
        conditions.add(filter.span, "created_at")
        // Words of our own lists, so they may stand in the text.
        if let types = filter.types { conditions.add("type IN (\(list(types.map(\.rawValue))))") }
        if let severities = filter.severities {
            conditions.add("severity IN (\(list(severities.map(\.rawValue))))")
        }
        if let isResolved = filter.isResolved { conditions.add("resolved = ?", isResolved) }
        return conditions
    }

    private static func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }

    /// The bare insertion, for reports and for what the device notes.
    func insert(_ event: SecurityEventRecord, sealed: (key: [UInt8], details: [UInt8])?, _ db: Database) throws {
        let origin = RequestOrigin.current
        try db.cachedStatement(
            sql: """
                INSERT INTO security_events (id, type, severity, is_reported, client_id, person_id, session_id,
                    ip_address, user_agent, details, subject_key, sealed_details, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            event.id.column, event.type.rawValue, event.severity.rawValue, sealed != nil, event.client?.column,
            event.person?.column, event.session?.column, event.address ?? origin?.address,
            event.userAgent ?? origin?.userAgent, sealed == nil ? event.detailsJSON : "{}",
            sealed.map { Data($0.key) }, sealed.map { Data($0.details) }, event.createdAt.column,
        ])
        try db.execute(
            sql: """
                DELETE FROM security_events WHERE client_id IS ?1 AND is_reported = 0 AND key <= (
                    SELECT key FROM security_events WHERE client_id IS ?1 AND is_reported = 0
                    ORDER BY key DESC LIMIT 1 OFFSET ?2)
                """, arguments: [event.client?.column, Self.maximumNotes])
        // What the client itself reported it knows; low ones are told as what they came from.
        guard sealed == nil, let client = event.client, event.severity != .low else { return }
        try emit(
            .securityNoted(
                event.id, type: event.type.rawValue, severity: event.severity.rawValue, session: event.session,
                person: event.person), of: client, at: event.createdAt, db)
    }

    private func event(_ row: Row, _ view: InsightView, _ db: Database) throws -> SecurityEventRecord {
        var event = try SecurityEventRecord(
            id: row.id("id"), type: row.word("type"), severity: row.word("severity"),
            client: row.optionalID("client_id"), person: row.optionalID("person_id"),
            session: row.optionalID("session_id"), detailsJSON: row["details"], createdAt: row.date("created_at"))
        event.address = row["ip_address"]
        event.userAgent = row["user_agent"]
        event.isResolved = row["resolved"]
        event.resolvedAt = row.optionalDate("resolved_at")
        event.personName = try personName(event.person, of: event.client, view, db)
        if let client = event.client, view.client == client, let key = row["subject_key"] as Data?,
            let sealed = row["sealed_details"] as Data?
        {
            let place = SealPlace.securityEvent(event.id, of: client)
            let details = try whatOpens {
                try sealer.open(Array(sealed), subjectKey: Array(key), context: place)
            }
            if let details { event.detailsJSON = String(decoding: details, as: UTF8.self) }
        }
        return event
    }
}

extension SealPlace {
    static func securityEvent(_ id: SecurityEventID, of client: ClientID) -> SealContext {
        SealContext(kind: "security_event", client: client, row: id.place, version: 1)
    }
}
