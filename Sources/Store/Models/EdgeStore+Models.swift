public import EdgeCore
import FoundationEssentials
import GRDB
import Synchronization

/// How far people can be recognised by one model.
public struct ModelCoverage: Sendable, Equatable {
    /// People who have templates of it.
    public var people = 0
    /// People who have none, and of whom a crop is kept that one can be made of.
    public var convertible = 0
    /// People who have none, and have to come again.
    public var missing = 0

    /// Nobody.
    public init() {}
}

extension EdgeStore {
    /// The model that was switched to last; `nil` while there never was a switch.
    public func chosenModel() async throws(EdgeError) -> ModelVersion? {
        try await read { db in try Self.modelNote("active_model", db) }
    }

    /// The models that somebody has templates of.
    public func storedModels() async throws(EdgeError) -> [ModelVersion] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT DISTINCT model_id, model_version FROM templates ORDER BY model_id, model_version"
            ).map { ModelVersion(id: $0[0], version: $0[1]) }
        }
    }

    /// How far people can be recognised by a model.
    public func coverage(of model: ModelVersion) async throws(EdgeError) -> ModelCoverage {
        try await read { db in try ModelCoverage(of: model, db) }
    }

    /// From now on people are recognised by this model: who has no template of it is reported.
    public func use(_ model: ModelVersion) async throws(EdgeError) {
        modelInUse.withLock { $0 = model }
        try await reportCoverage()
    }

    /// Says how many people cannot be recognised because they have no template of the model in use.
    func reportCoverage() async throws(EdgeError) {
        guard let model = modelInUse.withLock({ $0 }) else { return }
        let coverage = try await coverage(of: model)
        let count = coverage.convertible + coverage.missing
        guard count > 0 else { return health.clear("recognition.templates.missing") }
        health.raise(
            "recognition.templates.missing",
            title: "People without a template of the model in use, \(model.id) \(model.version): \(count).",
            severity: .warning,
            remedy: "Enroll them again, or switch back with edged models switch; edged models list has the numbers.")
    }

    static func modelNote(_ name: String, _ db: Database) throws -> ModelVersion? {
        let value = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
        let words = value.map { String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init) } ?? []
        guard words.count == 2 else { return nil }
        return ModelVersion(id: words[0], version: words[1])
    }

    static func keep(_ model: ModelVersion, as name: String, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [name, Data("\(model.id)\n\(model.version)".utf8)])
    }
}

extension ModelCoverage {
    init(of model: ModelVersion, _ db: Database) throws {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) FILTER (WHERE has_own) AS people,
                    count(*) FILTER (WHERE NOT has_own AND has_crop) AS convertible,
                    count(*) FILTER (WHERE NOT has_own AND NOT has_crop) AS missing
                FROM (SELECT
                    EXISTS (SELECT 1 FROM templates t WHERE t.person_key = people.key
                        AND t.model_id = :id AND t.model_version = :version) AS has_own,
                    EXISTS (SELECT 1 FROM crops WHERE person_key = people.key) AS has_crop
                    FROM people WHERE EXISTS (SELECT 1 FROM templates WHERE person_key = people.key))
                """, arguments: ["id": model.id, "version": model.version])
        people = row?["people"] ?? 0
        convertible = row?["convertible"] ?? 0
        missing = row?["missing"] ?? 0
    }
}
