public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Takes over a member of the fleet that another central instance let in.
    ///
    /// It is a client of the scope `device`, with these secrets from now on. Where another client has the name, as the same
    /// device had that joined here once before, its id tells it apart.
    public func adoptMember(
        _ id: ClientID, name: String, apiKey: Redacted<String>, apiSecret: Redacted<String>
    ) async throws(EdgeError) -> ClientRecord {
        var texts = try freshSecrets([.webhookSecret])
        (texts[.apiKey], texts[.apiSecret]) = (apiKey, apiSecret)
        let stored = try stored(texts)
        let key = try sealer.makeSubjectKey()
        var draft = ClientDraft(name: name)
        (draft.scope, draft.tier) = (.device, .basic)
        let record = ClientRecord(draft, id: id, publicID: Self.freshPublicID(), at: clock.wall)
        return try await write { [self] db in
            if try clientRecord(id, db) != nil {
                try db.execute(
                    sql: """
                        UPDATE clients SET key_digest = ?, secret_digest = ?, verifiers = NULL, updated_at = ?
                        WHERE id = ?
                        """,
                    arguments: [
                        stored.digests[.apiKey], stored.digests[.apiSecret], record.createdAt.column, id.column,
                    ])
            } else {
                var record = record
                let isTaken = try Bool.fetchOne(db, sql: "SELECT 1 FROM clients WHERE name = ?", arguments: [name])
                if isTaken != nil { record.name = "\(name), \(id)" }
                try insert(record, stored, subjectKey: key, db)
            }
            try audit(
                AuditRecord(action: "fleet.device.adopted", client: id, succeeded: true, at: record.createdAt), db)
            return try remember(id, db)
        }
    }
}
