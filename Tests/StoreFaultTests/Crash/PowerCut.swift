import CFaultVFS
import EdgeCore
import EdgeTesting

@testable import Store
@testable import StoreTesting

/// What has been looked at, and found.
private struct PowerCutBoard {
    var report = PowerCut.Report()
    private var seen: Set<[UInt64]> = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Whether enough was seen, or enough found.
    var isOver: Bool { report.faults.count >= 5 || report.states >= limit }

    /// The state's number; `nil` for one that was looked at before.
    mutating func take(_ digest: [UInt64]) -> Int? {
        guard seen.insert(digest).inserted else {
            report.repeated += 1
            return nil
        }
        report.states += 1
        return report.states
    }
}

/// Cuts the power at every place of a recorded life, in many ways, and looks at what the store makes of it.
struct PowerCut {
    let record: CrashRecord
    /// Chance states at each place, besides those with nothing and with everything.
    let statesPerPlace: Int
    /// Looks at every n-th place only.
    let stride: Int
    /// How many states to look at, at most.
    var limit = Int.max
    /// Of the places, those that are this process's.
    var part = DeepPart()

    struct Report: Sendable {
        /// States that differ in the disk or in what had been answered.
        var states = 0
        var repeated = 0
        var places = 0
        /// The first things that were wrong.
        var faults: [String] = []
    }

    func run() async throws -> Report {
        var board = PowerCutBoard(limit: limit)
        let target = try MemoryDisk()
        let replay = fv_replay_begin(record.disk.number)
        guard replay >= 0 else { throw EdgeError(.internalFault, "too many replays") }
        defer { fv_replay_end(replay) }
        var place = 0
        repeat {
            defer { place += 1 }
            guard place % stride == 0, place / stride % part.count == part.number else { continue }
            board.report.places += 1
            let step = record.ledger.lastAnswered(at: place)
            for way in ways(at: place, pending: fv_replay_pending(replay)) {
                let digest = fv_replay_cut(replay, target.number, way.policy, way.seed)
                target.anchor.become(record.disk.anchor.cut(at: place, seed: way.seed &+ UInt64(place)))
                guard let number = board.take([digest, UInt64(step)]) else { continue }
                let state = CrashState(
                    disk: target, place: place, step: step, goesOn: number % 16 == 0, early: number % 2 == 0)
                if let fault = await fault(in: state) {
                    board.report.faults.append(
                        "operation \(place), policy \(way.policy.rawValue), \(way.seed): \(fault)")
                }
            }
        } while !board.isOver && fv_replay_step(replay)
        return board.report
    }

    /// What a power cut left.
    private struct CrashState {
        let disk: MemoryDisk
        /// Operations before the cut.
        let place: Int
        /// The last step answered before it.
        let step: Int
        /// Whether the store is written to after the opening.
        let goesOn: Bool
        /// Whether keys that were changed in this instant are still the earlier ones.
        let early: Bool
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
    private func fault(in state: CrashState) async -> String? {
        let keys = record.rotation.keys(at: state.place, early: state.early)
        do {
            let store = try await record.fixture.open(on: state.disk, keys: keys)
            let fault = try await fault(in: store, state)
            await store.close()
            return fault
        } catch {
            return "after step \(state.step): \(error)"
        }
    }

    private func fault(in store: EdgeStore, _ state: CrashState) async throws -> String? {
        let entries = record.ledger.entries
        var isAllowed = false
        for entry in record.ledger.allowed(afterStep: state.step) where !isAllowed {
            isAllowed = try await store.isIn(entry.state)
        }
        guard isAllowed else {
            let step = entries.isEmpty ? "no step" : entries[state.step].step
            return "after step \(state.step), \(step): \(try await place(of: store))"
        }
        let findings = try await store.findings()
        guard findings.isEmpty else { return "after step \(state.step): \(findings)" }
        guard state.goesOn else { return nil }
        // Sound is what can be written to as well.
        let record = AuditRecord(action: "test.after", succeeded: true, at: record.fixture.clock.wall)
        try await store.append(record)
        return try await store.verifyAuditChain().firstBroken.map { "written on, audit line \($0) is broken" }
    }

    /// Where a state belongs that is not allowed, for the message.
    private func place(of store: EdgeStore) async throws -> String {
        for (number, entry) in record.ledger.entries.enumerated().reversed()
        where try await store.isIn(entry.state) { return "the state after step \(number), \(entry.step)" }
        return "a state that never was"
    }
}
