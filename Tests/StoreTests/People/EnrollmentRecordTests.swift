import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Enrollments as records")
struct EnrollmentRecordTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("one is pending with its session, active when it completes, and completed when a later one takes its place")
    func life() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let session = fixture.session(.enrollment, of: client, user: "E-1", metadata: #"{"desk":3}"#)
        try await store.begin(session)
        let id = try #require(session.enrollmentID)
        let pending = try #require(await store.enrollment(id, of: client))
        #expect(pending.status == .pending && pending.session == session.id && pending.person == nil)
        #expect(pending.claimedID == "E-1" && pending.metadataJSON == #"{"desk":3}"#)
        #expect(pending.expiresAt == session.expiresAt && pending.sampleNumber == 1 && pending.totalSamples == 3)
        fixture.clock.advance(by: .seconds(3))
        var outcome = fixture.outcome(session, samples: 4)
        var ended = outcome.session
        (ended.qualityScore, ended.livenessScore) = (0.8, 0.9)
        outcome = SessionOutcome(session: ended, samples: outcome.samples)
        let made = try #require(await store.finish(outcome))
        let active = try #require(await store.enrollment(id, of: client))
        #expect(active.status == .active && active.person == made.person && active.totalSamples == 4)
        #expect(active.quality == 0.8 && active.liveness == 0.9)
        #expect(active.completedAt == fixture.clock.wall && active.expiresAt == nil)
        try await fixture.enroll("E-1", of: client, in: store, seed: 2)
        let all = try await store.enrollments(of: made.person.id, client: client)
        #expect(all.map(\.status) == [.active, .completed])
        #expect(all.map(\.sampleNumber) == [2, 1])
        await store.close()
    }

    @Test(
        "one follows its session to every other end",
        arguments: [
            (SessionState.failed, EnrollmentStatus.failed), (.expired, .expired), (.cancelled, .cancelled),
        ])
    func otherEnds(state: SessionState, status: EnrollmentStatus) async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        var session = fixture.session(.enrollment, of: client)
        try await store.begin(session)
        session.state = state
        _ = try await store.finish(SessionOutcome(session: session))
        let id = try #require(session.enrollmentID)
        let record = try #require(await store.enrollment(id, of: client))
        #expect(record.status == status && record.completedAt == nil)
        #expect(try await store.peopleCount() == 0)
        await store.close()
    }

    @Test("one whose session a restart ended is cancelled")
    func restart() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let session = fixture.session(.enrollment, of: client)
        try await store.begin(session)
        await store.close()
        store = try await fixture.open()
        _ = try await store.cancelOpenSessions(at: fixture.clock.wall)
        #expect(try await store.enrollments(of: client, page: PageRequest()).items.map(\.status) == [.cancelled])
        await store.close()
    }

    @Test(
        "inactive takes the templates out of recognition and active brings them back, from the gallery and at decisions"
    )
    func inactive() async throws {
        let store = try await fixture.open()
        let (client, id, made) = try await enrolled(in: store)
        let off = try await store.changeEnrollment(id, of: client, status(.inactive))
        #expect(off.enrollment.status == .inactive)
        guard case .remove(made.person.id) = off.effect else { return #expect(Bool(false)) }
        #expect(try await store.gallery().isEmpty)
        let person = try #require(await store.person(made.person.id, of: client))
        #expect(!person.isEnrolled && person.templateCount == 3)
        await #expect(throws: EdgeError(.personUnknown)) { try await recognise(made, client, in: store) }
        let on = try await store.changeEnrollment(id, of: client, status(.active))
        guard case .replace(let record) = on.effect else { return #expect(Bool(false)) }
        #expect(record.templates == made.templates)
        try await recognise(made, client, in: store)
        #expect(try await store.gallery().count == 1)
        #expect(try await store.newest(20).map(\.action).filter { $0 == "enrollment.changed" }.count == 2)
        await store.close()
    }

    @Test("one that comes back into force does not bring a deactivated person back")
    func bothSwitches() async throws {
        let store = try await fixture.open()
        let (client, id, made) = try await enrolled(in: store)
        var edit = PersonEdit()
        edit.isActive = false
        _ = try await store.changePerson(made.person.id, of: client, edit)
        _ = try await store.changeEnrollment(id, of: client, status(.inactive))
        let on = try await store.changeEnrollment(id, of: client, status(.active))
        guard case .remove = on.effect else { return #expect(Bool(false)) }
        #expect(try await store.gallery().isEmpty)
        await store.close()
    }

    @Test("a time that the client sets ends the templates' use when it comes, without anybody writing it down")
    func expiry() async throws {
        let store = try await fixture.open()
        let (client, id, made) = try await enrolled(in: store)
        var edit = EnrollmentEdit()
        edit.expiresAt = .some(fixture.clock.wall.addingTimeInterval(60))
        let change = try await store.changeEnrollment(id, of: client, edit)
        #expect(change.enrollment.status == .active)
        try await recognise(made, client, in: store)
        fixture.clock.advance(by: .seconds(61))
        #expect(try await store.enrollment(id, of: client)?.status == .expired)
        #expect(try await store.person(made.person.id, of: client)?.isEnrolled == false)
        #expect(try await store.gallery().isEmpty)
        await #expect(throws: EdgeError(.personUnknown)) { try await recognise(made, client, in: store) }
        edit.expiresAt = .some(nil)
        #expect(try await store.changeEnrollment(id, of: client, edit).enrollment.status == .active)
        try await recognise(made, client, in: store)
        await store.close()
    }

    @Test("a time that was over before the enrollment completed keeps the templates out from the start")
    func expiredEarly() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let session = fixture.session(.enrollment, of: client)
        try await store.begin(session)
        var edit = EnrollmentEdit()
        edit.expiresAt = .some(fixture.clock.wall.addingTimeInterval(-60))
        _ = try await store.changeEnrollment(#require(session.enrollmentID), of: client, edit)
        let made = try #require(await store.finish(fixture.outcome(session)))
        #expect(made.templates.isEmpty)
        #expect(try await store.gallery().isEmpty)
        await store.close()
    }

    @Test("what was read can be sent back and changes nothing; an older one cannot be made active again")
    func states() async throws {
        let store = try await fixture.open()
        let (client, old, _) = try await enrolled(in: store)
        try await fixture.enroll("E-1", of: client, in: store, seed: 2)
        for record in try await store.enrollments(of: client, page: PageRequest()).items {
            var echo = EnrollmentEdit()
            (echo.status, echo.metadataJSON, echo.expiresAt) = (record.status, record.metadataJSON, record.expiresAt)
            let change = try await store.changeEnrollment(record.id, of: client, echo)
            #expect(change.enrollment == record)
            guard case .none = change.effect else { return #expect(Bool(false)) }
        }
        for wanted in [EnrollmentStatus.active, .inactive, .pending, .failed] {
            let error = await #expect(throws: EdgeError.self) {
                try await store.changeEnrollment(old, of: client, status(wanted))
            }
            #expect(error?.code == .enrollmentState)
        }
        await #expect(throws: EdgeError(.enrollmentUnknown)) {
            try await store.changeEnrollment(EnrollmentID(), of: client, EnrollmentEdit())
        }
        await store.close()
    }

    @Test("facts of its own take the place of the session's, sealed")
    func metadata() async throws {
        let store = try await fixture.open()
        let (client, id, _) = try await enrolled(in: store)
        var edit = EnrollmentEdit()
        edit.metadataJSON = #"{"note":"enrollment canary"}"#
        _ = try await store.changeEnrollment(id, of: client, edit)
        #expect(try await store.enrollment(id, of: client)?.metadataJSON == edit.metadataJSON)
        #expect(try !fixture.onDisk(Data("enrollment canary".utf8)))
        await store.close()
    }

    @Test("with the current one go the templates, from every file; the person stays known and can enroll again")
    func removes() async throws {
        let store = try await fixture.open()
        let (client, id, made) = try await enrolled(in: store)
        let vectors = try await store.read { try Data.fetchAll($0, sql: "SELECT vector FROM templates") }
        let effect = try await store.removeEnrollment(id, of: client)
        guard case .remove(made.person.id) = effect else { return #expect(Bool(false)) }
        #expect(vectors.count == 3)
        for vector in vectors { #expect(try !fixture.onDisk(vector)) }
        let person = try #require(await store.person(made.person.id, of: client))
        #expect(!person.isEnrolled && person.templateCount == 0 && person.enrolledAt == nil)
        #expect(try await store.enrollment(id, of: client) == nil)
        #expect(try await store.gallery().isEmpty)
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "enrollment.removed" && line.person == made.person.id)
        await #expect(throws: EdgeError(.personUnknown)) { try await recognise(made, client, in: store) }
        #expect(try await fixture.enroll("E-1", of: client, in: store)?.person.id == made.person.id)
        await #expect(throws: EdgeError(.enrollmentUnknown)) { try await store.removeEnrollment(id, of: client) }
        await store.close()
    }

    @Test("an older one goes without a template of the current one, and an open one ends with its session")
    func removesOthers() async throws {
        let store = try await fixture.open()
        let (client, old, _) = try await enrolled(in: store)
        try await fixture.enroll("E-1", of: client, in: store, seed: 2)
        guard case .none = try await store.removeEnrollment(old, of: client) else { return #expect(Bool(false)) }
        #expect(try await store.gallery().first?.templates.count == 3)
        let open = fixture.session(.enrollment, of: client, user: "E-1")
        try await store.begin(open)
        guard case .none = try await store.removeEnrollment(#require(open.enrollmentID), of: client) else {
            return #expect(Bool(false))
        }
        #expect(try await store.session(.id(open.id), of: client)?.state == .cancelled)
        await #expect(throws: EdgeError(.sessionClosed)) { try await store.finish(fixture.outcome(open)) }
        await store.close()
    }

    @Test("of another tenant one is as unknown as one that never was, and a removed person leaves none")
    func tenants() async throws {
        let store = try await fixture.open()
        let (client, id, made) = try await enrolled(in: store)
        let other = try await store.createClient(name: "other").client.id
        #expect(try await store.enrollment(id, of: other) == nil)
        #expect(try await store.enrollments(of: other, page: PageRequest()).total == 0)
        #expect(try await store.enrollments(of: made.person.id, client: other).isEmpty)
        await #expect(throws: EdgeError(.enrollmentUnknown)) { try await store.removeEnrollment(id, of: other) }
        await #expect(throws: EdgeError(.enrollmentUnknown)) {
            try await store.changeEnrollment(id, of: other, status(.inactive))
        }
        #expect(try await store.gallery().count == 1)
        try await store.removePerson(made.person.id, of: client)
        #expect(try await store.enrollments(of: client, page: PageRequest()).total == 0)
        await store.close()
    }

    private func enrolled(in store: EdgeStore) async throws -> (ClientID, EnrollmentID, GalleryRecord) {
        let client = try await store.createClient(name: "kiosk").client.id
        let session = fixture.session(.enrollment, of: client, user: "E-1")
        try await store.begin(session)
        let made = try #require(await store.finish(fixture.outcome(session)))
        return (client, try #require(session.enrollmentID), made)
    }

    private func recognise(_ made: GalleryRecord, _ client: ClientID, in store: EdgeStore) async throws {
        let session = fixture.session(.identification, of: client, user: nil)
        try await store.begin(session)
        var ended = fixture.outcome(session).session
        ended.matchedPerson = made.person
        _ = try await store.finish(SessionOutcome(session: ended))
    }

    private func status(_ status: EnrollmentStatus) -> EnrollmentEdit {
        var edit = EnrollmentEdit()
        edit.status = status
        return edit
    }
}
