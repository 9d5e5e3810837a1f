import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("What a member does itself")
struct FleetStampTests {
    @Test("an enrollment names its subject and version to central and is in effect until central's word is applied")
    func pending() async throws {
        let house = try await FleetFixture()
        _ = try await house.enroll("E-1")
        let told = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        let facts = try #require(told.first)
        let subject = try house.subject("E-1")
        #expect(told.count == 1 && facts.subject == subject)
        #expect(facts.version.generation == 1 && facts.version.consent == 0)
        #expect(facts.version.device == house.store.deviceID)
        #expect(try await house.replica("E-1")?.replica.pending == Replica.Pending(version: facts.version))
        let point = ScopePoint(scope: house.scope, change: 5)
        try await house.apply([house.part([], reached: 3)])
        try await house.store.settle(
            house.settlement(settled: [.init(sequence: 1, subject: facts.subject, version: facts.version, point: point)]
            ),
            of: .enrollment)
        #expect(try await house.replica("E-1")?.replica.pending?.settledAt == point)
        try await house.apply([house.put("E-1", facts.version, change: 5)])
        let settled = try #require(try await house.replica("E-1"))
        #expect(settled.replica.pending == nil && settled.replica.told == facts.version)
        #expect(try await house.recognisable() == ["E-1"])
        await house.store.close()
    }

    @Test("each enrollment of a person is one generation more, also over one that central told")
    func generations() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.put("E-1", house.version(4))])
        _ = try await house.enroll("E-1", seed: 2)
        _ = try await house.enroll("E-1", seed: 3)
        let told = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        #expect(told.map(\.version.generation) == [5, 6])
        #expect(told[0].version.time < told[1].version.time)
        await house.store.close()
    }

    @Test("who was enrolled before the device joined is told with a version, once")
    func before() async throws {
        let house = try await FleetFixture(joins: false)
        for number in 0..<3 { _ = try await house.enroll("E-\(number)", seed: number) }
        try await house.store.join(house.membership())
        try await house.store.snapshotWhenDue()
        let records = try await house.records(.enrollment)
        #expect(records.map(\.head.kind) == Array(repeating: RecordKind.enrolled, count: 6) + ["snapshot.completed"])
        let payloads = try await house.store.open(Array(records[3..<6]))
        let told = try payloads.map { try JSONDecoder().decode(SubjectFacts.self, from: Data(#require($0))) }
        #expect(Set(told.map(\.subject)) == Set(try (0..<3).map { try house.subject("E-\($0)") }))
        #expect(told.allSatisfy { $0.version.generation == 1 })
        await house.store.close()
    }

    @Test("an erasure tells central whom and which consent it ends, and a later enrollment needs a new one")
    func erasure() async throws {
        let house = try await FleetFixture()
        _ = try await house.enroll("E-1")
        _ = try await house.store.removePerson(externalID: "E-1", of: house.client)
        let told = try await house.payloads(RecordKind.erased, in: .control, as: ErasedFacts.self)
        #expect(told == [ErasedFacts(cause: "request", subject: try house.subject("E-1"), consent: 0)])
        #expect(try await house.replica("E-1")?.replica.erasedBelow == 1)
        // Central cannot be reached.
        await #expect(throws: EdgeError.self) { try await house.enroll("E-1") }
        // It can, and has not heard of the erasure.
        house.consent.withLock { $0 = 0 }
        do {
            _ = try await house.enroll("E-1")
            Issue.record("enrolled without a consent")
        } catch { #expect((error as? EdgeError)?.code == .consentRenewalNeeded) }
        #expect(try await house.store.newest(1).first?.action == "session.refused")
        house.consent.withLock { $0 = 1 }
        _ = try await house.enroll("E-1", seed: 2)
        let again = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        #expect(again.map(\.version.consent) == [1] && again.map(\.version.generation) == [1])
        #expect(try await house.recognisable() == ["E-1"])
        await house.store.close()
    }

    @Test("a device that belongs to no fleet enrolls who was erased without asking anybody")
    func alone() async throws {
        let house = try await FleetFixture(joins: false)
        _ = try await house.enroll("E-1")
        _ = try await house.store.removePerson(externalID: "E-1", of: house.client)
        _ = try await house.enroll("E-1")
        #expect(try await house.recognisable() == ["E-1"])
        await house.store.close()
    }

    @Test("a new id, templates taken away and a client that is removed are erasures for the fleet")
    func otherErasures() async throws {
        let house = try await FleetFixture()
        for user in ["renamed", "emptied", "of a client"] { _ = try await house.enroll(user, seed: user.count) }
        let renamed = try #require(try await house.person("renamed"))
        var edit = PersonEdit()
        edit.externalID = "new id"
        _ = try await house.store.changePerson(renamed.id, of: house.client, edit)
        let subjects = [try house.subject("renamed"), try house.subject("emptied"), try house.subject("of a client")]
        let told = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        let renewed = try house.subject("new id")
        #expect(told.last?.subject == renewed)
        let emptied = try #require(try await house.person("emptied"))
        let enrollment = try #require(try await house.store.enrollments(of: emptied.id, client: house.client).first)
        _ = try await house.store.removeEnrollment(enrollment.id, of: house.client)
        try await house.store.deleteClient(house.client)
        let erased = try await house.payloads(RecordKind.erased, in: .control, as: ErasedFacts.self)
        #expect(Array(erased.map(\.subject).prefix(2)) == Array(subjects.prefix(2)))
        #expect(erased.contains { $0.subject == subjects[2] && $0.cause == "client_removed" })
        await house.store.close()
    }

    @Test("somebody who is called otherwise or may not be recognised is another version for the fleet")
    func change() async throws {
        let house = try await FleetFixture()
        _ = try await house.enroll("E-1")
        let person = try #require(try await house.person("E-1"))
        var edit = PersonEdit()
        edit.isActive = false
        _ = try await house.store.changePerson(person.id, of: house.client, edit)
        let told = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        #expect(told.map(\.version.generation) == [1, 2])
        let people = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: FleetPerson.self)
        #expect(people.map(\.isActive) == [true, false])
        await house.store.close()
    }
}
