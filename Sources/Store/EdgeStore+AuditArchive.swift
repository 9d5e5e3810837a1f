public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: AuditArchive {
    /// Lines, the newest first; with the people's names unless the view is everything.
    public func lines(_ view: InsightView, page: PageRequest) async throws(EdgeError) -> PageOf<AuditEntry> {
        var conditions = Conditions()
        conditions.add(lines: view)
        return try await read { [self, conditions] db in
            let rows = try conditions.page(page, of: "audit", order: "sequence DESC", db)
            return PageOf(
                total: try conditions.count(in: "audit", db), items: try rows.map { try entry($0, view, db) })
        }
    }

    /// One line; `nil` when the view has none like it.
    public func line(_ sequence: Int64, _ view: InsightView) async throws(EdgeError) -> AuditEntry? {
        var conditions = Conditions()
        conditions.add("sequence = ?", sequence)
        conditions.add(lines: view)
        return try await read { [self, conditions] db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM audit WHERE \(conditions.sql)", arguments: conditions.arguments
            ).map { try entry($0, view, db) }
        }
    }

    private func entry(_ row: Row, _ view: InsightView, _ db: Database) throws -> AuditEntry {
        let line = try AuditLine(row)
        return AuditEntry(
            sequence: line.sequence, record: line.record,
            personName: try personName(line.record.person, of: line.record.client, view, db))
    }

    /// A name to show, for whoever may see people.
    func personName(
        _ person: PersonID?, of client: ClientID?, _ view: InsightView, _ db: Database
    ) throws -> String? {
        guard let person, let client, view.client == client else { return nil }
        return try matchedPerson(person, of: client, db).map { $0.displayName ?? $0.externalID }
    }
}

extension AuditRecord {
    /// The same with whose request it was in its details.
    ///
    /// Text is added to text: what the hash goes over must not depend on how a library writes JSON.
    func from(_ origin: RequestOrigin?) -> AuditRecord {
        guard let origin, detailsJSON.hasPrefix("{"), detailsJSON.hasSuffix("}") else { return self }
        let facts = [("actor", origin.actor), ("ip_address", origin.address), ("user_agent", origin.userAgent)]
        let members = facts.compactMap { name, value in
            // What the line says itself stands.
            detailsJSON.contains("\"\(name)\":") ? nil : value?.quotedJSON.map { "\"\(name)\":\($0)" }
        }
        guard !members.isEmpty else { return self }
        let separator = detailsJSON == "{}" ? "" : ","
        return AuditRecord(
            action: action, client: client, session: session, person: person, succeeded: succeeded, reason: reason,
            detailsJSON: "\(detailsJSON.dropLast())\(separator)\(members.joined(separator: ","))}", at: at)
    }
}

extension String {
    /// The text as JSON writes it.
    fileprivate var quotedJSON: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}
