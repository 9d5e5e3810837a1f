import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

/// A store that belongs to a fleet, and words for what central says to it.
final class FleetFixture: Sendable {
    let base: StoreFixture
    let store: EdgeStore
    let client: ClientID
    let scope = ScopeID(rawValue: UUID())
    let incarnation = Incarnation(rawValue: UUID())
    /// What the gallery was told, in order.
    let followed = Mutex<[GalleryEffect]>([])
    /// What central answers when it is asked for a consent; `nil` while it cannot be reached.
    let consent = Mutex<UInt64?>(nil)
    private let serial = Mutex<UInt64>(0)
    private let other = DeviceID()

    /// A store with one client; with `joins` a member.
    init(joins: Bool = true, options: StoreOptions = StoreOptions()) async throws {
        base = try StoreFixture()
        store = try await base.open(options: options)
        client = try await store.createClient(name: "kiosk").client.id
        attach(store)
        if joins { try await store.join(membership()) }
    }

    func attach(_ store: EdgeStore) {
        store.attach(
            FleetPorts(
                active: base.model, models: [base.model: 128],
                follow: { [weak self] effects in self?.followed.withLock { $0 += effects } },
                consent: { [weak self] _ throws(EdgeError) in
                    guard let consent = self?.consent.withLock({ $0 }) else { throw EdgeError(.centralUnreachable) }
                    return consent
                }))
    }

    /// What travels of the clients that are kept here, the newest word about each.
    func toldClients() async throws -> [FleetClient] {
        try await payloads(RecordKind.client, in: .control, as: FleetClient.self)
    }

    func membership(url: String = "https://central.example") throws -> Membership {
        let grant = ProvisionAnswer(
            apiKey: "frapi_of_the_device", apiSecret: "secret of the device",
            pseudonymKey: Data(repeating: 7, count: 32).base64EncodedString(),
            centralKey: Data(repeating: 9, count: 32).base64EncodedString(), incarnation: incarnation, name: "door 1")
        return Membership(
            url: url, device: try #require(store.deviceID), grant: grant, pinnedRoots: nil)
    }

    func subject(_ user: String, of client: ClientID? = nil) throws -> SubjectKey {
        try #require(try store.subject(of: client ?? self.client, user: user))
    }

    /// An enrollment made at another device.
    func version(_ generation: UInt64 = 1, consent: UInt64 = 0, at wall: Int64 = 1000) -> SubjectVersion {
        SubjectVersion(consent: consent, generation: generation, time: HybridTime(wall: wall), device: other)
    }

    /// What another device pushed of somebody.
    func payload(_ user: String, name: String? = nil, seed: Int = 1, model: ModelVersion? = nil) -> String {
        let model = model ?? base.model
        let templates = (0..<2).map { number -> PayloadValue in
            let vector = VectorForm.bytes(base.template(seed: seed * 100 + number).values)
            return [
                "id": .text(UUID().uuidString.lowercased()), "model": .text(model.id), "version": .text(model.version),
                "sample": .integer(number + 1), "quality": .number(0.9),
                "vector": .text(Data(vector).base64EncodedString()),
            ]
        }
        return PayloadValue.object([
            .init("salt", .text("00")), .init("user_id", .text(user)), .init("display_name", .text(name)),
            .init("is_active", true), .init("enrolled_at", .integer(1_700_000_000_000_000)), .init("consent", .null),
            .init("templates", .list(templates)),
        ]).jsonText
    }

    func put(
        _ user: String, _ version: SubjectVersion, change: UInt64 = 1, of client: ClientID? = nil,
        payload: String? = nil
    ) throws -> WireEntry {
        let entry = FeedEntry(subject: try subject(user, of: client), change: change, content: .put(version))
        return WireEntry(entry, tenant: (client ?? self.client).rawValue, person: payload ?? self.payload(user))
    }

    func left(_ user: String, change: UInt64 = 2) throws -> WireEntry {
        WireEntry(FeedEntry(subject: try subject(user), change: change, content: .left))
    }

    func erased(_ user: String, below: UInt64 = 1, change: UInt64 = 2) throws -> WireEntry {
        WireEntry(FeedEntry(subject: try subject(user), change: change, content: .erased(below: below)))
    }

    func part(
        _ entries: [WireEntry], in scope: ScopeID? = nil, isSnapshot: Bool = false, isComplete: Bool = true,
        root: String? = nil, reached: UInt64? = nil
    ) -> ScopePart {
        let end = reached ?? entries.map(\.change).max() ?? 0
        return ScopePart(
            scope: scope ?? self.scope, isSnapshot: isSnapshot, entries: entries,
            next: ScopeCursor(removals: end, changes: end), isComplete: isComplete, root: root)
    }

    /// Applies an answer of central, which always renews the lease.
    @discardableResult
    func apply(
        _ parts: [ScopePart], tenants: [FleetTenant] = [], digest: String? = nil, incarnation: Incarnation? = nil,
        serial: UInt64? = nil, in other: EdgeStore? = nil
    ) async throws -> PullOutcome {
        let number = self.serial.withLock { last in
            last = max(last + 1, serial ?? 0)
            return serial ?? last
        }
        let store = other ?? self.store
        let lease = FleetLease(
            device: try #require(store.deviceID), issuedAt: 0, serial: number, policy: LeasePolicy())
        var answer = PullAnswer(
            incarnation: incarnation ?? self.incarnation, time: 0, scopes: parts, tenants: tenants, lease: "",
            hasMore: false)
        answer.tenantsDigest = digest
        return try await store.apply(answer, lease: lease)
    }

    @discardableResult
    func apply(_ entries: [WireEntry]) async throws -> PullOutcome { try await apply([part(entries)]) }

    func enroll(_ user: String, seed: Int = 1) async throws -> GalleryRecord? {
        try await base.enroll(user, of: client, in: store, seed: seed)
    }

    func replica(_ user: String) async throws -> ReplicaRow? {
        let subject = try subject(user)
        return try await store.read { try ReplicaRow.find(subject, $0) }
    }

    func person(_ user: String) async throws -> PersonRecord? { try await store.person(externalID: user, of: client) }

    /// Everybody who can be recognised, by the client's own id.
    func recognisable() async throws -> Set<String> { Set(try await store.gallery().map(\.person.externalID)) }

    func records(_ lane: Lane, in store: EdgeStore? = nil) async throws -> [OutboxRecord] {
        try await (store ?? self.store).records(of: lane, after: 0, limit: 10_000)
    }

    func kinds(_ lane: Lane) async throws -> [String] { try await records(lane).map(\.head.kind) }

    /// The payloads of one kind, read as what central reads.
    func payloads<Facts: Decodable>(_ kind: String, in lane: Lane, as type: Facts.Type) async throws -> [Facts] {
        let wanted = try await records(lane).filter { $0.head.kind == kind }
        return try await store.open(wanted).compactMap(\.self).map {
            try JSONDecoder().decode(type, from: Data($0))
        }
    }

    /// What central answers to all of the enrollment lane.
    func settlement(
        refused: [RefusedRecord] = [], settled: [SettledEnrollment] = []
    ) async throws -> PushAnswer {
        let lane = try #require(try await store.lanes().first { $0.address.lane == .enrollment })
        return PushAnswer(
            incarnation: incarnation, acknowledged: lane.last, head: lane.head, refused: refused, settled: settled,
            time: 0)
    }

    /// The root of a scope in which these people are.
    func root(_ people: [(String, SubjectVersion)]) throws -> String {
        let entries = try people.map { (subject: try subject($0.0), version: $0.1) }
        return HexText.encode(HashTree(entries) { (try? self.base.vault.sha256($0)) ?? [] }.root)
    }
}
