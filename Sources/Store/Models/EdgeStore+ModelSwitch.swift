public import EdgeCore
import FoundationEssentials
import GRDB
import Synchronization

/// One person's crops that a model has made no template of yet.
public struct PersonCrops: Sendable {
    /// The person.
    public let person: PersonID
    let key: Int64
    let crops: [KeptCrop]

    /// The faces, in the order in which ``EdgeStore/keep(_:)`` wants their templates.
    public var faces: [FaceCrop] { crops.map(\.face) }
}

/// Some people whose crops wait for another model.
public struct CropBatch: Sendable {
    /// The people.
    public var people: [PersonCrops] = []
    /// People whose crops were changed and do not open.
    public var unreadable = 0
    /// Where the next part begins; `nil` after the last.
    public var next: Int64?
}

/// What a switch to another model came to.
public struct ModelSwitchCounts: Sendable, Equatable {
    /// People who got templates of the model.
    public var people = 0
    /// Templates that were written.
    public var templates = 0
    /// People whose crops do not open.
    public var unreadable = 0

    /// Nothing yet.
    public init() {}
}

extension EdgeStore {
    private static let peopleAtOnce = 20

    /// Some people with crops that `model` has made no template of, from where the part before ended.
    public func cropsWaiting(
        for model: ModelVersion, from start: Int64 = 0
    ) async throws(EdgeError) -> CropBatch {
        try await read { [self] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM people WHERE key >= :start AND EXISTS (
                        SELECT 1 FROM crops c WHERE c.person_key = people.key AND NOT EXISTS (\(Self.twin)))
                    ORDER BY key LIMIT :limit
                    """,
                arguments: [
                    "start": start, "id": model.id, "version": model.version, "limit": Self.peopleAtOnce + 1,
                ])
            var batch = CropBatch()
            batch.next = rows.count > Self.peopleAtOnce ? rows[Self.peopleAtOnce]["key"] : nil
            for row in rows.prefix(Self.peopleAtOnce) {
                if let crops = try whatOpens({ try waiting(PersonOwner(row, sealer), for: model, db) }) {
                    batch.people.append(crops)
                } else {
                    batch.unreadable += 1
                }
            }
            return batch
        }
    }

    /// The template of the model that was made of the crop `c`.
    private static let twin = """
        SELECT 1 FROM templates t WHERE t.person_key = c.person_key AND t.model_id = :id AND t.model_version = :version
            AND t.sample_number = c.sample_number
        """

    private func waiting(_ owner: PersonOwner, for model: ModelVersion, _ db: Database) throws -> PersonCrops {
        let done = try Set(
            Int.fetchAll(
                db,
                sql: "SELECT sample_number FROM templates WHERE person_key = ? AND model_id = ? AND model_version = ?",
                arguments: [owner.key, model.id, model.version]))
        return PersonCrops(
            person: owner.id, key: owner.key,
            crops: try crops(of: owner, db).filter { !done.contains($0.sample) })
    }

    /// Writes the templates that were made of crops beside the others, in one transaction; central is told.
    ///
    /// Each list has a template for each of the person's faces. Who was removed or enrolled anew meanwhile is left out.
    /// Returns what was written and what the gallery has to follow.
    public func keep(
        _ made: [(crops: PersonCrops, templates: [FaceTemplate])]
    ) async throws(EdgeError) -> (counts: ModelSwitchCounts, effects: [GalleryEffect]) {
        try await write { [self] db in
            var counts = ModelSwitchCounts()
            var effects: [GalleryEffect] = []
            for (crops, templates) in made {
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM people WHERE key = ? AND id = ?",
                    arguments: [crops.key, crops.person.column])
                guard let row else { continue }
                let owner = try PersonOwner(row, sealer)
                let written = try put(templates, madeOf: crops, of: owner, db)
                guard written > 0 else { continue }
                counts.people += 1
                counts.templates += written
                // What was measured at the templates before, the likeness of an old photo, does not hold for these.
                try db.execute(
                    sql: "UPDATE people SET generation = generation + 1, updated_at = ? WHERE key = ?",
                    arguments: [clock.wall.column, owner.key])
                try enqueueEnrollment(of: owner, enrollment: try row.optionalID("enrollment_id"), db)
                effects.append(try effect(of: owner, db))
            }
            return (counts, effects)
        }
    }

    private func put(
        _ templates: [FaceTemplate], madeOf crops: PersonCrops, of owner: PersonOwner, _ db: Database
    ) throws -> Int {
        var written = 0
        for (crop, template) in zip(crops.crops, templates) {
            let isWanted = try Bool.fetchOne(
                db, sql: "SELECT NOT EXISTS (\(Self.twin)) FROM crops c WHERE c.id = :crop",
                arguments: ["crop": crop.id.column, "id": template.model.id, "version": template.model.version])
            guard isWanted == true else { continue }
            try insert(template, quality: crop.quality, number: crop.sample, of: owner, at: clock.wall, db)
            written += 1
        }
        return written
    }

    /// Makes a model the one by which people are recognised from the next start on, with a line of the audit trail.
    ///
    /// With `dropsOld` the templates of `old` go as soon as the model is in use. Returns how far people have templates.
    public func choose(
        _ model: ModelVersion, insteadOf old: ModelVersion, after counts: ModelSwitchCounts, dropsOld: Bool
    ) async throws(EdgeError) -> ModelCoverage {
        try await write { [self] db in
            let coverage = try ModelCoverage(of: model, db)
            try Self.keep(model, as: "active_model", db)
            try db.execute(sql: "DELETE FROM meta WHERE name = 'dropped_model'")
            if dropsOld, old != model { try Self.keep(old, as: "dropped_model", db) }
            let facts: PayloadValue = [
                "from": .text("\(old.id) \(old.version)"), "to": .text("\(model.id) \(model.version)"),
                "people": .integer(coverage.people), "without": .integer(coverage.convertible + coverage.missing),
                "converted": .integer(counts.people), "templates": .integer(counts.templates),
                "drops_old": .flag(dropsOld),
            ]
            try audit(
                AuditRecord(action: "models.switched", succeeded: true, detailsJSON: facts.jsonText, at: clock.wall),
                db)
            return coverage
        }
    }

    /// Removes the templates that a switch said are to go, of people who have some of the model in use.
    ///
    /// Who has none keeps the old ones: they are all that is known of their face. Returns how many people lost some.
    @discardableResult
    public func dropOldTemplates() async throws(EdgeError) -> Int {
        guard let model = modelInUse.withLock({ $0 }),
            let old = try await read({ db in try Self.modelNote("dropped_model", db) }), old != model
        else { return 0 }
        let removed = try await drop(old, besides: model)
        try await write { db in try db.execute(sql: "DELETE FROM meta WHERE name = 'dropped_model'") }
        return removed.people
    }

    /// Removes the templates of all other models at once, of people who have some of `model`, by which people are recognised.
    ///
    /// For whoever asks for it after the switch: nothing says any more which model was the one before. Who has none of
    /// `model` keeps the others. Returns how many templates went.
    public func dropTemplates(besides model: ModelVersion) async throws(EdgeError) -> Int {
        var dropped = 0
        for old in try await storedModels() where old != model {
            let removed = try await drop(old, besides: model)
            dropped += removed.rows
        }
        return dropped
    }

    /// With lines of the audit trail, where there is something to remove.
    private func drop(_ old: ModelVersion, besides model: ModelVersion) async throws(EdgeError) -> RemovedRows {
        let going: StatementArguments = [
            "old": old.id, "oldVersion": old.version, "id": model.id, "version": model.version,
        ]
        var waiting = RemovedRows(facts: #""model":"\#(old.id) \#(old.version)","#)
        (waiting.rows, waiting.people) = try await read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT count(*), count(DISTINCT person_key) FROM templates o WHERE \(Self.outdated)",
                arguments: going)
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
        guard waiting.rows > 0 else { return waiting }
        return try await removeInSlices("models.drop", waiting) { _, db in
            let people = try Int64.fetchAll(
                db,
                sql: "SELECT DISTINCT person_key FROM templates o WHERE \(Self.outdated) ORDER BY 1 LIMIT :limit",
                arguments: going + ["limit": Self.peopleAtOnce])
            return try people.map { key in
                try db.execute(
                    sql: "DELETE FROM templates WHERE person_key = ? AND model_id = ? AND model_version = ?",
                    arguments: [key, old.id, old.version])
                return (key, db.changesCount)
            }
        }
    }

    /// Templates `o` of the old model where there are some of the new one.
    private static let outdated = """
        o.model_id = :old AND o.model_version = :oldVersion AND EXISTS (SELECT 1 FROM templates n
            WHERE n.person_key = o.person_key AND n.model_id = :id AND n.model_version = :version)
        """
}
