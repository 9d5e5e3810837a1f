import EdgeCore
import EdgeTesting
import FoundationEssentials
import Synchronization

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
    func digest(_ message: [UInt8], purpose: String) throws(EdgeError) -> [UInt8] {
        Array("\(purpose):".utf8) + message
    }
    func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
    func derivedKey(_ purpose: String) throws(EdgeError) -> Redacted<[UInt8]> {
        Redacted(Array(repeating: UInt8(purpose.utf8.count), count: 32))
    }
}

/// A device with one camera whose readiness the test sets.
final class FakeStatus: StatusReporter {
    private let ready = Mutex(true)
    private let health: HealthBoard
    fileprivate let clock: any EdgeClock

    init(health: HealthBoard, clock: any EdgeClock) {
        self.health = health
        self.clock = clock
    }

    func setReady(_ value: Bool) { ready.withLock { $0 = value } }
    func isReady() async -> Bool { ready.withLock { $0 } }
    func status() async -> DeviceStatus {
        var status = DeviceStatus(
            version: "0.1.0", startedAt: clock.wall.addingTimeInterval(-90), now: clock.wall,
            address: "http://127.0.0.1:8080", livenessPolicy: .passive,
            models: [DeviceStatus.ModelStatus(id: "yunet", version: "2023mar", isLoaded: true)],
            cameras: [CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2")], people: 2, openSessions: 1,
            keySource: "file", conditions: health.current)
        var released = CameraStatus(name: "yard", device: "/dev/video1", kind: "v4l2")
        released.pace = .released
        status.cameras.append(released)
        status.outbox = [
            DeviceStatus.OutboxLane(
                lane: "audit", records: 3, bytes: 420, oldestAt: clock.wall.addingTimeInterval(-61), last: 9,
                acknowledged: 6)
        ]
        status.sync = DeviceStatus.SyncStanding(
            phase: "online", lastContactAt: clock.wall.addingTimeInterval(-7), leaseAgeSeconds: 9, leaseTier: "fresh",
            peopleWithoutModel: 1)
        status.sync?.certificateExpiresAt = clock.wall.addingTimeInterval(3600)
        status.onAir = OnAirStanding(isOnAir: true, cameras: ["door"], sign: .on)
        status.central = central
        return status
    }
}

extension FakeStatus {
    /// Everything that a central instance's standing may hold.
    private var central: CentralStanding {
        let moment = clock.wall
        var standing = CentralStanding(at: moment)
        standing.database = .init(kind: "postgresql", version: "15.8", schema: 5, knownSchema: 5)
        standing.database?.usedConnections = 18
        standing.database?.connectionLimit = 100
        standing.fault = "It answered late."
        let queue = CentralStanding.Queue(waiting: 1, oldestAt: moment)
        standing.fleet = .init(members: 3, silent: 1, quarantined: queue, erasures: queue, events: queue)
        standing.fleet?.longestSilent = "north door"
        standing.fleet?.longestSilentSince = moment
        standing.fleet?.authorityExpiresAt = moment
        standing.deliveries = .init(waiting: 0, oldestAt: nil)
        standing.certificateExpiresAt = moment
        standing.rootsExpireAt = moment
        return standing
    }
}

/// Commands that answer what they were asked.
struct FakeControl: LocalControl {
    func run(command: String, argumentsJSON: [UInt8]) async throws(EdgeError) -> [UInt8] {
        guard command != "fail" else { throw EdgeError(.personUnknown) }
        return Array("{\"command\":\"\(command)\",\"arguments\":".utf8) + argumentsJSON + Array("}".utf8)
    }
}
