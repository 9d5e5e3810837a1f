import EdgeCore
import FoundationEssentials
import GRDB

/// Puts people back under the digest of their external id, once somebody takes the rows for the right ones.
///
/// The digest is a column that whoever has the file can change; the external id is sealed with the person and says which is
/// right. Lock-outs, sessions, enrollments, events and kept answers stay as they are: each stands under the digest of what was
/// claimed, whatever a person's row says.
struct DigestMending {
    /// What came of it.
    struct Outcome: Sendable, Equatable {
        /// People who are found by their external id again.
        var mended = 0
        /// People whose external id somebody else has as well: they are kept, under a digest that is nobody's.
        var clashing = 0
    }

    let sealer: any Sealer
    let secrets: any SecretKeeper

    /// In the caller's transaction; people whose record does not open stay as they are.
    func run(_ db: Database) throws -> Outcome {
        let people = try misfiled(db)
        // Two may stand in each other's place; and nobody is to stay under what somebody else claims.
        for person in people {
            try db.execute(
                sql: "UPDATE people SET external_id_digest = randomblob(32) WHERE key = ?", arguments: [person.key])
        }
        var outcome = Outcome()
        for person in people {
            let holder = try Int64.fetchOne(
                db, sql: "SELECT key FROM people WHERE client_id = ? AND external_id_digest = ?",
                arguments: [person.client.column, person.digest])
            guard holder == nil else {
                outcome.clashing += 1
                continue
            }
            try db.execute(
                sql: "UPDATE people SET external_id_digest = ? WHERE key = ?", arguments: [person.digest, person.key])
            outcome.mended += 1
        }
        return outcome
    }

    /// Whether a person stands under another digest than that of their external id.
    static func isMisfiled(_ row: Row, _ owner: PersonOwner, _ secrets: any SecretKeeper) throws -> Bool {
        let digest = try secrets.externalIDDigest(owner.personal.externalID, of: owner.client)
        return row.bytes("external_id_digest") != digest
    }

    /// The oldest first.
    private func misfiled(_ db: Database) throws -> [(key: Int64, client: ClientID, digest: Data)] {
        var found: [(key: Int64, client: ClientID, digest: Data)] = []
        let people = try Row.fetchCursor(
            db,
            sql: "SELECT key, id, client_id, external_id_digest, subject_key, personal FROM people ORDER BY key")
        while let row = try people.next() {
            guard let owner = try whatOpens({ try PersonOwner(row, sealer) }), try Self.isMisfiled(row, owner, secrets)
            else { continue }
            let digest = try secrets.externalIDDigest(owner.personal.externalID, of: owner.client)
            found.append((key: owner.key, client: owner.client, digest: Data(digest)))
        }
        return found
    }
}

extension SecretKeeper {
    /// The same external id has unlike digests at two tenants.
    func externalIDDigest(_ text: String, of client: ClientID) throws(EdgeError) -> [UInt8] {
        try digest("\(client.place):\(text)", purpose: "person.external_id")
    }
}
