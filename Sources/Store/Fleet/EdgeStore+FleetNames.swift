import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import SyncCore

/// What must be unlike everything that is here of a client that comes from elsewhere.
extension EdgeStore {
    func unknownSecrets() throws -> StoredSecrets {
        var stored = try stored(freshSecrets(Set(ClientSecret.allCases)))
        // Nobody saw them, so nothing of them is told.
        stored.verifiers = ClientVerifiers()
        return stored
    }

    /// Whether nobody else here has this key: a device that copied another tenant's verifier must not stop the rest.
    func isFree(_ key: Data, besides id: ClientID, _ db: Database) throws -> Bool {
        let holder = try Data.fetchOne(db, sql: "SELECT id FROM clients WHERE key_digest = ?", arguments: [key])
        guard holder == nil || holder == id.column else {
            log.error("a client of the fleet has the key of another one here", metadata: ["client": "\(id)"])
            return false
        }
        return true
    }

    /// One that was made for people or events before their client was told has a name of its own until then.
    func publicID(of known: KnownClient, told: FleetClient, _ db: Database) throws -> String {
        guard known.fleetVersion == 0, known.record.publicID != told.publicID else { return known.record.publicID }
        return try freePublicID(told.publicID, db)
    }

    func freePublicID(_ wanted: String, _ db: Database) throws -> String {
        let taken = try Bool.fetchOne(db, sql: "SELECT 1 FROM clients WHERE public_id = ?", arguments: [wanted])
        return taken == nil ? wanted : Self.freshPublicID()
    }

    /// The name, or one with a number behind it when another client has it.
    func freeName(like name: String, of id: ClientID, _ db: Database) throws -> String {
        let base = name.contains { !$0.isWhitespace } ? name : "tenant"
        for number in 1...1000 {
            let tail = number == 1 ? "" : " (\(number))"
            let kept = String(String.UnicodeScalarView(base.unicodeScalars.prefix(Self.longestName - tail.count)))
            let taken = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM clients WHERE name = ? AND id <> ?", arguments: [kept + tail, id.column])
            if taken == nil { return kept + tail }
        }
        return "tenant \(UUID().uuidString.lowercased())"
    }
}
