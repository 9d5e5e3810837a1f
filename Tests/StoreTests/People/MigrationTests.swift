import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("A database of the first version")
struct MigrationTests {
    let fixture: StoreFixture
    let client = ClientID()

    init() throws { fixture = try StoreFixture() }

    @Test("keeps its people, templates and sessions, and its enrollments become records")
    func migrates() async throws {
        let (ada, gone) = (PersonID(), PersonID())
        let enrollments = [EnrollmentID(), EnrollmentID(), EnrollmentID()]
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        try await makeFirstVersion { db in
            try insertPerson(ada, "E-1", name: "Ada", at: start, db)
            try insertEnrollment(enrollments[0], of: ada, user: "E-1", at: start, db)
            try insertEnrollment(enrollments[1], of: ada, user: "E-1", at: start.addingTimeInterval(100), db)
            // Of somebody who was removed: the session stays without a person.
            try insertEnrollment(enrollments[2], of: gone, user: nil, at: start, db)
        }
        let store = try await fixture.open()
        let person = try #require(await store.person(externalID: "E-1", of: client))
        #expect(person.id == ada && person.displayName == "Ada" && person.isActive && person.isEnrolled)
        #expect(person.templateCount == 1 && person.createdAt == start && person.updatedAt == start)
        #expect(person.enrolledAt == start.addingTimeInterval(110))
        #expect(person.profileJSON == "{}" && person.metadataJSON == "{}" && person.externalUUID == nil)
        #expect(try await store.gallery().map(\.person.id) == [ada])
        let records = try await store.enrollments(of: client, page: PageRequest()).items
        #expect(records.map(\.id) == [enrollments[1], enrollments[0]])
        #expect(records.map(\.status) == [.active, .completed])
        #expect(records.map(\.sampleNumber) == [2, 1])
        #expect(records.allSatisfy { $0.person?.id == ada && $0.claimedID == "E-1" && $0.totalSamples == 3 })
        #expect(try await store.sessions(of: client, SessionFilter(), page: PageRequest()).total == 3)
        // And goes on as one that was begun today.
        guard case .remove(ada) = try await store.removeEnrollment(enrollments[1], of: client) else {
            return #expect(Bool(false), "the newest one is the current one")
        }
        #expect(try await fixture.enroll("E-1", of: client, in: store)?.person.id == ada)
        let problems = try await store.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check").count }
        #expect(problems == 0)
        await store.close()
    }

    private func makeFirstVersion(_ fill: @escaping @Sendable (Database) throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: "\(fixture.path)/\(DatabaseFile.name)")
        let client = client
        try await queue.write { db in
            try db.execute(sql: Schema.version1)
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 1")
            try db.execute(
                sql: """
                    INSERT INTO clients (id, public_id, name, key_digest, secret_digest, is_active, created_at)
                    VALUES (?, 'FR_0000000000000001', 'kiosk', zeroblob(32), zeroblob(32), 1, 0)
                    """, arguments: [client.column])
            try fill(db)
        }
        try queue.close()
    }

    private func digest(_ user: String) throws -> Data {
        Data(try fixture.vault.digest("\(client.place):\(user)", purpose: "person.external_id"))
    }

    private func insertPerson(_ id: PersonID, _ user: String, name: String, at moment: Date, _ db: Database) throws {
        let key = try fixture.vault.makeSubjectKey()
        let personal = try fixture.vault.seal(
            PersonalData(externalID: user, displayName: name).bytes, subjectKey: key,
            context: SealPlace.person(id, of: client))
        try db.execute(
            sql: """
                INSERT INTO people (id, client_id, external_id_digest, subject_key, personal, generation, enrolled_at)
                VALUES (?, ?, ?, ?, ?, 2, ?)
                """, arguments: [id.column, client.column, digest(user), Data(key), Data(personal), moment.column])
        let template = TemplateID()
        let vector = try fixture.vault.seal(
            VectorForm.bytes(fixture.template(seed: 1).values), subjectKey: key,
            context: SealPlace.template(template, model: fixture.model, of: client))
        try db.execute(
            sql: """
                INSERT INTO templates (id, person_key, model_id, model_version, sample_number, quality, vector,
                    created_at) VALUES (?, ?, ?, ?, 1, 0.9, ?, ?)
                """,
            arguments: [
                template.column, db.lastInsertedRowID, fixture.model.id, fixture.model.version, Data(vector),
                moment.column,
            ])
    }

    private func insertEnrollment(
        _ id: EnrollmentID, of person: PersonID, user: String?, at moment: Date, _ db: Database
    ) throws {
        let session = fixture.session(.enrollment, of: client, user: user)
        let key = try fixture.vault.makeSubjectKey()
        let personal = try fixture.vault.seal(
            SessionPersonalData(session).bytes, subjectKey: key, context: SealPlace.session(session.id, of: client))
        try db.execute(
            sql: """
                INSERT INTO sessions (id, client_id, token_digest, kind, state, claimed_digest, subject_key, personal,
                    enrollment_id, session_type, frame_source, frames_processed, accepted_frames, target_frames,
                    liveness_verified, person_id, quality_score, created_at, expires_at, completed_at)
                VALUES (?, ?, randomblob(32), 'enrollment', 'completed', ?, ?, ?, ?, 'api', 'upload', 4, 3, 3, 1, ?,
                    0.9, ?, ?, ?)
                """,
            arguments: [
                session.id.column, client.column, try user.map(digest), user == nil ? nil : Data(key),
                user == nil ? nil : Data(personal), id.column, person.column, moment.column,
                moment.addingTimeInterval(600).column, moment.addingTimeInterval(10).column,
            ])
    }
}
