import EdgeCore
import EdgeTesting
import FoundationEssentials
import Synchronization

/// Clients in memory with plain secrets.
final class FakeClients: ClientRepository {
    private let records: Mutex<[(client: ClientRecord, key: String, secret: String)]>

    init(_ names: [String]) {
        records = Mutex(
            names.map { name in
                let client = ClientRecord(
                    id: ClientID(), publicID: "FR_0123456789ABCDEF", name: name, isActive: true, createdAt: Date())
                return (client, "frapi_\(name)", "secret-of-\(name)")
            })
    }

    /// The client of a name.
    func named(_ name: String) -> ClientRecord? {
        records.withLock { held in held.first { $0.client.name == name }?.client }
    }

    func createClient(name: String) async throws(EdgeError) -> ClientCredentials { throw EdgeError(.clientExists) }
    func clients() async throws(EdgeError) -> [ClientRecord] { records.withLock { $0.map(\.client) } }
    func client(_ id: ClientID) async throws(EdgeError) -> ClientRecord? {
        records.withLock { held in held.first { $0.client.id == id }?.client }
    }
    func authenticate(apiKey: String, apiSecret: String) async throws(EdgeError) -> ClientRecord {
        let found = records.withLock { held in
            held.first { $0.key == apiKey && $0.secret == apiSecret && $0.client.isActive }?.client
        }
        guard let found else { throw EdgeError(.credentialsInvalid) }
        return found
    }
    func client(apiKey: String) async throws(EdgeError) -> ClientRecord? {
        records.withLock { held in held.first { $0.key == apiKey && $0.client.isActive }?.client }
    }
    func deactivateClient(publicID: String) async throws(EdgeError) -> ClientRecord { throw EdgeError(.clientUnknown) }

    /// Takes a client's right away.
    func deactivate(_ name: String) {
        records.withLock { held in
            for index in held.indices where held[index].client.name == name {
                let old = held[index].client
                held[index].client = ClientRecord(
                    id: old.id, publicID: old.publicID, name: old.name, isActive: false, createdAt: old.createdAt)
            }
        }
    }
}

/// Nobody is enrolled.
struct FakePeople: PersonRepository {
    func people(of client: ClientID?, limit: Int, offset: Int) async throws(EdgeError) -> [PersonRecord] { [] }
    func person(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonRecord? { nil }
    func removePerson(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonID {
        throw EdgeError(.personUnknown)
    }
    func peopleCount() async throws(EdgeError) -> Int { 0 }
}

/// An audit trail that nobody reads.
struct FakeAudit: AuditTrail {
    func append(_ record: AuditRecord) async throws(EdgeError) {}
    func newest(_ limit: Int) async throws(EdgeError) -> [AuditRecord] { [] }
}

/// Secrets that are the same in every run.
final class FakeSecrets: SecretKeeper {
    private let count = Mutex(0)
    func randomText(bytes: Int) throws(EdgeError) -> String {
        count.withLock { count in
            count += 1
            return "random-\(count)"
        }
    }
    func digest(_ secret: String, purpose: String) throws(EdgeError) -> [UInt8] { Array("\(purpose):\(secret)".utf8) }
    func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
    func derivedKey(_ purpose: String) throws(EdgeError) -> Redacted<[UInt8]> {
        Redacted(Array(repeating: UInt8(purpose.utf8.count), count: 32))
    }
}

/// A device with one camera whose readiness the test sets.
final class FakeStatus: StatusReporter {
    private let ready = Mutex(true)
    private let health: HealthBoard
    private let clock: any EdgeClock

    init(health: HealthBoard, clock: any EdgeClock) {
        self.health = health
        self.clock = clock
    }

    func setReady(_ value: Bool) { ready.withLock { $0 = value } }
    func isReady() async -> Bool { ready.withLock { $0 } }
    func status() async -> DeviceStatus {
        DeviceStatus(
            version: "0.1.0", startedAt: clock.wall.addingTimeInterval(-90), now: clock.wall,
            address: "http://127.0.0.1:8080", livenessPolicy: .passive,
            models: [DeviceStatus.ModelStatus(id: "yunet", version: "2023mar", isLoaded: true)],
            cameras: [CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2")], people: 2, openSessions: 1,
            keySource: "file", conditions: health.current)
    }
}

/// Commands that answer what they were asked.
struct FakeControl: LocalControl {
    func run(command: String, argumentsJSON: [UInt8]) async throws(EdgeError) -> [UInt8] {
        guard command != "fail" else { throw EdgeError(.personUnknown) }
        return Array("{\"command\":\"\(command)\",\"arguments\":".utf8) + argumentsJSON + Array("}".utf8)
    }
}
