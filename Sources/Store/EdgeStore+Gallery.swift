public import EdgeCore
import Dispatch
import FoundationEssentials
import GRDB
import Logging
import Synchronization

extension EdgeStore: TemplateRepository {
    /// Everybody of every tenant who may be recognised, unsealed, for the gallery in memory.
    ///
    /// A person whose record was changed is left out, with a line in the log and in the audit trail: one damaged row
    /// must not close the door for everybody else.
    public func gallery() async throws(EdgeError) -> [GalleryRecord] {
        let (records, broken) = try await read { [sealer, clock] db in
            try GalleryLoader(sealer).load(db, at: clock.wall)
        }
        guard !broken.isEmpty else { return records }
        log.error("sealed people could not be opened", metadata: ["people": "\(broken.count)"])
        try await write { [self] db in
            for person in broken {
                try audit(
                    AuditRecord(
                        action: "person.unreadable", person: person, succeeded: false,
                        reason: ErrorCode.sealBroken.rawValue, at: clock.wall), db)
            }
        }
        return records
    }
}

/// Whose templates may be matched: nobody who is deactivated, nor where the enrollment is out of force.
enum TemplatesInForce {
    /// For rows of `people`; `:now` is the present time.
    static let condition = """
        people.is_active = 1 AND NOT EXISTS (
            SELECT 1 FROM enrollments e
            WHERE e.id = people.enrollment_id AND (e.status <> 'active' OR e.valid_until <= :now))
        """
}

extension EdgeStore {
    /// One person's templates, unsealed.
    func templates(of owner: PersonOwner, _ db: Database) throws -> [FaceTemplate] {
        try Row.fetchAll(
            db, sql: "SELECT id, model_id, model_version, vector FROM templates WHERE person_key = ? ORDER BY key",
            arguments: [owner.key]
        ).map { row in
            let model = ModelVersion(id: row["model_id"], version: row["model_version"])
            let vector = try sealer.open(
                row.bytes("vector"), subjectKey: owner.subjectKey,
                context: SealPlace.template(row.id("id"), model: model, of: owner.client))
            return FaceTemplate(model: model, values: try VectorForm.values(vector))
        }
    }
}

/// Reads all sealed people with two scans and opens them on all processors.
private struct GalleryLoader {
    private let sealer: any Sealer

    init(_ sealer: any Sealer) { self.sealer = sealer }

    struct SealedTemplate: Sendable {
        let id: TemplateID
        let model: ModelVersion
        let vector: [UInt8]
    }

    struct SealedPerson: Sendable {
        let id: PersonID
        let client: ClientID
        let subjectKey: [UInt8]
        let personal: [UInt8]
        var templates: [SealedTemplate] = []
    }

    func load(_ db: Database, at moment: Date) throws -> (records: [GalleryRecord], broken: [PersonID]) {
        let people = try sealedPeople(db, at: moment)
        let share = max(256, (people.count + 63) / 64)
        let starts = Array(stride(from: 0, to: people.count, by: share))
        let opened = Mutex<[Int: Result<[GalleryRecord?], EdgeError>]>([:])
        // This runs on the store's own queue: waiting here holds up nobody else.
        DispatchQueue.concurrentPerform(iterations: starts.count) { index in
            let part = people[starts[index]..<min(starts[index] + share, people.count)]
            let result = Result { () throws(EdgeError) in
                try part.map { person throws(EdgeError) in try open(person) }
            }
            opened.withLock { $0[index] = result }
        }
        let parts = opened.withLock { $0 }
        let all = try starts.indices.flatMap { try parts[$0]?.get() ?? [] }
        let broken = zip(people, all).filter { $1 == nil }.map(\.0.id)
        return (all.compactMap(\.self), broken)
    }

    private func sealedPeople(_ db: Database, at moment: Date) throws -> [SealedPerson] {
        var people: [SealedPerson] = []
        var places: [Int64: Int] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT key, id, client_id, subject_key, personal FROM people
                WHERE \(TemplatesInForce.condition) AND EXISTS (SELECT 1 FROM templates WHERE person_key = people.key)
                """, arguments: ["now": moment.column])
        while let row = try rows.next() {
            // By position, as in the query: a look-up of names for every row would cost as much as the unsealing.
            places[row[0]] = people.count
            try people.append(
                SealedPerson(
                    id: Identifier(column: row[1]), client: Identifier(column: row[2]),
                    subjectKey: Array(row[3] as Data),
                    personal: Array(row[4] as Data)))
        }
        let templates = try Row.fetchCursor(
            db, sql: "SELECT person_key, id, model_id, model_version, vector FROM templates ORDER BY key")
        while let row = try templates.next() {
            guard let place = places[row[0]] else { continue }
            try people[place].templates.append(
                SealedTemplate(
                    id: Identifier(column: row[1]), model: ModelVersion(id: row[2], version: row[3]),
                    vector: Array(row[4] as Data)))
        }
        return people
    }

    /// `nil` for a person whose record was changed.
    private func open(_ sealed: SealedPerson) throws(EdgeError) -> GalleryRecord? {
        do {
            let personal = try PersonalData(
                sealer.open(
                    sealed.personal, subjectKey: sealed.subjectKey,
                    context: SealPlace.person(sealed.id, of: sealed.client)))
            let templates = try sealed.templates.map { template in
                let vector = try sealer.open(
                    template.vector, subjectKey: sealed.subjectKey,
                    context: SealPlace.template(template.id, model: template.model, of: sealed.client))
                return FaceTemplate(model: template.model, values: try VectorForm.values(vector))
            }
            guard !templates.isEmpty else { return nil }
            return GalleryRecord(
                client: sealed.client,
                person: MatchedPerson(
                    id: sealed.id, externalID: personal.externalID, displayName: personal.displayName),
                templates: templates)
        } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
            return nil
        } catch { throw storeError(error) }
    }
}
