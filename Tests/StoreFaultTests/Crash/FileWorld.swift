import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Synchronization
import Vault

@testable import Store
@testable import StoreTesting

/// A promise that was not kept.
struct BrokenPromise: Error { let sentence: String }

/// A store with its keys in a real directory, as a daemon has them, and what its callers were answered.
final class FileWorld {
    /// Its clock and what it makes are used, not its keys or its directory.
    let fixture: StoreFixture
    let calls: WatchedCalls
    private let free = Free()
    /// A new one with each start, as a daemon's.
    private(set) var health = HealthBoard()
    private(set) var vault: KeyVault?
    private(set) var store: EdgeStore?
    /// The key that wrapped when the store was opened.
    private(set) var formerKey: UInt32 = 0

    var kiosk: ClientID?
    /// Who was answered for and not erased, and who was erased.
    var people: Set<String> = []
    var erased: Set<String> = []
    /// The audit lines that were answered for.
    var lines: [String] = []
    /// Both as they were at the last backup.
    var backedUp: (people: Set<String>, lines: [String]) = ([], [])
    /// What was given out to check the trail's tail with.
    var sealKey: AuditTailKey?

    private final class Free: Sendable { let bytes = Mutex<Int64>(1 << 30) }

    init() throws {
        fixture = try StoreFixture()
        // Files bear the system's time.
        fixture.clock.setWall(Date())
        let place = fixture.directory.path("device")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        calls = try WatchedCalls(below: place)
    }

    static let reserve: Int64 = 1 << 20
    private var device: String { fixture.directory.path("device") }
    var keyFile: String { "\(device)/key" }
    var path: String { "\(device)/store" }
    var copy: String { "\(device)/copy.sqlite" }
    var conditions: Set<String> { Set(health.current.map(\.code)) }

    /// What the disk is said to have left.
    func leave(_ bytes: Int64) { free.bytes.withLock { $0 = bytes } }

    /// A start: the keys, then the store.
    func open() async throws {
        await close()
        health = HealthBoard(clock: fixture.clock)
        let keys = try KeyVault.open(keyFile: keyFile)
        var options = StoreOptions()
        options.rotation = keys
        options.reserveBytes = Self.reserve
        options.freeBytes = { [free] _ in free.bytes.withLock { $0 } }
        options.isClockSynchronized = { true }
        store = try await EdgeStore.open(
            directory: path, sealer: keys, secrets: keys, signer: keys, clock: fixture.clock,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), health: health, options: options)
        vault = keys
        formerKey = keys.wrappingKeyID
    }

    func close() async {
        await store?.close()
        store = nil
    }

    /// The open store.
    func opened() throws -> EdgeStore {
        guard let store else { throw EdgeError(.storeUnavailable, "The store is not open.") }
        return store
    }

    func keys() throws -> KeyVault {
        guard let vault else { throw EdgeError(.keyUnavailable, "There are no keys.") }
        return vault
    }

    func client() throws -> ClientID {
        guard let kiosk else { throw EdgeError(.internalFault, "There is no client.") }
        return kiosk
    }

    /// Throws unless what was promised is so.
    func require(_ holds: Bool, _ sentence: String) throws {
        guard holds else { throw BrokenPromise(sentence: "\(sentence); conditions: \(conditions.sorted())") }
    }
}
