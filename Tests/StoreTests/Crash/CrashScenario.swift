import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Vault

@testable import Store

/// A life of a store on a recording disk: every step is one transaction, and after each it is noted what must stay.
final class CrashScenario {
    let fixture: StoreFixture
    let disk: MemoryDisk
    private(set) var ledger = CrashLedger()
    private var store: EdgeStore

    /// Opens the store on a new disk; its first state is the ledger's step 0.
    ///
    /// A lying disk confirms syncs that it never does.
    init(lying: Bool = false) async throws {
        fixture = try StoreFixture()
        disk = try MemoryDisk(records: true)
        if lying { disk.lie() }
        store = try await fixture.open(on: disk)
        ledger.answered("opened", operations: disk.operations, fingerprint: try await store.fingerprint())
    }

    /// Lives through `rounds` rounds of everything, and closes the store.
    func run(rounds: Int) async throws {
        for round in 0..<rounds {
            let kiosk = try await step("client") { store, _ in
                try await store.createClient(name: "kiosk \(round)").client.id
            }
            try await step("endpoint") { store, _ in
                let draft = WebhookEndpointDraft(name: "hook", url: "https://hook.example/in")
                _ = try await store.createWebhookEndpoint(draft, of: kiosk)
            }
            for person in 0..<4 { try await enroll("E-\(person)", of: kiosk, seed: round * 10 + person) }
            try await authenticate("E-0", of: kiosk, misses: 6)
            try await authenticate("E-1", of: kiosk, misses: 0)
            try await deliver()
            try await remove("E-2", of: kiosk)
            try await reopen()
            try await enroll("E-1", of: kiosk, seed: round * 10 + 7)
            _ = try await begin(.verification, "E-3", of: kiosk)
            try await step("restart") { store, fixture in _ = try await store.cancelOpenSessions(at: fixture.clock.wall)
            }
            try await step("audit") { store, fixture in
                try await store.append(AuditRecord(action: "test.note", succeeded: true, at: fixture.clock.wall))
            }
            guard round % 2 == 1 else { continue }
            try await step("client deleted") { store, _ in try await store.deleteClient(kiosk) }
        }
        await store.close()
    }

    @discardableResult
    private func step<Outcome: Sendable>(
        _ name: String, _ body: @Sendable (EdgeStore, StoreFixture) async throws -> Outcome
    ) async throws -> Outcome {
        fixture.clock.advance(by: .milliseconds(700))
        let outcome = try await body(store, fixture)
        ledger.answered(name, operations: disk.operations, fingerprint: try await store.fingerprint())
        return outcome
    }

    private func begin(_ kind: SessionKind, _ user: String, of client: ClientID) async throws -> SessionSnapshot {
        try await step("\(kind) begun") { store, fixture in
            let session = fixture.session(kind, of: client, user: user)
            try await store.begin(session)
            return session
        }
    }

    private func enroll(_ user: String, of client: ClientID, seed: Int) async throws {
        let session = try await begin(.enrollment, user, of: client)
        try await step("enrolled") { store, fixture in
            _ = try await store.finish(fixture.outcome(session, name: "Name of \(user)", seed: seed))
        }
    }

    private func authenticate(_ user: String, of client: ClientID, misses: Int) async throws {
        for _ in 0..<misses {
            let session = try await begin(.verification, user, of: client)
            try await step("missed") { store, fixture in _ = try await store.finish(fixture.miss(session)) }
        }
        guard misses == 0 else { return }
        let session = try await begin(.verification, user, of: client)
        try await step("verified") { store, fixture in
            var session = session
            session.matchedPerson = try await store.person(externalID: user, of: client).map { person in
                MatchedPerson(id: person.id, externalID: user)
            }
            _ = try await store.finish(fixture.outcome(session))
        }
    }

    private func deliver() async throws {
        let due = try await step("taken") { store, fixture in try await store.takeDue(at: fixture.clock.wall, limit: 3)
        }
        for (number, shipment) in due.enumerated() {
            try await step("delivered") { store, fixture in
                let result = number == 0 ? DeliveryResult.delivered : .retry(60)
                try await store.record(result, of: shipment.delivery, at: fixture.clock.wall)
            }
        }
    }

    private func remove(_ user: String, of client: ClientID) async throws {
        try await step("removed") { store, _ in _ = try await store.removePerson(externalID: user, of: client) }
    }

    private func reopen() async throws {
        await store.close()
        store = try await fixture.open(on: disk)
        ledger.answered("reopened", operations: disk.operations, fingerprint: try await store.fingerprint())
    }
}

extension StoreFixture {
    /// Opens the store on a disk in memory.
    func open(on disk: MemoryDisk) async throws -> EdgeStore {
        try await EdgeStore.open(
            directory: disk.path, sealer: vault, secrets: vault, signer: vault, clock: clock,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), health: health)
    }
}
