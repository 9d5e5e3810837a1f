import EdgeCore
import FoundationEssentials
import GRDB

/// Leaves sealed rows out of a salvaged file that do not open: a page of another time or place, or garbage.
struct SealSweep {
    let sealer: any Sealer
    /// Whether the file's own notes said that it was written under the present keys.
    let keysAreKnown: Bool

    /// Throws `vault.key.unavailable` when nothing at all opens and the file does not say for which keys it is.
    func run(_ db: Database, _ outcome: inout Salvage.Outcome) throws {
        try db.execute(sql: "PRAGMA foreign_keys = OFF")
        try db.inTransaction(.immediate) {
            let opened = try sweepPeople(db, &outcome) + sweepSessions(db, &outcome)
            guard keysAreKnown || opened > 0 || outcome.lost["people", default: 0] == 0 else {
                throw EdgeError(.keyUnavailable, "Nothing in the damaged store opens with the keys given.")
            }
            return .commit
        }
    }

    private func sweepPeople(_ db: Database, _ outcome: inout Salvage.Outcome) throws -> Int {
        var opened = 0
        let people = try Row.fetchAll(db, sql: "SELECT key, id, client_id, subject_key, personal FROM people")
        for row in people {
            guard let owner = try whatOpens({ try PersonOwner(row, sealer) }) else {
                // Templates, crops and pictures go with them, as rows that point nowhere.
                try remove(row["key"], "key", of: "people", db, &outcome)
                continue
            }
            opened += 1
            try sweepTemplates(of: owner, db, &outcome)
            try sweepCrops(of: owner, db, &outcome)
            try sweepPictures(of: owner, db, &outcome)
        }
        return opened
    }

    private func sweepTemplates(of owner: PersonOwner, _ db: Database, _ outcome: inout Salvage.Outcome) throws {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT key, id, model_id, model_version, vector FROM templates WHERE person_key = ?"),
            arguments: [owner.key])
        for row in rows {
            let model = ModelVersion(id: row["model_id"], version: row["model_version"])
            let isSound = try whatOpens {
                try sealer.open(
                    row.bytes("vector"), subjectKey: owner.subjectKey,
                    context: SealPlace.template(row.id("id"), model: model, of: owner.client))
            }
            if isSound == nil { try remove(row["key"], "key", of: "templates", db, &outcome) }
        }
    }

    private func sweepCrops(of owner: PersonOwner, _ db: Database, _ outcome: inout Salvage.Outcome) throws {
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT key, id, face FROM crops WHERE person_key = ?"), arguments: [owner.key])
        for row in rows {
            let isSound = try whatOpens { try crop(row, of: owner, sealer) }
            if isSound == nil { try remove(row["key"], "key", of: "crops", db, &outcome) }
        }
    }

    private func sweepPictures(of owner: PersonOwner, _ db: Database, _ outcome: inout Salvage.Outcome) throws {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT rowid, kind, media_type, picture FROM person_images WHERE person_key = ?"),
            arguments: [owner.key])
        for row in rows {
            let isSound = try whatOpens {
                try sealer.open(
                    row.bytes("picture"), subjectKey: owner.subjectKey,
                    context: SealPlace.image(
                        try row.word("kind"), mediaType: row["media_type"], of: owner.id, client: owner.client))
            }
            if isSound == nil { try remove(row["rowid"], "rowid", of: "person_images", db, &outcome) }
        }
    }

    private func sweepSessions(_ db: Database, _ outcome: inout Salvage.Outcome) throws -> Int {
        var opened = 0
        let rows = try Row.fetchAll(
            db, sql: "SELECT key, id, client_id, subject_key, personal FROM sessions WHERE personal IS NOT NULL")
        for row in rows {
            let isSound = try whatOpens {
                try sealer.open(
                    row.bytes("personal"), subjectKey: Array((row["subject_key"] as Data?) ?? Data()),
                    context: SealPlace.session(row.id("id"), of: row.id("client_id")))
            }
            if isSound == nil {
                try remove(row["key"], "key", of: "sessions", db, &outcome)
            } else {
                opened += 1
            }
        }
        return opened
    }

    private func remove(
        _ key: Int64, _ column: StaticString, of table: StaticString, _ db: Database, _ outcome: inout Salvage.Outcome
    ) throws {
        try db.execute(sql: "DELETE FROM \(table) WHERE \(column) = ?", arguments: [key])
        outcome.lose(db.changesCount, of: "\(table)")
    }
}
