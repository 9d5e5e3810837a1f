import CFaultVFS
import EdgeCore

@testable import Store
@testable import StoreTesting

/// Lets every n-th call of one kind for a file beside the database fail once, for n over the whole of a device's life.
///
/// Each n has a life of its own. The step in which the call fails either says so, and then comes again, or has done what it
/// promises; what nobody promised is on the health board. A disk that fails raises no alarm of somebody who touched the store.
/// After the life comes a start without failures, and all is there that was answered for.
struct FileSweep {
    struct Report: Sendable {
        /// Failures that were injected, and what came of them.
        var injected = 0
        var refused = 0
        var absorbed = 0
        var codes: Set<String> = []
        /// Conditions that were told on the way.
        var told: Set<String> = []
        /// How many calls of the kind the last life made.
        var calls = 0
        /// The first things that were wrong.
        var faults: [String] = []
    }

    let kind: fc_kind
    let code: Int32
    /// Every n-th call only, from `offset` on.
    let stride: Int
    let offset: Int

    /// What a failing disk may be told as.
    private static let honest: Set<ErrorCode> = [.storeUnavailable, .storeFull, .keyUnavailable]

    func run() async throws -> Report {
        var report = Report()
        var call = offset + 1
        // One life more than calls there are shows that the life itself is sound.
        while try await live(failing: call, &report), report.faults.count < 5 { call += stride }
        return report
    }

    /// False when there was no call that late.
    private func live(failing call: Int, _ report: inout Report) async throws -> Bool {
        let world = try FileWorld()
        world.calls.fail(kind, at: call, code: code)
        for step in FileSteps.life {
            guard let fault = await fault(of: step, world, &report) else { continue }
            report.faults.append("call \(call), \(world.calls.failed ?? "none failed"), \(step.name): \(fault)")
            await world.close()
            return world.calls.failed != nil
        }
        report.calls = world.calls.count(kind)
        let failed = world.calls.failed
        if failed != nil { report.injected += 1 }
        do { try await world.calls.paused { try await recover(world) } } catch {
            report.faults.append("call \(call), \(failed ?? "none failed"), after all of it: \(error)")
            await world.close()
        }
        return failed != nil
    }

    /// What is wrong with what came of a step; `nil` when nothing is.
    private func fault(of step: FileStep, _ world: FileWorld, _ report: inout Report) async -> String? {
        let before = world.calls.failed
        let first = await error(of: step, world)
        let isHit = before == nil && world.calls.failed != nil
        report.told.formUnion(world.conditions)
        if let alarm = world.conditions.intersection(FileWorld.alarms).first { return "told as \(alarm)" }
        guard let first else {
            if isHit { report.absorbed += 1 }
            return nil
        }
        guard isHit, let refusal = first as? EdgeError, Self.honest.contains(refusal.code) else { return "\(first)" }
        report.refused += 1
        report.codes.insert(refusal.code.rawValue)
        guard let second = await error(of: step, world) else { return nil }
        return "told as \(refusal), and done again as \(second)"
    }

    private func error(of step: FileStep, _ world: FileWorld) async -> (any Error)? {
        do {
            try await step.work(world)
            return nil
        } catch { return error }
    }

    /// Starts anew, exchanges the keys, and starts once more: nothing is left of the failure.
    private func recover(_ world: FileWorld) async throws {
        for isLast in [false, true] {
            try await world.open()
            try world.require(world.conditions.isEmpty, "conditions stay after a start")
            try await world.look()
            try await world.keepHouse()
            try await world.lookAtAnchor()
            try await world.lookAtTail()
            if !isLast { _ = try await world.opened().rotateKeys(world.keys()) }
            if isLast { try world.lookForDrafts() }
            await world.close()
        }
    }
}
