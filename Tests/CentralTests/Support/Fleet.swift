import EdgeCore
import EdgeTesting
import Foundation
import Logging
import SyncCore
import Testing
import Vault

@testable import Central

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Names tenants by their ids.
struct NamedTenants: TenantDirectory {
    func name(of tenant: UUID) async -> String? { tenant == Fleet.tenant.rawValue ? "Example" : nil }
}

/// A central instance in a directory of its own, with real keys, over the storage that the test runs on.
final class Fleet: Sendable {
    static let tenant = ClientID(rawValue: UUID(uuid: (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9)))

    let directory: TemporaryDirectory
    let clock = ManualClock()
    let health = HealthBoard()
    let vault: KeyVault
    let options: FleetOptions
    /// `nil` for SQLite.
    let database: PostgresDatabase?

    init(options: FleetOptions = FleetOptions()) throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("central.key"))
        self.options = options
        database = Storage.current == .postgres ? try PostgresDatabase() : nil
    }

    /// Opens central; the caller closes it before it is opened again.
    ///
    /// With `target` its books are there.
    func open(
        in folder: String? = nil, over target: PostgresDatabase? = nil, keys: KeyVault? = nil,
        sleep: @escaping FleetDesk.Sleep = { _ in try await untilCancelled() }
    ) async throws -> FleetDesk {
        try await FleetDesk.open(
            directory: folder ?? directory.url.path, postgres: (target ?? database)?.options,
            keys: FleetKeys(keys ?? vault), options: options, tenants: NamedTenants(), clock: clock, sleep: sleep,
            health: health, log: quiet)
    }

    /// What central keeps: the bytes of every file, or of every value of every table.
    func bytes() throws -> [UInt8] {
        if let database { return try database.bytes() }
        return ["central.sqlite", "central.sqlite-wal"].flatMap { name in
            (try? Data(contentsOf: URL(filePath: directory.path(name)))).map { Array($0) } ?? []
        }
    }
}

extension Fleet {
    /// Keeps a copy of the books in place of the one before; gives central, open.
    func keepCopy(of desk: FleetDesk) async throws -> FleetDesk {
        guard let database else {
            try? FileManager.default.removeItem(atPath: directory.path("copy.sqlite"))
            try await desk.backUp(to: directory.path("copy.sqlite"))
            return desk
        }
        // PostgreSQL copies only what nobody has open.
        await desk.close()
        try database.keepCopy()
        return try await open()
    }

    /// Puts the copy back in place of the books; `nil` when there is none.
    func putBackCopy(closing desk: FleetDesk) async throws -> FleetDesk? {
        if let database {
            guard database.hasCopy else { return nil }
            await desk.close()
            try database.putBackCopy()
            return try await open()
        }
        let copy = directory.path("copy.sqlite")
        guard FileManager.default.fileExists(atPath: copy) else { return nil }
        await desk.close()
        try FileManager.default.removeItem(atPath: directory.path("central.sqlite"))
        try? FileManager.default.removeItem(atPath: directory.path("central.sqlite-wal"))
        try FileManager.default.copyItem(atPath: copy, toPath: directory.path("central.sqlite"))
        return try await open()
    }
}

/// A device as central meets it: it chains what it tells, and keeps nothing else.
final class TestDevice {
    let vault: KeyVault
    let id = DeviceID()
    var epoch = Epoch()
    var history: [Epoch] = []
    var lanes: [Lane: [(record: WireRecord, hash: ChainHash)]] = [:]
    var incarnation: Incarnation?
    var cursors: [ScopeID: ScopeCursor] = [:]
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("device.key"))
    }

    static let model = ModelName(id: "sface", version: "1")

    func request(token: String, name: String = "door") throws -> ProvisionRequest {
        let key = Data(vault.publicKey).base64EncodedString()
        let proof = try vault.sign(ProvisionRequest.statement(token: token, device: id, publicKey: key))
        return ProvisionRequest(
            token: token, device: id, name: name, publicKey: key, proof: Data(proof).base64EncodedString(),
            model: Self.model, software: "0.4.0")
    }

    /// Joins with a fresh token and opens its epoch.
    @discardableResult
    func join(_ desk: FleetDesk, scopes: [ScopeID] = []) async throws -> ProvisionGrant {
        let token = try await desk.makeToken(scopes: scopes).text.reveal()
        let grant = try await desk.provision(request(token: token))
        _ = try await open(desk)
        return grant
    }

    func open(_ desk: FleetDesk, _ reason: EpochReason = .fresh) async throws -> OpenAnswer {
        let opening = EpochOpening(epoch: epoch, history: history, reason: reason)
        return try await desk.open(OpenRequest(opening: opening, model: Self.model, software: "0.4.0"), of: id)
    }

    func beginEpoch() {
        history.append(epoch)
        epoch = Epoch()
        lanes = [:]
    }

    // MARK: Records

    @discardableResult
    func append(
        _ kind: String, _ payload: String?, to lane: Lane, tenant: UUID? = Fleet.tenant.rawValue,
        wall: Int64 = 1_800_000_000_000_000
    ) throws -> UInt64 {
        var stock = lanes[lane] ?? []
        let sequence = UInt64(stock.count + 1)
        let address = LaneAddress(device: id, epoch: epoch, lane: lane)
        let head = RecordHead(
            position: RecordPosition(address, sequence: sequence), kind: kind, tenant: tenant, person: nil,
            moment: RecordMoment(wall: wall, boot: nil))
        let digest = try sha(Array((payload ?? "gone").utf8))
        let hash = try sha(head.link(after: stock.last?.hash ?? .start, digest: digest))
        let record = OutboxRecord(head: head, digest: digest, hash: hash, payload: .withheld)
        stock.append((WireRecord(record, payload: payload), hash))
        lanes[lane] = stock
        return sequence
    }

    /// An enrollment of a user, as a device tells it.
    @discardableResult
    func enroll(
        _ user: String, _ desk: FleetDesk, consent: UInt64 = 0, generation: UInt64 = 1,
        wall: Int64 = 1_800_000_000_000_000, note: String = ""
    ) throws -> SubjectVersion {
        let version = SubjectVersion(
            consent: consent, generation: generation, time: HybridTime(wall: wall), device: id)
        let subject = try desk.subject(tenant: Fleet.tenant, user: user)
        try append(
            RecordKind.enrolled, try payload(user, subject, version, note: note), to: .enrollment, wall: wall)
        return version
    }

    func payload(
        _ user: String, _ subject: SubjectKey, _ version: SubjectVersion, note: String = ""
    ) throws -> String {
        let text = String(decoding: try JSONEncoder().encode(version), as: UTF8.self)
        return #"{"user_id":"\#(user)","display_name":"\#(note)","subject":"\#(subject)","version":\#(text)}"#
    }

    func append(_ value: some Encodable, kind: String) throws {
        try append(kind, String(decoding: try JSONEncoder().encode(value), as: UTF8.self), to: .control)
    }

    // MARK: Messages

    func batch(
        _ lane: Lane, _ range: ClosedRange<Int>? = nil, lostFrom: UInt64? = nil, checkpoint: String? = nil
    ) throws -> PushRequest {
        let stock = lanes[lane] ?? []
        let range = range ?? 1...stock.count
        let records = stock[(range.lowerBound - 1)...(range.upperBound - 1)]
        let previous = range.lowerBound > 1 ? stock[range.lowerBound - 2].hash : .start
        return PushRequest(
            epoch: epoch, lane: lane, first: UInt64(range.lowerBound), previous: previous,
            head: try #require(records.last).hash, lostFrom: lostFrom, records: records.map(\.record),
            checkpoint: checkpoint)
    }

    @discardableResult
    func push(
        _ lane: Lane, _ range: ClosedRange<Int>? = nil, to desk: FleetDesk, lostFrom: UInt64? = nil,
        checkpoint: String? = nil
    ) async throws -> PushAnswer {
        try await desk.push(batch(lane, range, lostFrom: lostFrom, checkpoint: checkpoint), of: id)
    }

    func pullRequest(mistrusted: [ScopeID] = [], wait: Int = 0) -> PullRequest {
        PullRequest(
            incarnation: incarnation,
            cursors: cursors.map { PullRequest.Place(scope: $0.key, cursor: $0.value) }, mistrusted: mistrusted,
            waitMilliseconds: wait)
    }

    /// Asks once and goes on from the answer.
    @discardableResult
    func pull(_ desk: FleetDesk, mistrusted: [ScopeID] = []) async throws -> PullAnswer {
        let answer = try await desk.pull(pullRequest(mistrusted: mistrusted), of: id)
        incarnation = answer.incarnation
        cursors = Dictionary(uniqueKeysWithValues: answer.scopes.map { ($0.scope, $0.next) })
        return answer
    }

    func sha(_ bytes: [UInt8]) throws -> ChainHash { try #require(ChainHash(try vault.sha256(bytes))) }
}

/// What a call was refused with; `nil` when it was not.
func refusal(_ body: () async throws -> some Any) async throws -> SyncRefusal? {
    do {
        _ = try await body()
        return nil
    } catch let refusal as SyncRefusal { return refusal }
}

/// A wait whose time never comes.
private func untilCancelled() async throws {
    for await _ in AsyncStream<Never>.makeStream().stream {}
    throw CancellationError()
}
