public import EdgeCore
import FoundationEssentials
public import Logging
public import SyncCore
import Synchronization

/// The central instance of a fleet: takes what devices tell, tells them what became of people, keeps the books.
///
/// All of it stands in `central.sqlite`; what a method changed is on disk when it returns. Devices reach it through the
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
    private let own = Mutex<DeviceID?>(nil)
    /// This life of the database.
    public let incarnation: Incarnation

    /// Opens central's file in `directory`, which must be there; it is made when it is not there.
    ///
    /// A file that was put back, or copied by ``backUp(to:)``, begins a new incarnation. Throws `store.unavailable`,
    /// `store.disk.full`, `store.corrupt`, `store.schema.newer`, and `vault.key.unavailable` for other keys than those that
    /// the file was begun with.
    public static func open(
        directory: String, keys: FleetKeys, options: FleetOptions = FleetOptions(), tenants: any TenantDirectory,
        clock: any EdgeClock = SystemClock(), sleep: @escaping Sleep = { try await Task.sleep(for: $0) },
        health: HealthBoard, log: Logger
    ) async throws(EdgeError) -> FleetDesk {
        let database = try await blocking {
            try SQLiteStorage(directory: directory, groupLimit: options.groupLimit)
        }
        do throws(EdgeError) {
            let wall = clock.wall.microseconds
            let life = try await database.write { db in
                try FleetLife.begin(directory: directory, keys: keys, at: wall, db)
            }
            try await blocking { try life.anchor.write(directory: directory) }
            if life.isRestored { log.notice("central's file was put back; a new incarnation begins") }
            return FleetDesk(
                database: database, directory: directory, keys: keys, options: options, tenants: tenants,
                clock: clock, sleep: sleep, health: health, log: log, life: life)
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
        incarnation = life.incarnation
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
    func transaction<Outcome: Sendable>(
        _ body: @escaping @Sendable (inout FleetTransaction) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let (wall, seal, own) = (wall, PersonalSeal(sealer: keys.sealer), ownDoors)
        let result: (outcome: Outcome, after: FleetTransaction.Aftermath)
        do {
            result = try await database.write { db in
                var transaction = FleetTransaction(db: db, wall: wall, seal: seal, own: own)
                let outcome = try body(&transaction)
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
        _ body: @escaping @Sendable (inout FleetTransaction) throws -> Result<Outcome, SyncRefusal>
    ) async throws(SyncRefusal) -> Outcome {
        let result: Result<Outcome, SyncRefusal>
        do throws(EdgeError) {
            result = try await transaction(body)
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

    /// What was erased stands in no file any more.
    private func wipeErased() async {
        do throws(EdgeError) { try await database.wipeErased() } catch {
            log.error("what was erased was not wiped", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}
