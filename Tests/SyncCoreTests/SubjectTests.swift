import FoundationEssentials
import SyncCore
import Testing

@Suite("What is known of a subject")
struct SubjectTests {
    static let here = DeviceID()
    static let there = DeviceID()
    static let scope = ScopeID(rawValue: UUID())

    static func version(
        consent: UInt64 = 0, generation: UInt64 = 1, wall: Int64 = 0, of device: DeviceID = here
    ) -> SubjectVersion {
        SubjectVersion(consent: consent, generation: generation, time: HybridTime(wall: wall), device: device)
    }

    @Test("the later consent wins, then the later generation, then the later time")
    func order() {
        #expect(Self.version(consent: 1) > Self.version(generation: 9, wall: 9))
        #expect(Self.version(generation: 2) > Self.version(generation: 1, wall: 9))
        #expect(Self.version(wall: 2, of: Self.there) > Self.version(wall: 1))
    }

    @Test("states merge to the same, in whatever order and however often")
    func merging() {
        let states = [
            SubjectState(version: Self.version(generation: 3)),
            SubjectState(erasedBelow: 1, version: Self.version(generation: 7)),
            SubjectState(version: Self.version(consent: 1, of: Self.there)),
        ]
        let merged = states.reduce(SubjectState()) { $0.merging($1) }
        #expect(states.reversed().reduce(merged) { $0.merging($1) } == merged)
        #expect(merged.alive == Self.version(consent: 1, of: Self.there))
    }

    @Test("an erasure kills every enrollment under the same consent, also one that comes later")
    func erasure() {
        let erased = SubjectState(version: Self.version()).erased()
        #expect(erased.alive == nil && erased.erasedBelow == 1)
        #expect(erased.merging(SubjectState(version: Self.version(generation: 99))).alive == nil)
        #expect(erased.erased() == erased)
        let late = SubjectRule.judge(Self.version(generation: 99), from: .active, against: erased, wall: 0)
        #expect(late == .refused(.consentEnded))
        let anew = SubjectRule.judge(Self.version(consent: 1), from: .active, against: erased, wall: 0)
        #expect(anew == .current(SubjectState(erasedBelow: 1, version: Self.version(consent: 1)), isClamped: false))
    }

    @Test("an enrollment that is not the greatest is kept aside")
    func superseded() {
        let present = SubjectState(version: Self.version(generation: 2))
        #expect(
            SubjectRule.judge(Self.version(generation: 1), from: .active, against: present, wall: 0)
                == .superseded(isClamped: false))
    }

    @Test("a clock that runs ahead wins nothing beyond central's tolerance")
    func clamped() {
        let fast = Self.version(wall: 31_536_000_000_000, of: Self.there)
        let taken = Self.version(wall: HybridTime.tolerance, of: Self.there)
        #expect(
            SubjectRule.judge(fast, from: .active, against: SubjectState(), wall: 0)
                == .current(SubjectState(version: taken), isClamped: true))
    }

    @Test("a device that is not trusted changes nothing", arguments: [SubjectRule.Standing.quarantined, .revoked])
    func standing(_ standing: SubjectRule.Standing) {
        #expect(
            SubjectRule.judge(Self.version(), from: standing, against: SubjectState(), wall: 0)
                == .refused(.notTrusted))
    }

    @Test("stamps only go forward, also when the clock does not")
    func stamps() {
        var clock = HybridClock()
        let first = clock.stamp(wall: 100)
        let second = clock.stamp(wall: 50)
        #expect(first < second)
        clock.observe(HybridTime(wall: 100 + HybridTime.tolerance * 2), wall: 100)
        #expect(clock.latest == second)
        clock.observe(HybridTime(wall: 200), wall: 100)
        #expect(clock.stamp(wall: 120) > HybridTime(wall: 200))
    }
}

@Suite("A device's copy of a subject")
struct ReplicaTests {
    private let scope = SubjectTests.scope

    @Test("what the device did itself is in effect until central has settled it")
    func pending() throws {
        var replica = Replica()
        replica.apply(.put(SubjectTests.version(of: SubjectTests.there)), of: scope)
        let own = try #require(replica.next(at: HybridTime(wall: 5), on: SubjectTests.here))
        #expect(own.generation == 2)
        replica.pending = Replica.Pending(version: own)
        #expect(replica.effective == own)
        replica.acknowledge(own, settledAt: ScopePoint(scope: scope, change: 7))
        replica.settle([scope: 6])
        #expect(replica.effective == own)
        replica.apply(.put(own.at(HybridTime(wall: 4))), of: scope)
        replica.settle([scope: 7])
        #expect(replica.pending == nil && replica.effective == own.at(HybridTime(wall: 4)))
    }

    @Test("an enrollment that central refuses is gone")
    func refused() throws {
        var replica = Replica()
        let own = try #require(replica.next(at: HybridTime(wall: 5), on: SubjectTests.here))
        replica.pending = Replica.Pending(version: own)
        replica.refuse(own)
        #expect(replica.isEmpty)
    }

    @Test("who was erased does not come back by an older copy, and only with a new consent")
    func erased() throws {
        var replica = Replica()
        replica.apply(.put(SubjectTests.version()), of: scope)
        replica.apply(.erased(below: 1), of: scope)
        #expect(replica.effective == nil)
        replica.apply(.put(SubjectTests.version(generation: 9)), of: scope)
        #expect(replica.effective == nil)
        #expect(replica.next(at: HybridTime(wall: 5), on: SubjectTests.here) == nil)
        let anew = try #require(replica.next(at: HybridTime(wall: 5), on: SubjectTests.here, consent: 1))
        #expect(anew.consent == 1 && anew.generation == 1)
    }

    @Test("a subject stays as long as one of the device's scopes has it")
    func scopes() {
        let other = ScopeID(rawValue: UUID())
        var replica = Replica()
        replica.apply(.put(SubjectTests.version()), of: scope)
        replica.apply(.put(SubjectTests.version()), of: other)
        replica.apply(.left, of: scope)
        #expect(replica.effective != nil)
        replica.leave(other)
        #expect(replica.effective == nil && replica.isEmpty)
    }
}
