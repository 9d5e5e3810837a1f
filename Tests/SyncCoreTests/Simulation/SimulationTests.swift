import FoundationEssentials
import SyncCore
import Testing

/// A fleet lives through drops, repetitions, delays, damage, partitions, crashes, full disks, wrong clocks, databases
/// that were put back, forked devices, revocations and weeks offline; then it heals, and must agree.
@Suite("A fleet in virtual time")
struct SimulationTests {
    static let span = Duration.seconds(2 * 3600)
    static let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] == "1"

    /// Seeds that once found a mistake.
    static let pastFailures: [UInt64] = []

    static func story(of seed: UInt64, _ mutation: Mutation? = nil) -> String? {
        var fleet = VirtualFleet(seed: seed, mutation: mutation)
        fleet.run(for: span)
        return fleet.broken.map { "seed \(seed), step \(fleet.steps), \(fleet.now): \($0)" }
    }

    @Test("keeps every promise, whatever happens to it", arguments: 0..<8)
    func promises(part: UInt64) {
        let seeds: UInt64 = Self.isDeep ? 12_500 : 125
        for seed in (part * seeds)..<((part + 1) * seeds) {
            if let story = Self.story(of: seed) {
                Issue.record("\(story)")
                return
            }
        }
    }

    @Test("tells one story when asked", .enabled(if: VirtualFleet.tracedSeed != nil))
    func traced() { #expect(VirtualFleet.tracedSeed.flatMap { Self.story(of: $0) } == nil) }

    @Test("keeps them where it once did not", arguments: pastFailures)
    func past(seed: UInt64) { #expect(Self.story(of: seed) == nil) }

    @Test("is caught when a rule is broken on purpose", arguments: Mutation.allCases)
    func mutation(_ mutation: Mutation) {
        let found = (0..<600).lazy.compactMap { Self.story(of: $0, mutation) }
            .first { $0.contains("\(mutation.invariant):") }
        #expect(found != nil)
    }

    @Test("tells the same story for the same seed")
    func repeats() {
        var first = VirtualFleet(seed: 42)
        first.run(for: Self.span)
        var second = VirtualFleet(seed: 42)
        second.run(for: Self.span)
        #expect(first.steps == second.steps && first.now == second.now)
        #expect(first.central.disk.incarnation == second.central.disk.incarnation)
        #expect(first.central.disk.effects == second.central.disk.effects)
    }
}
