import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Logging
import Synchronization
import Vault

@testable import Store
@testable import StoreTesting

/// A store on a disk in memory, and what its callers know of it.
final class CrashWorld {
    let fixture: StoreFixture
    let disk: MemoryDisk
    let rotation: RecordedRotation
    /// The store; `nil` before it was opened, and after an opening that failed.
    private(set) var store: EdgeStore?
    /// Hears of each commit of an open store.
    var watch: CommitWatch?
    /// The session begun last.
    var session: SessionSnapshot?
    /// What was taken out for delivery.
    var due: [WebhookShipment] = []
    /// Whether the year has passed in which nobody is seen.
    var isYearOver = false
    /// The log-in that is good now.
    var family: (TokenFamily, refreshID: String)?

    init() throws {
        fixture = try StoreFixture()
        disk = try MemoryDisk(records: true)
        rotation = try RecordedRotation(fixture, disk)
    }

    func open() async throws {
        store = nil
        let opened = try await fixture.open(on: disk, keys: fixture.vault)
        store = opened
        guard let watch else { return }
        try await opened.withoutTransaction { $0.add(transactionObserver: watch, extent: .databaseLifetime) }
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

    /// The client of this name.
    func client(_ name: String) async throws -> ClientID {
        let known = try await opened().clients().first { $0.name == name }
        guard let known else { throw EdgeError(.internalFault, "There is no \(name).") }
        return known.id
    }
}

/// Tells the state after each commit, on the store's queue.
final class CommitWatch: TransactionObserver, Sendable {
    private let tell: @Sendable (StoreState) -> Void

    init(_ tell: @escaping @Sendable (StoreState) -> Void) { self.tell = tell }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidRollback(_ db: Database) {}
    func databaseDidCommit(_ db: Database) {
        // A state that cannot be read is missed at the answer.
        if let state = try? EdgeStore.state(db) { tell(state) }
    }
}

extension StoreFixture {
    /// Opens the store on a disk in memory, under these keys.
    func open(on disk: MemoryDisk, keys: KeyVault) async throws -> EdgeStore {
        var options = StoreOptions()
        options.anchor = disk.anchor
        // A cut damages nothing: a store that mended itself would hide that something was lost.
        options.recovers = false
        options.reserveBytes = 0
        options.isClockSynchronized = { true }
        options.retention.peopleUnseen = .seconds(300 * 86_400)
        options.reopening = Duration.milliseconds(2)...Duration.milliseconds(50)
        return try await EdgeStore.open(
            directory: disk.path, sealer: keys, secrets: keys, signer: keys, clock: clock,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), health: health, options: options)
    }
}

/// The keys' own exchange, with a copy of what was on disk at each of its steps.
///
/// The keys lie on a real disk, where each step is one file put in the place of another: a crash leaves one of these.
final class RecordedRotation: KeyRotation {
    struct Keys: Sendable {
        /// Operations of the store's disk when these keys were put on theirs.
        let operations: Int
        let vault: KeyVault
    }

    private let fixture: StoreFixture
    private let disk: MemoryDisk
    private let kept = Mutex<[Keys]>([])

    init(_ fixture: StoreFixture, _ disk: MemoryDisk) throws {
        self.fixture = fixture
        self.disk = disk
        try keep(at: 0)
    }

    var isRotating: Bool { fixture.vault.isRotating }

    func beginRotation() throws(EdgeError) -> UInt32 {
        let id = try fixture.vault.beginRotation()
        try keep(at: disk.operations)
        return id
    }

    func finishRotation() throws(EdgeError) -> [UInt32] {
        let destroyed = try fixture.vault.finishRotation()
        try keep(at: disk.operations)
        return destroyed
    }

    /// The keys on disk when the store's disk had seen so many operations; in the instant of a change the earlier ones or
    /// the later ones.
    func keys(at operations: Int, early: Bool) -> KeyVault {
        let all = kept.withLock { $0 }
        let past = all.filter { early ? $0.operations < operations : $0.operations <= operations }
        return (past.last ?? all[0]).vault
    }

    private func keep(at operations: Int) throws(EdgeError) {
        do {
            let folder = try TemporaryDirectory()
            let files = FileManager.default
            for name in try files.contentsOfDirectory(atPath: fixture.directory.url.path) where name != "store" {
                try files.copyItem(atPath: fixture.directory.path(name), toPath: folder.path(name))
            }
            let vault = try KeyVault.open(keyFile: folder.path("key"))
            kept.withLock { $0.append(Keys(operations: operations, vault: vault)) }
        } catch { throw storeError(error) }
    }
}
