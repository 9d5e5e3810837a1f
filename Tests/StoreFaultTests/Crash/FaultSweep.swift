import CFaultVFS
import EdgeCore
import EdgeTesting

@testable import Store
@testable import StoreTesting

/// Lets every n-th call of one kind fail once, in each step of a life, for n from the first to the last of the step.
///
/// A step that fails must have done nothing, or all of it without an answer; one that succeeds in spite of the failure
/// must be on disk. Then the step is done again with the next call failing.
struct FaultSweep {
    enum Fault: Sendable {
        /// A call of SQLite's to the disk, and the code that it gets.
        case disk(fv_kind, Int32)
        /// An allocation of SQLite's.
        case memory
    }

    struct Report: Sendable {
        /// Failures that were injected, and what came of them.
        var injected = 0
        var refused = 0
        var absorbed = 0
        /// Refused, and done all the same.
        var unanswered = 0
        /// How often the store had to be opened anew before it went on.
        var reopened = 0
        /// Answers after a failure whose effect was looked for on the disk as a power cut leaves it.
        var proven = 0
        var codes: Set<String> = []
        /// Refusals of which the device told a condition that says what is wrong with it.
        var told = 0
        /// The first things that were wrong.
        var faults: [String] = []
    }

    let fault: Fault
    /// Every n-th call only.
    let stride: Int
    /// The last call of each step that is let fail; `nil` for all of them.
    let last: Int?
    /// Hears which step comes next: one that never ends is known by it.
    let tell: (String) -> Void
    private let steps = CrashSteps.life(rounds: 1)

    /// Where the first step begins: sweeps with each offset below the stride together try every call.
    let offset: Int

    init(
        _ fault: Fault, stride: Int, offset: Int = 0, through last: Int? = nil,
        tell: @escaping (String) -> Void = { _ in }
    ) {
        self.fault = fault
        self.stride = stride
        self.offset = offset
        self.last = last
        self.tell = tell
    }

    func run() async throws -> Report {
        var progress = Progress(steps: steps.count, stride: stride, offset: offset)
        try await rehearse(&progress)
        // A failure that a step gets over ends its turn, so the rest of its calls come in another life.
        for _ in 0..<10_000 where !progress.isOver {
            let world = try CrashWorld()
            let proof = try PowerCutProof(of: world)
            for number in steps.indices {
                world.fixture.clock.advance(by: .milliseconds(700))
                try await live(through: number, world, proof, &progress)
                guard progress.report.faults.count < 5 else { return progress.report }
            }
        }
        if !progress.isOver { progress.blame("the sweep came to no end") }
        return progress.report
    }

    /// What is known so far of the sweep.
    private struct Progress {
        let stride: Int
        /// The call that fails next, of each step; `nil` once a step has made none that late.
        var next: [Int?]
        /// How many rows of each table a step makes and removes.
        var changes: [[String: Int]] = []
        var report = Report()
        /// The next answer is the first one after a failure.
        var owesProof = false

        init(steps: Int, stride: Int, offset: Int) {
            self.stride = stride
            // Another place in each step, so that a coarse sweep sees all kinds of places too.
            next = (0..<steps).map { ($0 + offset) % stride + 1 }
        }

        var isOver: Bool { next.allSatisfy { $0 == nil } }

        mutating func blame(_ sentence: String) { report.faults.append(sentence) }
    }

    /// A life without failures, for what each step does.
    private func rehearse(_ progress: inout Progress) async throws {
        let world = try CrashWorld()
        for step in steps {
            let before = try await world.store?.rowCounts() ?? [:]
            world.fixture.clock.advance(by: .milliseconds(700))
            try await step.work(world)
            let after = try await world.store?.rowCounts() ?? [:]
            progress.changes.append(after.merging(before.mapValues { -$0 }, uniquingKeysWith: +))
        }
    }

    private func live(
        through number: Int, _ world: CrashWorld, _ proof: PowerCutProof, _ progress: inout Progress
    ) async throws {
        let step = steps[number]
        let begin = step.isDivided ? try await snapshot(world) : nil
        tell(step.name)
        while true {
            let before = try await snapshot(world)
            let call = progress.next[number]
            if let call { arm(call, world) }
            // A lost store waits with coming back until the board was looked at.
            if hasBoard(step, world) { world.disk.anchor.hold() }
            let error = await error(of: step, world)
            checkBoard(after: error, of: step, world, &progress)
            world.disk.anchor.release()
            // A store that lost its connection opens the file again by itself.
            await world.store?.settle()
            let hit = hit(call, world)
            disarm(world)
            progress.next[number] = hit.map { $0 + stride }.flatMap { next in next > last ?? next ? nil : next }
            guard let error else {
                if let begin { try await checkWhole(number, since: begin, world, &progress) }
                return try await answered(step, hit != nil, world, proof, &progress)
            }
            guard let hit else { return progress.blame("\(step.name) failed without a reason: \(error)") }
            if try await refused(number, hit, error, since: before, world, &progress) { return }
        }
    }

    /// Whether a failure that says something about the device is told on its board.
    private func checkBoard(
        after error: (any Error)?, of step: CrashStep, _ world: CrashWorld, _ progress: inout Progress
    ) {
        guard let error = error as? EdgeError, hasBoard(step, world) else { return }
        let conditions: Set<String>
        switch error.code {
        case .storeUnavailable: conditions = ["store.io", "store.memory"]
        case .storeFull: conditions = [ErrorCode.storeFull.rawValue]
        default: return
        }
        guard conditions.isDisjoint(with: world.fixture.health.current.map(\.code)) else {
            return progress.report.told += 1
        }
        progress.blame("\(step.name) failed, and no condition says why: \(error)")
    }

    /// A store that is opened or closed in the step tells what is wrong by an error of its own, and reads the anchor itself;
    /// a failed exchange of the keys writes so before it fails, and what is written ends the condition.
    private func hasBoard(_ step: CrashStep, _ world: CrashWorld) -> Bool {
        world.store != nil && !["reopened", "closed", "keys rotated"].contains(step.name)
    }

    /// A step of several transactions that failed on its way and was done again has done what it does, and nothing twice.
    private func checkWhole(
        _ number: Int, since begin: Snapshot, _ world: CrashWorld, _ progress: inout Progress
    ) async throws {
        guard let end = try await snapshot(world) else { return }
        let changes = end.changes(since: begin)
        guard changes != progress.changes[number] else { return }
        progress.blame("\(steps[number].name) was done again and made \(changes)")
    }

    private func answered(
        _ step: CrashStep, _ wasHit: Bool, _ world: CrashWorld, _ proof: PowerCutProof, _ progress: inout Progress
    ) async throws {
        if wasHit {
            progress.report.injected += 1
            progress.report.absorbed += 1
            progress.owesProof = true
        }
        guard progress.owesProof, let store = world.store else { return }
        progress.owesProof = false
        progress.report.proven += 1
        let findings = try await store.findings() + proof.missing(in: world)
        if !findings.isEmpty { progress.blame("\(step.name) was answered after a failure, but: \(findings)") }
    }

    /// True when the step was done all the same.
    private func refused(
        _ number: Int, _ call: Int, _ error: any Error, since before: Snapshot?, _ world: CrashWorld,
        _ progress: inout Progress
    ) async throws -> Bool {
        progress.report.injected += 1
        progress.report.refused += 1
        progress.owesProof = true
        let code = (error as? EdgeError)?.code
        progress.report.codes.insert(code?.rawValue ?? "\(type(of: error))")
        if code == nil || code == .internalFault || code == .storeCorrupt {
            progress.blame("call \(call) of \(steps[number].name) failed and was told as \(error)")
        }
        guard let before else { return false }
        let after = try await recovered(world, &progress)
        if after.state == before.state || steps[number].isDivided { return false }
        let changes = after.changes(since: before)
        guard changes == progress.changes[number] else {
            progress.blame("call \(call) of \(steps[number].name) failed, and half of it was done: \(changes)")
            return true
        }
        progress.report.unanswered += 1
        // What the store has in memory does not know of it.
        try await reopen(world, &progress)
        return true
    }

    private struct Snapshot {
        let state: StoreState
        let counts: [String: Int]

        func changes(since before: Snapshot) -> [String: Int] {
            counts.merging(before.counts.mapValues { -$0 }, uniquingKeysWith: +)
        }
    }

    private func snapshot(_ world: CrashWorld) async throws -> Snapshot? {
        guard let store = world.store else { return nil }
        return Snapshot(state: try await store.state(), counts: try await store.rowCounts())
    }

    /// The store after a failure, opened anew where it does not go on by itself.
    private func recovered(_ world: CrashWorld, _ progress: inout Progress) async throws -> Snapshot {
        await world.store?.settle()
        if let now = try? await snapshot(world) { return now }
        try await reopen(world, &progress)
        guard let now = try await snapshot(world) else { throw EdgeError(.storeUnavailable) }
        return now
    }

    private func reopen(_ world: CrashWorld, _ progress: inout Progress) async throws {
        progress.report.reopened += 1
        await world.close()
        try await world.open()
    }

    private func error(of step: CrashStep, _ world: CrashWorld) async -> (any Error)? {
        do {
            try await step.work(world)
            return nil
        } catch {
            return error
        }
    }

    private func arm(_ call: Int, _ world: CrashWorld) {
        switch fault {
        case .disk(let kind, let code): fv_fail(world.disk.number, kind, call, code)
        case .memory: fv_memory_fail(call)
        }
    }

    /// Which call failed; `nil` when none has.
    private func hit(_ call: Int?, _ world: CrashWorld) -> Int? {
        switch fault {
        case .disk: return fv_failed(world.disk.number) ? call : nil
        case .memory:
            let failed = Int(fv_memory_failed())
            return failed > 0 ? failed : nil
        }
    }

    private func disarm(_ world: CrashWorld) {
        switch fault {
        case .disk(let kind, _): fv_fail(world.disk.number, kind, 0, 0)
        case .memory: fv_memory_fail(0)
        }
    }
}

/// Looks for what was answered on the disk as a power cut in this instant leaves it.
final class PowerCutProof {
    private let replay: Int32
    private let target: MemoryDisk

    init(of world: CrashWorld) throws {
        replay = fv_replay_begin(world.disk.number)
        target = try MemoryDisk()
        guard replay >= 0 else { throw EdgeError(.internalFault, "too many replays") }
    }

    deinit { fv_replay_end(replay) }

    /// What is not there, or not sound; empty when all is well.
    func missing(in world: CrashWorld) async throws -> [String] {
        let state = try await world.opened().state()
        while fv_replay_step(replay) {}
        _ = fv_replay_cut(replay, target.number, FV_NOTHING, 0)
        target.anchor.become(world.disk.anchor.cut(at: world.disk.operations, seed: 1))
        let store = try await world.fixture.open(on: target, keys: world.fixture.vault)
        var findings = try await store.findings()
        if try await !store.isIn(state) { findings.append("it is not on the disk") }
        await store.close()
        return findings
    }
}
