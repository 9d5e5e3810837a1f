import EdgeCore
import EdgeTesting
import GRDB
import Synchronization

@testable import Store
@testable import StoreTesting

/// What was written to a disk in a store's life, and what was answered in it.
struct CrashRecord: Sendable {
    let fixture: StoreFixture
    let disk: MemoryDisk
    let rotation: RecordedRotation
    let ledger: CrashLedger
}

/// A life of a store on a recording disk; after each answer it is noted what must stay.
final class CrashScenario {
    /// Ways to break a promise, each of which must be found.
    enum Flaw: CaseIterable {
        /// The disk confirms syncs that it never does.
        case disk
        /// The store does not ask for syncs.
        case synchronousOff
        /// It answers before the transaction is on disk.
        case answersEarly
        /// The audit line has a transaction of its own.
        case auditApart
        /// A miss is counted after the answer.
        case missLater
    }

    private let world: CrashWorld
    private let flaw: Flaw?
    private let ledger = Ledger()

    private final class Ledger: Sendable {
        let kept = Mutex(CrashLedger())
    }

    /// A store on a new disk, which is not open yet.
    init(flaw: Flaw? = nil) throws {
        world = try CrashWorld()
        self.flaw = flaw
        if flaw == .disk { world.disk.lie() }
        // A flaw lies in when something is answered, so only answers count then.
        guard flaw == nil else { return }
        world.watch = CommitWatch { [ledger, disk = world.disk] state in
            ledger.kept.withLock { $0.answered("commit", operations: disk.operations, state: state) }
        }
    }

    /// Lives through `rounds` rounds of everything, and closes the store.
    func run(rounds: Int) async throws -> CrashRecord {
        for step in CrashSteps.life(rounds: rounds) {
            world.fixture.clock.advance(by: .milliseconds(700))
            let before = world.disk.operations
            try await step.work(world)
            // What a closed store holds was noted before; the next opening goes on from there.
            guard let store = world.store else { continue }
            if step.name == "opened" || step.name == "reopened" { try await breakSyncs(of: store) }
            if step.name == "missed" { try await breakMiss(in: store) }
            let operations = answersBefore(step) ? before : world.disk.operations
            let state = try await store.state()
            ledger.kept.withLock { $0.answered(step.name, operations: operations, state: state) }
        }
        return CrashRecord(
            fixture: world.fixture, disk: world.disk, rotation: world.rotation,
            ledger: ledger.kept.withLock { $0 })
    }

    private func breakSyncs(of store: EdgeStore) async throws {
        guard flaw == .synchronousOff else { return }
        try await store.withoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
    }

    private func breakMiss(in store: EdgeStore) async throws {
        guard flaw == .auditApart else { return }
        try await store.append(AuditRecord(action: "test.late", succeeded: true, at: world.fixture.clock.wall))
    }

    private func answersBefore(_ step: CrashStep) -> Bool {
        flaw == .answersEarly || flaw == .missLater && step.name == "missed"
    }
}
