import CFaultVFS
import EdgeCore
import EdgeTesting

@testable import Store

/// Cuts the power at every place of a recorded life, in many ways, and looks at what the store makes of it.
struct PowerCut {
    let scenario: CrashScenario
    /// Chance states at each place, besides those with nothing and with everything.
    let statesPerPlace: Int
    /// Looks at every n-th place only.
    let stride: Int

    struct Report: Sendable {
        /// States that differ in the disk or in what had been answered.
        var states = 0
        var repeated = 0
        var places = 0
        /// The first things that were wrong.
        var faults: [String] = []
    }

    func run() async throws -> Report {
        var report = Report()
        var seen: Set<[UInt64]> = []
        let target = try MemoryDisk()
        let replay = fv_replay_begin(scenario.disk.number)
        defer { fv_replay_end(replay) }
        var place = 0
        repeat {
            defer { place += 1 }
            guard place % stride == 0 else { continue }
            report.places += 1
            let step = scenario.ledger.lastAnswered(at: place)
            for way in ways(at: place, pending: fv_replay_pending(replay)) {
                let digest = fv_replay_cut(replay, target.number, way.policy, way.seed)
                guard seen.insert([digest, UInt64(step)]).inserted else {
                    report.repeated += 1
                    continue
                }
                report.states += 1
                guard let fault = await fault(on: target, afterStep: step, goesOn: report.states % 16 == 0) else {
                    continue
                }
                report.faults.append("operation \(place), policy \(way.policy.rawValue), seed \(way.seed): \(fault)")
                if report.faults.count >= 5 { return report }
            }
        } while fv_replay_step(replay)
        return report
    }

    private func ways(at place: Int, pending: Int) -> [(policy: fv_policy, seed: UInt64)] {
        guard pending > 0 else { return [(FV_NOTHING, 0)] }
        let policies = [FV_SOME_WRITES, FV_SOME_SECTORS, FV_PREFIX, FV_ALL_BUT_ONE, FV_ONLY_ONE]
        let chance = (0..<statesPerPlace).map { number in
            (policies[number % policies.count], UInt64(place) << 16 | UInt64(number))
        }
        return [(FV_NOTHING, 0), (FV_EVERYTHING, 0)] + chance
    }

    /// What is wrong with the store that opens from this disk; `nil` when all is well.
    private func fault(on disk: MemoryDisk, afterStep step: Int, goesOn: Bool) async -> String? {
        do {
            let store = try await scenario.fixture.open(on: disk)
            let fault = try await fault(in: store, afterStep: step, goesOn: goesOn)
            await store.close()
            return fault
        } catch {
            return "after step \(step): \(error)"
        }
    }

    private func fault(in store: EdgeStore, afterStep step: Int, goesOn: Bool) async throws -> String? {
        let ledger = scenario.ledger
        let fingerprint = try await store.fingerprint()
        guard ledger.allows(fingerprint, afterStep: step) else {
            return "after step \(step), \(ledger.entries[step].step): \(ledger.place(of: fingerprint))"
        }
        let findings = try await store.findings()
        guard findings.isEmpty else { return "after step \(step): \(findings)" }
        guard goesOn else { return nil }
        // Sound is what can be written to as well.
        let record = AuditRecord(action: "test.after", succeeded: true, at: scenario.fixture.clock.wall)
        try await store.append(record)
        return try await store.verifyAuditChain().firstBroken.map { "written on, audit line \($0) is broken" }
    }
}
