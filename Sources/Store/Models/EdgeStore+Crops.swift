import EdgeCore
import FoundationEssentials
import GRDB
import Logging

/// The aligned faces that templates were made of, sealed under the person's key.
extension EdgeStore {
    private static let peopleAtOnce = 20

    /// One more crop of a person, sealed.
    func insert(
        _ crop: FaceCrop, quality: Double, number: Int, of owner: PersonOwner, at moment: Date, _ db: Database
    ) throws {
        let id = CropID()
        let sealed = try sealer.seal(
            CropForm.bytes(crop), subjectKey: owner.subjectKey, context: SealPlace.crop(id, of: owner.client))
        try db.cachedStatement(
            sql: """
                INSERT INTO crops (id, person_key, sample_number, quality, face, created_at) VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [id.column, owner.key, number, quality, Data(sealed), moment.column])
    }

    /// One person's crops, unsealed.
    func crops(of owner: PersonOwner, _ db: Database) throws -> [KeptCrop] {
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT * FROM crops WHERE person_key = ? ORDER BY sample_number"),
            arguments: [owner.key]
        ).map { row in
            KeptCrop(
                id: try row.id("id"), sample: row["sample_number"], quality: row["quality"],
                face: try crop(row, of: owner, sealer), createdAt: row["created_at"])
        }
    }

    /// Takes away what recognition has of a person: the templates of all models and the crops.
    func removeSamples(ofPerson key: Int64, _ db: Database) throws {
        for table in ["templates", "crops"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE person_key = ?", arguments: [key])
        }
    }

    /// Removes all crops where the configuration keeps none, with a line of the audit trail before and one after.
    func removeCropsUnlessKept() async throws(EdgeError) {
        guard !options.keepsCrops else { return }
        let waiting = try await read { db in try RemovedRows(db, "crops") }
        guard waiting.rows > 0 else { return }
        let removed = try await removeInSlices("crops.removal", waiting) { store, db in
            let people = try Int64.fetchAll(
                db, sql: "SELECT DISTINCT person_key FROM crops ORDER BY person_key LIMIT ?",
                arguments: [Self.peopleAtOnce])
            return try people.map { key in
                try db.execute(sql: "DELETE FROM crops WHERE person_key = ?", arguments: [key])
                return (key, db.changesCount)
            }
        }
        log.notice("kept crops removed", metadata: ["crops": "\(removed.rows)", "people": "\(removed.people)"])
    }

    /// Removes rows of some people at a time until `slice` finds nobody any more.
    ///
    /// What was removed cannot be opened from any copy once the key-encryption key is exchanged. The lines `action.begun` and
    /// `action.ended` say how much it was: after a power cut the next attempt tells of the rest.
    func removeInSlices(
        _ action: String, _ waiting: RemovedRows,
        _ slice: @escaping @Sendable (EdgeStore, Database) throws -> [(person: Int64, rows: Int)]
    ) async throws(EdgeError) -> RemovedRows {
        try await append(waiting.line("\(action).begun", at: clock.wall))
        var removed = RemovedRows(facts: waiting.facts)
        while true {
            let part = try await write { [self] db -> (people: Int, rows: Int) in
                let going = try slice(self, db)
                for (person, _) in going { try renewKey(ofPerson: person, db) }
                if !going.isEmpty { try noteErasure(db) }
                return (going.count, going.reduce(0) { $0 + $1.rows })
            }
            guard part.people > 0 else { break }
            removed.people += part.people
            removed.rows += part.rows
        }
        try await append(removed.line("\(action).ended", at: clock.wall))
        await emptyLog()
        return removed
    }
}

/// Opens a row of `crops`.
func crop(_ row: Row, of owner: PersonOwner, _ sealer: any Sealer) throws -> FaceCrop {
    try CropForm.crop(
        sealer.open(
            row.bytes("face"), subjectKey: owner.subjectKey, context: SealPlace.crop(row.id("id"), of: owner.client)))
}

/// A crop as it is kept.
struct KeptCrop: Sendable {
    let id: CropID
    let sample: Int
    let quality: Double
    let face: FaceCrop
    let createdAt: Int64
}

/// How many rows of how many people are removed.
struct RemovedRows: Sendable {
    var rows = 0
    var people = 0
    /// What else the audit lines say, with a comma behind it.
    var facts = ""

    init(facts: String) { self.facts = facts }

    init(_ db: Database, _ table: StaticString) throws {
        let row = try Row.fetchOne(db, sql: "SELECT count(*) AS n, count(DISTINCT person_key) AS people FROM \(table)")
        rows = row?["n"] ?? 0
        people = row?["people"] ?? 0
    }

    func line(_ action: String, at moment: Date) -> AuditRecord {
        AuditRecord(
            action: action, succeeded: true, detailsJSON: "{\(facts)\"people\":\(people),\"rows\":\(rows)}", at: moment)
    }
}

/// An aligned face as it is sealed: a version, then the pixels.
enum CropForm {
    static func bytes(_ crop: FaceCrop) -> [UInt8] { [1] + crop.pixels }

    static func crop(_ bytes: [UInt8]) throws -> FaceCrop {
        guard bytes.first == 1, let crop = FaceCrop(pixels: Array(bytes.dropFirst())) else {
            throw EdgeError(.storeCorrupt, "A kept crop has an unknown form.")
        }
        return crop
    }
}
