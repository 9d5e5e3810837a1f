import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

extension EdgeStore {
    /// Makes the client of a tenant whose people were told, where there is none of that id.
    ///
    /// Nobody knows its secrets, since nobody ever saw them; an administrator of the device can make new ones. It has the
    /// rights of a backend, and its quotas bind only who enrolls here.
    func adoptTenant(_ client: ClientID, name: String?, _ db: Database) throws {
        guard try clientRecord(client, db) == nil else { return }
        let known = try Bool.fetchOne(db, sql: "SELECT 1 FROM clients WHERE id = ?", arguments: [client.column])
        guard known == nil else { return }
        let record = ClientRecord(
            id: client, publicID: Self.freshPublicID(),
            name: try freeName(like: name ?? "tenant \(client)", db), createdAt: clock.wall)
        let digests = try freshSecrets(Set(ClientSecret.allCases)).mapValuesToDigests(secrets)
        try insert(record, digests, subjectKey: try sealer.makeSubjectKey(), db)
        try audit(
            AuditRecord(
                action: "client.created", client: client, succeeded: true, reason: "fleet",
                detailsJSON: #"{"scope":"\#(record.scope.rawValue)","tier":"\#(record.tier.rawValue)"}"#,
                at: record.createdAt), db)
        _ = try remember(client, db)
    }

    /// The name, or one with a number behind it when another client has it.
    private func freeName(like name: String, _ db: Database) throws -> String {
        let base = name.contains { !$0.isWhitespace } ? name : "tenant"
        for number in 1...1000 {
            let tail = number == 1 ? "" : " (\(number))"
            let kept = String(String.UnicodeScalarView(base.unicodeScalars.prefix(Self.longestName - tail.count)))
            let taken = try Bool.fetchOne(db, sql: "SELECT 1 FROM clients WHERE name = ?", arguments: [kept + tail])
            if taken == nil { return kept + tail }
        }
        return "tenant \(UUID().uuidString.lowercased())"
    }
}
