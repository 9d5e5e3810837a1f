import Central
import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore
import Testing
import Vault

@Suite("Erasing somebody in the whole fleet", .onEachStorage)
struct ErasureTests {
    let fleet: Fleet
    let desk: FleetDesk
    let first: TestDevice
    let second: TestDevice
    let ada: SubjectKey

    init() async throws {
        fleet = try Fleet()
        desk = try await fleet.open()
        first = try TestDevice()
        second = try TestDevice()
        try await first.join(desk)
        try await second.join(desk)
        ada = try desk.subject(tenant: Fleet.tenant, user: "ada")
        try first.enroll("ada", desk)
        try await first.push(.enrollment, to: desk)
        try await second.pull(desk)
    }

    private func prove(_ device: TestDevice, below: UInt64) async throws {
        try device.append(ErasureFloor(subject: ada, below: below), kind: RecordKind.proven)
        let last = device.lanes[.control]?.count ?? 1
        try await device.push(.control, last...last, to: desk)
    }

    @Test("an erasure at one device reaches the others, and is complete when each has proven it")
    func reachesAll() async throws {
        try first.append(ErasedFacts(cause: "request", subject: ada, consent: 0), kind: RecordKind.erased)
        try await first.push(.control, to: desk)
        let entry = try #require(try await second.pull(desk).scopes.first?.entries.first)
        #expect(entry.kind == "erased" && entry.below == 1 && entry.person == nil)
        let open = try #require(try await desk.erasure(of: ada))
        #expect(Array(open.proven.keys) == [first.id] && Array(open.outstanding.keys) == [second.id])
        #expect(try await desk.device(second.id).unprovenErasures == 1)
        fleet.clock.advance(by: .seconds(60))
        try await prove(second, below: 1)
        let done = try #require(try await desk.erasure(of: ada))
        #expect(done.outstanding.isEmpty && done.holders == 2 && done.oldestOutstanding == nil)
        #expect(try await desk.counts().people == 0)
        #expect(try await desk.erasures(openOnly: true).isEmpty)
        #expect(try await desk.erasures().map(\.subject) == [ada])
    }

    @Test("an erasure at central reaches all devices; each that is not done is named with the time since when")
    func fromCentral() async throws {
        let progress = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        #expect(Set(progress.outstanding.keys) == [first.id, second.id])
        #expect(progress.oldestOutstanding == progress.orderedAt)
        _ = try await desk.revoke(second.id)
        #expect(try await desk.erasure(of: ada)?.revoked == [second.id])
        for device in [first] {
            #expect(try await device.pull(desk).scopes.flatMap(\.entries).map(\.kind) == ["erased"])
        }
        #expect(try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada") == desk.erasure(of: ada))
    }

    @Test("a proof of an earlier erasure does not prove a later one")
    func earlierProof() async throws {
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        try first.enroll("ada", desk, consent: 1)
        try await first.push(.enrollment, 2...2, to: desk)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        try await prove(second, below: 1)
        #expect(try await desk.erasure(of: ada)?.outstanding[second.id] != nil)
        try await prove(second, below: 2)
        #expect(try await desk.erasure(of: ada)?.outstanding[second.id] == nil)
    }

    @Test("who was erased comes back only under a consent that was asked for since")
    func consent() async throws {
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        let old = try second.enroll("ada", desk, generation: 5)
        let answer = try await second.push(.enrollment, to: desk)
        #expect(
            answer.refused == [
                RefusedRecord(sequence: 1, reason: "consent_ended", subject: ada, version: old)
            ])
        let consent = try await desk.consent(ConsentRequest(subject: ada), of: second.id).consent
        #expect(consent == 1)
        try second.enroll("ada", desk, consent: consent)
        #expect(try await second.push(.enrollment, 2...2, to: desk).refused.isEmpty)
        #expect(try await first.pull(desk).scopes.flatMap(\.entries).map(\.kind) == ["put"])
    }

    @Test("a device that comes with an enrollment from before an erasure is told of it, and owes the proof")
    func lateHolder() async throws {
        let east = try await desk.createScope(named: "East")
        let late = try TestDevice()
        try await late.join(desk, scopes: [east.id])
        try await late.pull(desk)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        #expect(try await desk.erasure(of: ada)?.outstanding[late.id] == nil)
        try late.enroll("ada", desk)
        try await late.push(.enrollment, to: desk)
        #expect(try await desk.erasure(of: ada)?.outstanding[late.id] != nil)
        #expect(try await late.pull(desk).scopes.flatMap(\.entries).map(\.kind) == ["erased"])
        try await prove(late, below: 1)
        #expect(try await desk.erasure(of: ada)?.outstanding[late.id] == nil)
    }

    @Test("somebody whom central never heard of can be erased; whoever comes with them later is refused")
    func unknown() async throws {
        let progress = try await desk.eraseSubject(tenant: Fleet.tenant, user: "bob")
        #expect(progress.holders == 0)
        try second.enroll("bob", desk)
        #expect(try await second.push(.enrollment, to: desk).refused.map(\.reason) == ["consent_ended"])
    }

    @Test("a device that has left the scopes of an erasure owes it no more once it holds its new ones")
    func departs() async throws {
        let east = try await desk.createScope(named: "East")
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        _ = try await desk.assign([east.id], to: second.id)
        try await second.pull(desk)
        #expect(try await desk.erasure(of: ada)?.outstanding[second.id] != nil)
        try await second.pull(desk)
        #expect(try await desk.erasure(of: ada)?.outstanding[second.id] == nil)
    }

    @Test("what central kept of somebody cannot be read after the erasure, and their later events are not kept")
    func shreds() async throws {
        let event = #"{"event":"authentication.success","data":{"user_id":"ada","name":"Ada Lovelace"}}"#
        try second.append("authentication.success", event, to: .events)
        try await second.push(.events, to: desk)
        #expect(try await desk.payload(of: second.id, second.epoch, .events, 1) == event)
        #expect(try await desk.payload(of: first.id, first.epoch, .enrollment, 1) != nil)
        #expect(try !contains(fleet.bytes(), "Lovelace"))
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        #expect(try await desk.payload(of: second.id, second.epoch, .events, 1) == nil)
        #expect(try await desk.payload(of: first.id, first.epoch, .enrollment, 1) == nil)
        try second.append("authentication.success", event, to: .events)
        #expect(try await second.push(.events, 2...2, to: desk).acknowledged == 2)
        #expect(try await desk.payload(of: second.id, second.epoch, .events, 2) == nil)
        // The chain stands without what it was made of.
        #expect(try await second.push(.events, to: desk).acknowledged == 2)
    }

    @Test("after an erasure the keys are exchanged where one process has them, and everybody else can still be read")
    func exchange() async throws {
        try first.enroll("bob", desk)
        try await first.push(.enrollment, 2...2, to: desk)
        let before = fleet.vault.wrappingKeyID
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        try await desk.tidy()
        #expect(fleet.vault.wrappingKeyID == before)
        fleet.clock.advance(by: .seconds(3601))
        try await desk.tidy()
        #expect((fleet.vault.wrappingKeyID == before) == desk.isShared)
        let bob = try await desk.payload(of: first.id, first.epoch, .enrollment, 2)
        #expect(bob == first.lanes[.enrollment]?[1].record.payload)
        await desk.close()
        let again = try await fleet.open()
        #expect(try again.subject(tenant: Fleet.tenant, user: "ada") == ada)
    }

    @Test("removals that are older than anybody may be away are forgotten, and who was away gets the scope anew")
    func compacts() async throws {
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        try await first.pull(desk)
        fleet.clock.advance(by: .seconds(121 * 86_400))
        try await desk.tidy()
        #expect(try await first.pull(desk).scopes.first?.isSnapshot == false)
        let late = try #require(try await second.pull(desk).scopes.first)
        #expect(late.isSnapshot && late.entries.isEmpty && late.isComplete)
    }

    @Test("an enrollment that names somebody else, another device or no tenant is not taken")
    func impostors() async throws {
        let bob = try desk.subject(tenant: Fleet.tenant, user: "bob")
        let own = SubjectVersion(consent: 0, generation: 9, time: HybridTime(wall: 1), device: second.id)
        let foreign = SubjectVersion(consent: 0, generation: 9, time: HybridTime(wall: 1), device: first.id)
        let endless = SubjectVersion(consent: .max, generation: 1, time: HybridTime(wall: 1), device: second.id)
        try second.append(RecordKind.enrolled, second.payload("ada", bob, own), to: .enrollment)
        try second.append(RecordKind.enrolled, second.payload("ada", ada, foreign), to: .enrollment)
        try second.append(RecordKind.enrolled, second.payload("ada", ada, endless), to: .enrollment)
        try second.append(RecordKind.enrolled, second.payload("ada", ada, own), to: .enrollment, tenant: nil)
        try second.append(RecordKind.enrolled, second.payload("ada", ada, own), to: .enrollment, tenant: UUID())
        #expect(try await second.push(.enrollment, to: desk).refused.map(\.sequence) == [1, 2, 3, 4, 5])
        try second.append(ErasedFacts(cause: "x", subject: ada, consent: .max), kind: RecordKind.erased)
        try second.append(ErasureFloor(subject: ada, below: .max), kind: RecordKind.knownErased)
        #expect(try await second.push(.control, to: desk).refused.count == 2)
        #expect(try await desk.counts().people == 1)
    }
}
