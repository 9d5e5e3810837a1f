import Central
import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore
import Testing
import Vault

@Suite("Telling what has changed", .onEachStorage)
struct PullTests {
    let fleet: Fleet
    let desk: FleetDesk
    let first: TestDevice
    let second: TestDevice

    init() async throws {
        fleet = try Fleet(options: FleetOptions(pageLimit: 3))
        desk = try await fleet.open()
        first = try TestDevice()
        second = try TestDevice()
        try await first.join(desk)
        try await second.join(desk)
    }

    @Test("who is enrolled at one device is told to the other, as that device wrote it")
    func crosses() async throws {
        let version = try first.enroll("ada", desk, note: "Ada")
        let answer = try await first.push(.enrollment, to: desk)
        let told = try await second.pull(desk)
        let part = try #require(told.scopes.first)
        #expect(part.isSnapshot && part.isComplete && !told.hasMore)
        let entry = try #require(part.entries.first)
        #expect(entry.version == version && entry.tenant == Fleet.tenant.rawValue)
        #expect(entry.person == first.lanes[.enrollment]?.first?.record.payload)
        #expect(told.tenants == [FleetTenant(id: Fleet.tenant.rawValue, name: "Example")])
        #expect(answer.settled.first?.point == ScopePoint(scope: part.scope, change: entry.change))
        let tree = HashTree([(entry.subject, version)]) { (try? fleet.vault.sha256($0)) ?? [] }
        #expect(part.root == HexText.encode(tree.root))
    }

    @Test("of two enrollments of one person both devices keep the greater one")
    func conflict() async throws {
        let early = try first.enroll("ada", desk, wall: 1_799_999_000_000_000)
        let late = try second.enroll("ada", desk, wall: 1_799_999_500_000_000)
        try await second.push(.enrollment, to: desk)
        let answer = try await first.push(.enrollment, to: desk)
        #expect(early < late)
        #expect(answer.refused.isEmpty && answer.settled.count == 1)
        for device in [first, second] {
            let entries = try await device.pull(desk).scopes.flatMap(\.entries)
            #expect(entries.map(\.version) == [late])
            #expect(entries.first?.person == second.lanes[.enrollment]?.first?.record.payload)
        }
    }

    @Test("a scope is told in pages, and its root with the last one")
    func pages() async throws {
        for number in 1...7 { try first.enroll("user-\(number)", desk) }
        try await first.push(.enrollment, to: desk)
        var entries: [WireEntry] = []
        var answers: [PullAnswer] = []
        repeat {
            answers.append(try await second.pull(desk))
            entries += answers.last?.scopes.first?.entries ?? []
        } while answers.last?.hasMore == true
        #expect(answers.count == 3)
        #expect(answers.map { $0.scopes.first?.isSnapshot } == [true, false, false])
        #expect(answers.map { $0.scopes.first?.root == nil } == [true, true, false])
        #expect(entries.map(\.change) == Array(1...7))
    }

    @Test("removals are told before anybody new, however many are waiting")
    func removalsFirst() async throws {
        for number in 1...7 { try first.enroll("user-\(number)", desk) }
        try await first.push(.enrollment, to: desk)
        while try await second.pull(desk).hasMore {}
        for number in 8...14 { try first.enroll("user-\(number)", desk) }
        try await first.push(.enrollment, to: desk)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "user-1")
        let entries = try #require(try await second.pull(desk).scopes.first).entries
        #expect(entries.first?.kind == "erased" && entries.first?.below == 1)
        #expect(entries.dropFirst().allSatisfy { $0.kind == "put" })
    }

    @Test("a scope that a device mistrusts is told anew from the beginning")
    func mistrusted() async throws {
        try first.enroll("ada", desk)
        try await first.push(.enrollment, to: desk)
        let scope = try #require(try await second.pull(desk).scopes.first)
        #expect(try await second.pull(desk).scopes.first?.entries == [])
        let again = try #require(try await second.pull(desk, mistrusted: [scope.scope]).scopes.first)
        #expect(again.isSnapshot && again.entries == scope.entries && again.root == scope.root)
    }

    @Test("each device is told its own scopes only, and enrolls into the first of them")
    func scopes() async throws {
        let east = try await desk.createScope(named: "East")
        let everybody = try #require(try await desk.scopes().first)
        let guest = try TestDevice()
        try await guest.join(desk, scopes: [east.id])
        try guest.enroll("eve", desk)
        try await guest.push(.enrollment, to: desk)
        #expect(try await second.pull(desk).scopes.map(\.scope) == [everybody.id])
        #expect(try await second.pull(desk).scopes.flatMap(\.entries).isEmpty)
        _ = try await desk.assign([everybody.id, east.id], to: second.id)
        let answer = try await second.pull(desk)
        #expect(answer.scopes.map(\.scope) == [everybody.id, east.id])
        #expect(answer.scopes.last?.entries.count == 1 && answer.scopes.last?.isSnapshot == false)
    }

    @Test("a quarantined device is told of removals and of nobody new, and gets no consent")
    func quarantined() async throws {
        try first.enroll("ada", desk)
        try await first.push(.enrollment, to: desk)
        try await second.pull(desk)
        _ = try await desk.quarantine(second.id, because: "test")
        try first.enroll("bob", desk)
        try await first.push(.enrollment, 2...2, to: desk)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        let answer = try await second.pull(desk)
        #expect(answer.scopes.flatMap(\.entries).map(\.kind) == ["erased"])
        #expect(answer.tenants.isEmpty && !answer.hasMore)
        let subject = try desk.subject(tenant: Fleet.tenant, user: "ada")
        #expect(
            try await refusal { try await desk.consent(ConsentRequest(subject: subject), of: second.id) }
                == .quarantined)
    }

    @Test("each answer carries a signed lease, and each lease has a greater number")
    func lease() async throws {
        var serials: [UInt64] = []
        for _ in 0..<3 {
            let note = try await first.pull(desk).lease
            let text = try SignedNote.open(
                note, signedAs: FleetLease.signerName, publicKey: fleet.vault.publicKey, first.vault)
            let lease = try #require(FleetLease(text: text ?? ""))
            #expect(lease.device == first.id && lease.policy == fleet.options.lease)
            serials.append(lease.serial)
        }
        #expect(serials == serials.sorted() && Set(serials).count == 3)
    }

    @Test("a device that waits is told of a change at once")
    func wakes() async throws {
        try await second.pull(desk)
        let request = second.pullRequest(wait: 60_000)
        let (desk, id) = (desk, second.id)
        async let waiting = desk.pull(request, of: id)
        try first.enroll("ada", desk)
        try await first.push(.enrollment, to: desk)
        #expect(try await waiting.scopes.first?.entries.count == 1)
    }

    @Test("a device that waits hears at once that it was revoked")
    func wakesRevoked() async throws {
        try await second.pull(desk)
        let request = second.pullRequest(wait: 60_000)
        let (desk, id) = (desk, second.id)
        async let waiting = refusal { try await desk.pull(request, of: id) }
        _ = try await desk.revoke(id)
        #expect(try await waiting == .revoked)
    }

    @Test("a device that waits for nothing is answered when its time is over")
    func timesOut() async throws {
        await desk.close()
        let (spans, continuation) = AsyncStream.makeStream(of: Duration.self)
        let again = try await fleet.open { continuation.yield($0) }
        try await second.pull(again)
        let answer = try await again.pull(second.pullRequest(wait: 7000), of: second.id)
        #expect(answer.scopes.flatMap(\.entries).isEmpty)
        #expect(await spans.first { _ in true } == .seconds(7))
    }
}
