import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization

@testable import Store
@testable import StoreTesting

/// Something that a caller asks of a store and gets an answer to.
struct CrashStep: Sendable {
    let name: String
    /// Whether it is several transactions, of which a failure may leave the first ones done; done again it does the rest.
    let isDivided: Bool
    let work: @Sendable (CrashWorld) async throws -> Void

    init(_ name: String, isDivided: Bool = false, _ work: @escaping @Sendable (CrashWorld) async throws -> Void) {
        self.name = name
        self.isDivided = isDivided
        self.work = work
    }
}

/// A life of a store, from its opening to its close.
///
/// A step that failed without an effect can be done again.
enum CrashSteps {
    static func life(rounds: Int) -> [CrashStep] {
        let opening = CrashStep("opened") { try await $0.open() }
        return [opening] + (0..<rounds).flatMap { round($0) } + retention
            + [CrashStep("closed") { await $0.close() }]
    }

    private static func round(_ number: Int) -> [CrashStep] {
        let kiosk = "kiosk \(number)"
        var steps = beginning(kiosk)
        for person in 0..<4 { steps += enroll("E-\(person)", of: kiosk, seed: number * 10 + person) }
        for _ in 0..<6 { steps += miss("E-0", of: kiosk) }
        steps += verify("E-1", of: kiosk) + deliver() + [remove("E-2", of: kiosk), reopen]
        steps += enroll("E-1", of: kiosk, seed: number * 10 + 7) + [begin(.verification, "E-3", of: kiosk)]
        steps += [crowd(of: kiosk)] + switchModel(of: kiosk, seed: number) + ending(kiosk)
        guard number % 2 == 1 else { return steps }
        return steps + [
            CrashStep("client deleted") { try await $0.opened().deleteClient(await $0.client(kiosk)) }
        ]
    }

    private static func beginning(_ kiosk: String) -> [CrashStep] {
        [
            CrashStep("client") { _ = try await $0.opened().createClient(name: kiosk) },
            CrashStep("endpoint") { world in
                let draft = WebhookEndpointDraft(name: "hook", url: "https://hook.example/in")
                _ = try await world.opened().createWebhookEndpoint(draft, of: world.client(kiosk))
            },
            CrashStep("logged in") { world in
                let end = world.fixture.clock.wall.addingTimeInterval(3600)
                let family = TokenFamily(id: TokenFamilyID(), client: try await world.client(kiosk), expiresAt: end)
                try await world.opened().beginFamily(family, refreshID: "r0")
                world.family = (family, "r0")
            },
            CrashStep("refreshed") { world in
                guard let (family, known) = world.family else { return }
                try await world.opened().rotate(family, from: known, to: "r1")
                world.family = (family, "r1")
            },
            CrashStep("call recorded") { world in
                let call = UsageRecord(
                    client: try await world.client(kiosk), category: .enrollment, operation: "enroll", method: "POST",
                    route: "/api/auth/enrollment/", status: 201, milliseconds: 12, at: world.fixture.clock.wall)
                try await world.opened().record([call])
            },
        ]
    }

    private static func ending(_ kiosk: String) -> [CrashStep] {
        [
            CrashStep("restart") { world in
                _ = try await world.opened().cancelOpenSessions(at: world.fixture.clock.wall)
            },
            CrashStep("keys rotated") { world in _ = try await world.opened().rotateKeys(world.rotation) },
            CrashStep("audit") { world in
                let record = AuditRecord(action: "test.note", succeeded: true, at: world.fixture.clock.wall)
                try await world.opened().append(record)
            },
            CrashStep("checkpoint") { _ = try await $0.opened().checkpointAudit() },
        ]
    }

    private static func begin(_ kind: SessionKind, _ user: String, of kiosk: String) -> CrashStep {
        CrashStep("\(kind) begun") { world in
            let session = world.fixture.session(kind, of: try await world.client(kiosk), user: user)
            world.session = session
            try await world.opened().begin(session)
        }
    }

    private static func enroll(_ user: String, of kiosk: String, seed: Int) -> [CrashStep] {
        [
            begin(.enrollment, user, of: kiosk),
            CrashStep("enrolled") { world in
                guard let session = world.session else { return }
                let outcome = world.fixture.outcome(session, name: "Name of \(user)", seed: seed)
                _ = try await world.opened().finish(outcome)
            },
        ]
    }

    private static func miss(_ user: String, of kiosk: String) -> [CrashStep] {
        [
            begin(.verification, user, of: kiosk),
            CrashStep("missed") { world in
                guard let session = world.session else { return }
                _ = try await world.opened().finish(world.fixture.miss(session))
            },
        ]
    }

    private static func verify(_ user: String, of kiosk: String) -> [CrashStep] {
        [
            begin(.verification, user, of: kiosk),
            CrashStep("verified") { world in
                guard var session = world.session else { return }
                let person = try await world.opened().person(externalID: user, of: world.client(kiosk))
                session.matchedPerson = person.map { MatchedPerson(id: $0.id, externalID: user) }
                _ = try await world.opened().finish(world.fixture.outcome(session))
            },
        ]
    }

    private static func deliver() -> [CrashStep] {
        let take = CrashStep("taken") { world in
            world.due = try await world.opened().takeDue(at: world.fixture.clock.wall, limit: 3)
        }
        let results: [DeliveryResult] = [.delivered, .retry(60), .retry(60)]
        let record = results.enumerated().map { number, result in
            CrashStep("delivery recorded") { world in
                guard world.due.count > number else { return }
                try await world.opened().record(
                    result, of: world.due[number].delivery, at: world.fixture.clock.wall)
            }
        }
        return [take] + record
    }

    /// A person's crop, a second model's template of it, and the choice of that model.
    private static func switchModel(of kiosk: String, seed: Int) -> [CrashStep] {
        let model = ModelVersion(id: "second", version: "\(seed)")
        return [
            CrashStep("crop kept") { world in
                let (store, client) = (try world.opened(), try await world.client(kiosk))
                guard let person = try await store.person(externalID: "E-1", of: client),
                    let crop = FaceCrop(pixels: [UInt8](repeating: UInt8(seed + 1), count: FaceCrop.byteCount))
                else { return }
                try await store.keep(crop, of: person.id)
            },
            CrashStep("templates of another model") { world in
                let store = try world.opened()
                let template = FaceTemplate(model: model, values: [0.6, 0.8])
                let made = try await store.cropsWaiting(for: model).people.map { ($0, $0.faces.map { _ in template }) }
                _ = try await store.keep(made)
            },
            CrashStep("model chosen") { world in
                _ = try await world.opened().choose(
                    model, insteadOf: world.fixture.model, after: ModelSwitchCounts(), dropsOld: false)
            },
        ]
    }

    /// Five callers at once whose transactions share one commit, and one among them who is refused.
    private static func crowd(of kiosk: String) -> CrashStep {
        CrashStep("several at once", isDivided: true) { world in
            let (store, client) = (try world.opened(), try await world.client(kiosk))
            let users = ["G-0", "G-1", "E-1", "G-2", "G-3", "G-4"]
            try await store.whileAllWait(
                users.map { (user: String) -> @Sendable () async throws -> Void in
                    { try await store.makeKnown(user, of: client) }
                })
        }
    }

    /// A year goes by in which nobody is seen.
    private static let retention: [CrashStep] = [
        CrashStep("old records dropped", isDivided: true) { world in
            if !world.isYearOver { world.fixture.clock.advance(by: .seconds(366 * 86_400)) }
            world.isYearOver = true
            try await world.opened().dropOldRecords()
        },
        CrashStep("unseen people erased", isDivided: true) { try await $0.opened().eraseUnseenPeople() },
    ]

    private static func remove(_ user: String, of kiosk: String) -> CrashStep {
        CrashStep("removed") { world in
            _ = try await world.opened().removePerson(externalID: user, of: world.client(kiosk))
        }
    }

    private static let reopen = CrashStep("reopened") { world in
        await world.close()
        try await world.open()
    }
}

extension EdgeStore {
    /// Does all of `work` at once, and lets nothing through before all of it waits for the same commit.
    ///
    /// Throws the first error.
    fileprivate func whileAllWait(_ work: [@Sendable () async throws -> Void]) async throws {
        let crowd = Crowd()
        let held = Task { [self] in
            // A store without a connection lets nobody wait.
            defer { crowd.note { $0.isShut = true } }
            try await read { _ in
                crowd.note { $0.isShut = true }
                crowd.gate.wait()
            }
        }
        while !crowd.seen.isShut { await Task.yield() }
        let errors = await withTaskGroup(of: (any Error)?.self) { tasks in
            for each in work {
                tasks.addTask {
                    defer { crowd.note { $0.ended += 1 } }
                    do { try await each() } catch { return error }
                    return nil
                }
            }
            while group.count + crowd.seen.ended < work.count { await Task.yield() }
            crowd.gate.signal()
            var errors: [(any Error)?] = []
            for await error in tasks { errors.append(error) }
            return errors
        }
        try await held.value
        if let error = errors.lazy.compactMap({ $0 }).first { throw error }
    }

    /// Creates a person, unless there is one.
    fileprivate func makeKnown(_ user: String, of client: ClientID) async throws {
        do { _ = try await createPerson(PersonDraft(externalID: user), of: client) } catch {
            // E-1 is always there, the others when the step is done again.
            guard error.code == .personExists else { throw error }
        }
    }

    /// Keeps a crop of somebody's first sample.
    fileprivate func keep(_ crop: FaceCrop, of person: PersonID) async throws {
        try await write { [self] db in
            let row = try Row.fetchOne(db, sql: "SELECT * FROM people WHERE id = ?", arguments: [person.column])
            guard let row else { throw EdgeError(.personUnknown) }
            try insert(crop, quality: 0.9, number: 1, of: PersonOwner(row, sealer), at: clock.wall, db)
        }
    }
}

/// Callers who wait at a gate for the same commit.
private final class Crowd: Sendable {
    struct Seen {
        var isShut = false
        var ended = 0
    }

    let gate = DispatchSemaphore(value: 0)
    private let state = Mutex(Seen())
    var seen: Seen { state.withLock { $0 } }
    func note(_ change: (inout Seen) -> Void) { state.withLock { change(&$0) } }
}
