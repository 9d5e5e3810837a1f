import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("The life of a member")
struct FleetLifeTests {
    private let day = Duration.seconds(86_400)

    @Test("a device joins one fleet at a time, and leaving it keeps everybody")
    func leave() async throws {
        let house = try await FleetFixture()
        await #expect(throws: EdgeError.self) { try await house.store.join(house.membership()) }
        try await house.apply([house.put("A", house.version())])
        _ = try await house.enroll("own")
        try await house.store.leave(isRevoked: false)
        #expect(try await house.store.membership() == nil)
        #expect(try await house.recognisable() == ["A", "own"])
        await #expect(throws: EdgeError.self) { try await house.apply([]) }
        await house.store.close()
    }

    @Test("a device that was revoked keeps who was never told by central")
    func revoked() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.put("A", house.version())])
        _ = try await house.enroll("own")
        try await house.store.leave(isRevoked: true)
        #expect(try await house.recognisable() == ["own"])
        #expect(try await house.store.membership() == nil)
        await house.store.close()
    }

    @Test("a membership makes lanes wait for central that were short rings before")
    func limits() async throws {
        let house = try await FleetFixture(joins: false)
        #expect(!house.store.outboxLimits.hasCentral)
        try await house.store.join(house.membership())
        #expect(house.store.outboxLimits.hasCentral)
        await house.store.close()
        let again = try await house.base.open()
        #expect(again.outboxLimits.hasCentral)
        await again.close()
    }

    @Test("an epoch names its reason and all epochs before it, the first one first")
    func epochs() async throws {
        let house = try await FleetFixture()
        let first = try await house.store.epochOpening()
        #expect(first.reason == .fresh && first.history.isEmpty)
        try await house.store.beginEpoch(.rolledBack)
        let second = try await house.store.epochOpening()
        try await house.store.beginEpoch(.released)
        let third = try await house.store.epochOpening()
        #expect(second.reason == .rolledBack && second.history == [first.epoch])
        #expect(third.reason == .released && third.history == [first.epoch, second.epoch])
        await house.store.close()
    }

    @Test("a new epoch says again what only the device may know: what is erased, and own enrollments by their version")
    func offers() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.put("A", house.version())])
        _ = try await house.enroll("own")
        _ = try await house.enroll("gone", seed: 2)
        _ = try await house.store.removePerson(externalID: "gone", of: house.client)
        let own = try #require(try await house.replica("own")?.replica.pending?.version)
        try await house.store.beginEpoch(.rolledBack)
        let floors = try await house.payloads(RecordKind.knownErased, in: .control, as: ErasureFloor.self)
        #expect(floors == [ErasureFloor(subject: try house.subject("gone"), below: 1)])
        let told = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        #expect(told == [SubjectFacts(subject: try house.subject("own"), version: own)])
        await house.store.close()
    }

    @Test("a central that was restored is offered the people whom this device enrolled, before its word is applied")
    func restored() async throws {
        let house = try await FleetFixture()
        _ = try await house.enroll("own")
        let own = try #require(try await house.replica("own")?.replica.pending?.version)
        try await house.apply([house.put("own", own), house.put("A", house.version(), change: 2)])
        let point = ScopePoint(scope: house.scope, change: 1)
        let settled = SettledEnrollment(sequence: 1, subject: try house.subject("own"), version: own, point: point)
        try await house.store.settle(house.settlement(settled: [settled]), of: .enrollment)
        #expect(try await house.replica("own")?.replica.pending == nil)
        // The restored one knows neither.
        let later = Incarnation(rawValue: UUID())
        try await house.apply([house.part([], isSnapshot: true)], incarnation: later)
        #expect(try await house.recognisable() == ["own"])
        try await house.store.snapshotWhenDue()
        let told = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        #expect(told.map(\.version) == [own])
        #expect(try await house.store.pullPlaces().incarnation == later)
        await house.store.close()
    }

    @Test(
        "without central nobody new is enrolled after a week, and nobody let in after a month; a restart renews nothing"
    )
    func lease() async throws {
        let house = try await FleetFixture()
        #expect(try await house.store.lease() == nil)
        try await house.apply([house.put("A", house.version())])
        #expect(try await house.store.lease()?.tier == .fresh)
        house.base.clock.advance(by: day * 8)
        #expect(try await house.store.lease()?.tier == .closing)
        try await expectRefused(.enrollment, in: house.store, house)
        try await house.store.begin(house.base.session(.identification, of: house.client, user: nil))
        try await house.store.markTime()
        await house.store.close()
        let store = try await house.base.open()
        house.base.clock.advance(by: day * 23)
        #expect(try await store.lease()?.tier == .expired)
        for kind in [SessionKind.enrollment, .verification, .identification] {
            try await expectRefused(kind, in: store, house)
        }
        // An old word of central, played back, renews nothing.
        try await house.apply([house.part([])], serial: 0, in: store)
        #expect(try await store.lease()?.tier == .expired)
        try await house.apply([house.part([])], in: store)
        #expect(try await store.lease()?.tier == .fresh)
        try await store.begin(house.base.session(.enrollment, of: house.client))
        await store.close()
    }

    @Test("after a start of the machine the time in between counts by the wall clock")
    func machineStart() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.part([])])
        await house.store.close()
        let raw = try await house.base.open()
        try await raw.write { db in
            try db.execute(
                sql: "UPDATE fleet_membership SET lease = json_set(lease, '$.boot', 'an earlier start')")
        }
        await raw.close()
        // The machine was off: its own time stood still.
        house.base.clock.setWall(house.base.clock.wall.addingTimeInterval(9 * 86_400))
        let store = try await house.base.open()
        #expect(try await store.lease()?.tier == .closing)
        await store.close()
    }

    private func expectRefused(_ kind: SessionKind, in store: EdgeStore, _ house: FleetFixture) async throws {
        do {
            try await store.begin(
                house.base.session(kind, of: house.client, user: kind == .identification ? nil : "E-1"))
            Issue.record("\(kind) began")
        } catch { #expect(error.code == .leaseExpired) }
    }
}
