import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Store
import Synchronization
import SyncCore
import Vault

@testable import Sync

/// A central on paper and devices with real stores, real keys and time that waits for nobody.
final class FleetHouse: Sendable {
    let central: PaperCentral
    let clock = ManualClock()
    let scope = ScopeID(rawValue: UUID())
    let tenant = ClientID()
    let model = ModelVersion(id: "sface", version: "1")
    private let directory: TemporaryDirectory
    private let news: AsyncStream<Void>
    private let messenger: AsyncStream<Void>.Continuation

    init() throws {
        directory = try TemporaryDirectory()
        (news, messenger) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        central = PaperCentral(
            vault: try KeyVault.open(keyFile: directory.path("central.key")),
            stranger: try KeyVault.open(keyFile: directory.path("stranger.key")), clock: clock,
            model: ModelName(id: "sface", version: "1"), news: messenger)
    }

    /// Waits until all of it is so; everything that happens has it looked at again.
    func until(_ facts: (() async throws -> Bool)...) async throws {
        while true {
            var isSo = true
            for fact in facts where isSo { isSo = try await fact() }
            if isSo { return }
            for await _ in news { break }
            try Task.checkCancellation()
        }
    }

    /// A device that is no member yet; the same name opens the same store.
    func device(
        _ name: String, model: ModelVersion? = nil, options: MemberOptions = MemberOptions()
    ) async throws -> FleetDevice {
        let vault = try KeyVault.open(keyFile: directory.path("\(name).key"))
        let health = HealthBoard(clock: clock)
        let store = try await EdgeStore.open(
            directory: directory.path(name), sealer: vault, secrets: vault, signer: vault, clock: clock, log: quietLog,
            health: health)
        let device = FleetDevice(
            store: store, vault: vault, health: health, house: self, model: model ?? self.model, options: options,
            news: messenger)
        store.attach(
            FleetPorts(
                active: device.model, models: [device.model: 128], follow: { [messenger] _ in messenger.yield() },
                consent: { [member = device.member] subject throws(EdgeError) in
                    try await member.consent(for: subject)
                }))
        return device
    }

    /// A copy of a device's store and key, as it is now.
    func copy(_ name: String, as other: String) throws {
        try FileManager.default.copyItem(atPath: directory.path(name), toPath: directory.path(other))
        try FileManager.default.copyItem(
            atPath: directory.path("\(name).key"), toPath: directory.path("\(other).key"))
    }

    /// A member that is taken in.
    func member(_ name: String, options: MemberOptions = MemberOptions()) async throws -> FleetDevice {
        let device = try await device(name, options: options)
        try await device.join()
        return device
    }

    /// Runs devices for the time of `body`.
    func run<Outcome>(_ devices: FleetDevice..., body: () async throws -> Outcome) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for device in devices { group.addTask { try await device.member.run() } }
            let outcome: Outcome
            do { outcome = try await body() } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
            return outcome
        }
    }
}

/// A device of the fleet.
final class FleetDevice: Sendable {
    let store: EdgeStore
    let vault: KeyVault
    let health: HealthBoard
    let member: FleetMember<EdgeStore>
    let model: ModelVersion
    private let house: FleetHouse
    private let options: MemberOptions
    private let news: AsyncStream<Void>.Continuation

    init(
        store: EdgeStore, vault: KeyVault, health: HealthBoard, house: FleetHouse, model: ModelVersion,
        options: MemberOptions, news: AsyncStream<Void>.Continuation
    ) {
        self.store = store
        self.vault = vault
        self.health = health
        self.model = model
        self.house = house
        let central = house.central
        member = Self.member(store, vault, health, house, model, options, news) { _ in central }
        self.options = options
        self.news = news
    }

    /// A member of the same store that reaches central another way.
    func member(
        speakingOver desk: any CentralDesk, activity: DoorActivity = DoorActivity()
    ) -> FleetMember<EdgeStore> {
        Self.member(store, vault, health, house, model, options, news, activity) { _ in desk }
    }

    private static func member(
        _ store: EdgeStore, _ vault: KeyVault, _ health: HealthBoard, _ house: FleetHouse, _ model: ModelVersion,
        _ options: MemberOptions, _ news: AsyncStream<Void>.Continuation, _ activity: DoorActivity = DoorActivity(),
        connect: @escaping @Sendable (Membership) throws(EdgeError) -> any CentralDesk
    ) -> FleetMember<EdgeStore> {
        FleetMember(
            store: store,
            facts: MemberFacts(model: ModelName(id: model.id, version: model.version), software: "test"),
            checker: vault, health: health, clock: house.clock, log: quietLog, options: options,
            activity: activity, random: SystemRandomNumberGenerator(),
            sleep: { [clock = house.clock] time in
                news.yield()
                // Who has nothing to do waits for a bell; every shorter wait passes at once.
                guard time < .seconds(60) else { return try await silence() }
                clock.advance(by: time)
            }, connect: connect)
    }

    var id: DeviceID { get throws { try present(store.deviceID) } }

    func join() async throws {
        let grant = house.central.provision(try id, in: [house.scope])
        try await member.join(
            Membership(url: "https://central.example", device: try id, grant: grant, pinnedRoots: nil))
    }

    /// The client of the fleet's one tenant; made by hand where central told of nobody yet.
    private func client() async throws -> ClientID {
        if let known = try await store.clients().first { return known.id }
        return try await store.createClient(ClientDraft(name: "kiosk")).client.id
    }

    /// Enrolls somebody from the session's beginning to its end.
    @discardableResult
    func enroll(_ user: String, seed: Int = 1) async throws -> GalleryRecord? {
        let client = try await client()
        let request = SessionRequest(
            client: client, kind: .enrollment, externalUserID: user, sessionType: "webcam", metadataJSON: "{}")
        var session = SessionSnapshot(
            id: SessionID(), token: SessionToken(rawValue: "sess_\(UUID().uuidString)"), request: request,
            targetFrames: 3, createdAt: house.clock.wall, expiresAt: house.clock.wall.addingTimeInterval(600))
        try await store.begin(session)
        session.state = .completed
        session.reason = .enrollmentCompleted
        session.completedAt = house.clock.wall
        let template = FaceTemplate(
            model: model, values: (0..<128).map { Float(sin(Double(seed * 131 + $0))) })
        return try await store.finish(
            SessionOutcome(session: session, samples: [EnrolledSample(template: template, quality: 0.9)]))
    }

    func erase(_ user: String) async throws {
        for client in try await store.clients() {
            guard try await store.person(externalID: user, of: client.id) != nil else { continue }
            _ = try await store.removePerson(externalID: user, of: client.id)
        }
    }

    func recognisable() async throws -> Set<String> { Set(try await store.gallery().map(\.person.externalID)) }

    func hasSentAll() async throws -> Bool { try await store.lanes().allSatisfy { $0.records == 0 } }

    func has(_ condition: String) -> Bool { health.current.contains { $0.code == condition } }
}

struct Missing: Error {}

func present<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}

/// Waits for nothing until the task is cancelled, and throws then.
func silence() async throws {
    await untilCancelled()
    throw CancellationError()
}
