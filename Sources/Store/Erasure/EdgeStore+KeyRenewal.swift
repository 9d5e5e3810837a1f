import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import SyncCore

extension EdgeStore {
    /// Gives a person another key and seals anew what is left of them: what was sealed under the old key and is gone cannot
    /// be opened from any copy once the key-encryption key is exchanged.
    ///
    /// For a removal of templates that leaves the person known. A person whose record cannot be opened keeps the key.
    func renewKey(ofPerson key: Int64, _ db: Database) throws {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM people WHERE key = ?", arguments: [key]) else {
            return
        }
        do {
            let lane = try address(.enrollment, epoch: try laneStates(db).epoch, db)
            try Renewal(from: PersonOwner(row, sealer), to: sealer.makeSubjectKey(), lane: lane, sealer).run(row, db)
        } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
            log.error("a person's key was not renewed", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}

/// Everything of one person that is sealed under their key, sealed anew.
private struct Renewal {
    private let owner: PersonOwner
    private let fresh: [UInt8]
    private let lane: LaneAddress
    private let sealer: any Sealer

    init(from owner: PersonOwner, to fresh: [UInt8], lane: LaneAddress, _ sealer: any Sealer) {
        self.owner = owner
        self.fresh = fresh
        self.lane = lane
        self.sealer = sealer
    }

    /// Nothing is written before all of it was opened.
    func run(_ row: Row, _ db: Database) throws {
        let personal = try anew(row.bytes("personal"), SealPlace.person(owner.id, of: owner.client))
        let profile = try (row["profile"] as Data?).map {
            try anew(Array($0), SealPlace.profile(of: owner.id, client: owner.client))
        }
        let (pictures, consents, records) = (try self.pictures(db), try self.consents(db), try self.records(db))
        let (templates, crops) = (try self.templates(db), try self.crops(db))
        try db.execute(
            sql: "UPDATE people SET subject_key = ?, personal = ?, profile = ? WHERE key = ?",
            arguments: [Data(fresh), personal, profile, owner.key])
        for (kind, picture) in pictures {
            try db.execute(
                sql: "UPDATE person_images SET picture = ? WHERE person_key = ? AND kind = ?",
                arguments: [picture, owner.key, kind])
        }
        for (key, consent) in consents {
            try db.execute(sql: "UPDATE consents SET sealed = ? WHERE enrollment_key = ?", arguments: [consent, key])
        }
        for (key, vector) in templates {
            try db.execute(sql: "UPDATE templates SET vector = ? WHERE key = ?", arguments: [vector, key])
        }
        for (key, face) in crops {
            try db.execute(sql: "UPDATE crops SET face = ? WHERE key = ?", arguments: [face, key])
        }
        for (sequence, payload) in records {
            try db.execute(
                sql: "UPDATE outbox SET payload = ? WHERE lane = ? AND sequence = ?",
                arguments: [payload, lane.lane.priority, sequence])
        }
    }

    private func anew(_ sealed: [UInt8], _ place: SealContext) throws -> Data {
        let plain = try sealer.open(sealed, subjectKey: owner.subjectKey, context: place)
        return Data(try sealer.seal(plain, subjectKey: fresh, context: place))
    }

    private func pictures(_ db: Database) throws -> [(kind: String, sealed: Data)] {
        try Row.fetchAll(
            db, sql: "SELECT kind, media_type, picture FROM person_images WHERE person_key = ?", arguments: [owner.key]
        ).map { row in
            let place = SealPlace.image(
                try row.word("kind"), mediaType: row["media_type"], of: owner.id, client: owner.client)
            return (row["kind"], try anew(row.bytes("picture"), place))
        }
    }

    private func consents(_ db: Database) throws -> [(key: Int64, sealed: Data)] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT c.enrollment_key, c.sealed, e.id FROM consents c JOIN enrollments e ON e.key = c.enrollment_key
                WHERE c.person_key = ?
                """, arguments: [owner.key]
        ).map { row in
            let place = SealPlace.consent(to: try row.id("id"), of: owner.client)
            return (row["enrollment_key"], try anew(row.bytes("sealed"), place))
        }
    }

    private func templates(_ db: Database) throws -> [(key: Int64, sealed: Data)] {
        try Row.fetchAll(
            db, sql: "SELECT key, id, model_id, model_version, vector FROM templates WHERE person_key = ?",
            arguments: [owner.key]
        ).map { row in
            let model = ModelVersion(id: row["model_id"], version: row["model_version"])
            let place = SealPlace.template(try row.id("id"), model: model, of: owner.client)
            return (row["key"], try anew(row.bytes("vector"), place))
        }
    }

    private func crops(_ db: Database) throws -> [(key: Int64, sealed: Data)] {
        try Row.fetchAll(db, sql: "SELECT key, id, face FROM crops WHERE person_key = ?", arguments: [owner.key])
            .map { row in
                (row["key"], try anew(row.bytes("face"), SealPlace.crop(row.id("id"), of: owner.client)))
            }
    }

    /// What waits for central; its digest in the chain is that of what was sealed, and stays.
    private func records(_ db: Database) throws -> [(sequence: Int64, sealed: Data)] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM outbox WHERE lane = ? AND person_id = ? AND payload IS NOT NULL AND is_sealed = 1
                """, arguments: [lane.lane.priority, owner.id.column]
        ).map { row in
            let place = SealPlace.outbox(try OutboxRow(row, lane).head, of: owner.client)
            return (row["sequence"], try anew(row.bytes("payload"), place))
        }
    }
}
