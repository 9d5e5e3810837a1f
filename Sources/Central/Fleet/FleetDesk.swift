public import EdgeCore
import FoundationEssentials
public import Logging
public import SyncCore
import Synchronization

/// The central instance of a fleet: takes what devices tell, tells them what became of people, keeps the books.
///
/// All of it stands in `central.sqlite`, or in PostgreSQL, where several processes share it; what a method changed is on
/// disk when it returns. Devices reach it through the
/// ``SyncCore/CentralDesk`` port, operators through the methods beside it.
public final class FleetDesk: Sendable {
    /// Waits for a span of time; throws when cancelled.
    public typealias Sleep = @Sendable (Duration) async throws -> Void

    let database: any FleetStorage
    let directory: String
    let keys: FleetKeys
    let options: FleetOptions
    let tenants: any TenantDirectory
    let clock: any EdgeClock
    let sleep: Sleep
    let health: HealthBoard
    let log: Logger
    let signal = ChangeSignal()
    let digests = ScopeDigests()
    let pseudonyms: Pseudonyms
    let forwarding = ForwardingBell()
    /// Who signs the certificates of devices, as it was last read.
    let authorityBook = Mutex<[[UInt8]]>([])
    private let own = Mutex<DeviceID?>(nil)
    /// As others hear of this process.
    let name = UUID()
    let life: Mutex<Incarnation>

    /// The present life of the database.
    public var incarnation: Incarnation { life.withLock { $0 } }

    /// Opens central's file in `directory`, which must be there; it is made when it is not there.
    ///
    /// With `postgres` the books are in that database, and the directory, which each process has for itself, holds the anchor.
    /// Books that were put back, or copied by ``backUp(to:)``, begin a new incarnation. Throws `store.unavailable`,
    /// `store.disk.full`, `store.corrupt`, `store.schema.newer`, `vault.key.unavailable` for other keys than those that the
    /// books were begun with, and `central.moved` and `central.unmoved` where they are in the other of both places.
    public static func open(
        directory: String, postgres: PostgresOptions? = nil, keys: FleetKeys, options: FleetOptions = FleetOptions(),
        tenants: any TenantDirectory, clock: any EdgeClock = SystemClock(),
        sleep: @escaping Sleep = { try await Task.sleep(for: $0) },
        health: HealthBoard, log: Logger
    ) async throws(EdgeError) -> FleetDesk {
        let database: any FleetStorage = try await blocking {
            if let postgres { return try PostgresStorage(postgres) }
            return try SQLiteStorage(directory: directory, groupLimit: options.groupLimit)
        }
        do throws(EdgeError) {
            let wall = clock.wall.microseconds
            let isShared = database.isShared
            let life = try await database.write(alone: true) { db in
                try FleetLife.begin(directory: directory, keys: keys, isShared: isShared, at: wall, db)
            }
            try await blocking { try life.anchor.write(directory: directory) }
            if life.isRestored { log.notice("central's books were put back; a new incarnation begins") }
            if isShared, SQLiteStorage.isThere(in: directory) {
                log.notice("central.sqlite was moved to PostgreSQL: no erasure reaches it any more; remove it")
            }
            let desk = FleetDesk(
                database: database, directory: directory, keys: keys, options: options, tenants: tenants,
                clock: clock, sleep: sleep, health: health, log: log, life: life)
            desk.listen()
            return desk
        } catch {
            await database.close()
            throw error
        }
    }

    private init(
        database: any FleetStorage, directory: String, keys: FleetKeys, options: FleetOptions,
        tenants: any TenantDirectory, clock: any EdgeClock, sleep: @escaping Sleep, health: HealthBoard, log: Logger,
        life: FleetLife
    ) {
        self.database = database
        self.directory = directory
        self.keys = keys
        self.options = options
        self.tenants = tenants
        self.clock = clock
        self.sleep = sleep
        self.health = health
        self.log = log
        pseudonyms = Pseudonyms(key: life.pseudonymKey, codes: keys.signer)
        self.life = Mutex(life.incarnation)
    }

    /// Brings the anchor up to date and closes the file.
    public func close() async {
        do throws(EdgeError) { try await keepAnchor() } catch {
            log.error("central's anchor was not written", metadata: ["code": "\(error.code.rawValue)"])
        }
        await database.close()
    }

    /// The central instance's own doors: what they say of any client counts, and they know every tenant.
    public var ownDoors: DeviceID? { own.withLock { $0 } }

    /// Names the central instance's own doors; before the first record is taken.
    public func trust(_ device: DeviceID) { own.withLock { $0 = device } }

    /// Central's wall time, microseconds since 1970.
    var wall: Int64 { clock.wall.microseconds }

    /// One transaction with everything that follows from it: those who wait are woken once it is on disk.
    ///
    /// Without `alone` others may write beside it; what is not the device's own asks for ``FleetSession/alone()`` itself.
    func transaction<Outcome: Sendable>(
        alone: Bool = true, _ body: @escaping @Sendable (inout FleetTransaction) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let (wall, seal, own, name) = (wall, PersonalSeal(sealer: keys.sealer), ownDoors, name)
        let result: (outcome: Outcome, after: FleetTransaction.Aftermath)
        do {
            result = try await database.write(alone: alone) { db in
                var transaction = FleetTransaction(db: db, wall: wall, seal: seal, own: own)
                let outcome = try body(&transaction)
                let (told, touched) = (transaction.told, transaction.touched)
                if !told.isEmpty || !touched.isEmpty {
                    try db.announce(FleetNotice(sender: name, scopes: told, devices: touched))
                }
                return (outcome, transaction.aftermath)
            }
        } catch {
            // A root may have been made of what is now not on disk.
            digests.forget()
            throw error
        }
        signal.tell(result.after.told, devices: result.after.touched)
        if result.after.hasForwarded { forwarding.ring() }
        if result.after.hasErased { await wipeErased() }
        return result.outcome
    }

    /// The same for a device, which hears in its own words why something was not done.
    func decide<Outcome: Sendable>(
        alone: Bool = true, _ body: @escaping @Sendable (inout FleetTransaction) throws -> Result<Outcome, SyncRefusal>
    ) async throws(SyncRefusal) -> Outcome {
        let result: Result<Outcome, SyncRefusal>
        do throws(EdgeError) {
            result = try await transaction(alone: alone, body)
            health.clear(subject: Self.subject)
        } catch {
            log.error(
                "central could not decide", metadata: ["code": "\(error.code.rawValue)", "facts": "\(error.detail)"])
            health.raise(error, subject: Self.subject)
            throw .busy(retryMilliseconds: 5000)
        }
        return try result.get()
    }

    /// Whose conditions these are on the health board.
    private static let subject = "central.sqlite"

    /// What another process did wakes those who wait here.
    private func listen() {
        let (name, signal) = (name, signal)
        database.listen { notice in
            guard notice.sender != name else { return }
            notice.isEverything ? signal.tellAll() : signal.tell(notice.scopes, devices: notice.devices)
        }
    }

    /// What was erased stands in no file any more.
    private func wipeErased() async {
        do throws(EdgeError) { try await database.wipeErased() } catch {
            log.error("what was erased was not wiped", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}
