public import EdgeCore
import Dispatch
import FoundationEssentials
import GRDB
public import Logging
import Synchronization

/// The one database of a device: clients, people with sealed templates, sessions, lock-outs and the audit chain.
///
/// Every method of its ports is one transaction, on disk when it returns. SQL runs on a queue of its own, never on
/// Swift's shared threads. A caller's cancellation never undoes a transaction under way: what was decided is recorded.
public final class EdgeStore: Sendable {
    let sealer: any Sealer
    let secrets: any SecretKeeper
    let signer: any Signer
    let clock: any EdgeClock
    let log: Logger
    let health: HealthBoard
    let settings: Mutex<StoreOptions>
    let bootID: String
    /// Where the store's file lies.
    let directory: String
    /// All clients; `nil` while the store is not open.
    let clientCache = Mutex<ClientCache?>(nil)
    /// Device and epoch; `nil` while the store is not open.
    let identity = Mutex<StoreIdentity?>(nil)
    /// What seals the audit trail's tail.
    let tail = Mutex(TailKeys())
    /// Families of tokens that were ended and whose tokens may still be about.
    let revokedFamilies = Mutex<Set<TokenFamilyID>>([])
    /// Which webhook deliveries are under way.
    let deliveryDesk = DeliveryDesk()
    /// Who wants to hear of people that the store erases by itself.
    let erasureListener = Mutex<(@Sendable (PersonID) async -> Void)?>(nil)
    let forgettingListener = Mutex<(@Sendable () -> Void)?>(nil)
    let reopeningListener = Mutex<(@Sendable () async -> Void)?>(nil)
    /// By which model people are recognised; `nil` while nobody is.
    let modelInUse = Mutex<ModelVersion?>(nil)
    /// Who could not be opened when the gallery was loaded.
    let damagedPeople = Mutex<Set<PersonID>>([])
    /// The device's place in a fleet, as far as it is kept in memory.
    let fleet = FleetDesk()
    /// What the transaction under way wants done once it is on disk.
    let hooks = CommitHooks()
    /// The sums over all tables, of which every transaction writes its part.
    let sums: TableSums
    /// Which connection is in use.
    let connection: StoreConnection
    /// The disk and its reserve.
    let room: DiskRoom
    let place: FilePlace
    /// Opens the file again after a failure of the disk.
    let reopening = Mutex<Task<Void, Never>?>(nil)
    /// Whether SQLite came upon damage, so that the next opening looks through the file.
    let isSuspect = Mutex(false)
    /// Whether the last transaction failed for want of memory.
    let isShortOfMemory = Mutex(false)
    /// How many rows had been changed at the last look at the write-ahead log.
    let lastChanges = Mutex<Int?>(nil)
    /// Who waits for a commit.
    let group: CommitGroup

    private init(
        queue: DatabaseQueue, sums: TableSums, directory: String, sealer: any Sealer, secrets: any SecretKeeper,
        signer: any Signer, clock: any EdgeClock, log: Logger, health: HealthBoard, options: StoreOptions
    ) {
        self.sums = sums
        self.directory = directory
        self.sealer = sealer
        self.secrets = secrets
        self.signer = signer
        self.clock = clock
        self.log = log
        self.health = health
        settings = Mutex(options)
        let room = DiskRoom(directory: directory, options: options, health: health, log: log)
        self.room = room
        let place = FilePlace("\(directory)/\(DatabaseFile.name)")
        place.noteOpened()
        self.place = place
        connection = StoreConnection(queue)
        group = CommitGroup(
            limit: options.groupCommit, hooks: hooks, sums: sums, makesRoom: { room.giveUpReserve() },
            isInPlace: { place.isKept })
        bootID = BootID.current
    }

    /// Whether there is a store in `directory`, so that nobody makes one who only wants to read.
    public static func isThere(in directory: String) -> Bool { DatabaseFile.isThere(in: directory) }

    /// Opens `edged.sqlite` in `directory`; makes both when they are not there.
    ///
    /// A damaged file is mended as far as it goes, unless the options say otherwise. Throws `store.busy` when another
    /// process has it open, `store.schema.newer` for a file of a later version, `vault.key.unavailable` when the file was
    /// written under other keys, `store.corrupt`, `store.disk.full`, `store.unavailable`.
    public static func open(
        directory: String, sealer: any Sealer, secrets: any SecretKeeper, signer: any Signer, clock: any EdgeClock,
        log: Logger, health: HealthBoard = HealthBoard(), options: StoreOptions = StoreOptions()
    ) async throws(EdgeError) -> EdgeStore {
        let recovery = StoreRecovery(
            directory: directory, sealer: sealer, secrets: secrets, signer: signer, moment: clock.wall, log: log,
            isExpected: options.isExpected)
        var isSecondAttempt = false
        while true {
            let sums = try TableSums(
                secrets, anchor: options.anchor ?? DiskAnchorFile("\(directory)/\(Anchor.name)"))
            let queue = try await blocking {
                try DiskRoom.withReserve(of: directory) {
                    try MigrationBackup.keep(of: directory, at: recovery.moment)
                    return options.recovers ? try recovery.open(sums) : try recovery.openAsItIs(sums)
                }
            }
            let store = EdgeStore(
                queue: queue, sums: sums, directory: directory, sealer: sealer, secrets: secrets, signer: signer,
                clock: clock, log: log, health: health, options: options)
            do throws(EdgeError) {
                try await store.admitConnection()
                try await blocking { StoreCopies.removeDrafts(in: directory) }
                store.room.begin()
                return store
            } catch {
                await store.close()
                // Damage that shows only now: without the note of a clean stop the next opening looks through the file.
                guard options.recovers, store.isSuspect.withLock({ $0 }), !isSecondAttempt else { throw error }
                isSecondAttempt = true
            }
        }
    }

    /// Empties the write-ahead log into the file and closes it; later calls throw `store.unavailable`.
    public func close() async {
        // A store that did not come to be open, under wrong keys for example, must sign nothing.
        if clientCache.withLock({ $0 != nil }) {
            await WriteUrgency.$current.withValue(.urgent) {
                await tellTouchedFilesBeforeClose()
                await endInterval()
                await checkpointBeforeClose()
            }
        }
        clientCache.withLock { $0 = nil }
        identity.withLock { $0 = nil }
        let last = connection.close()
        let attempts = reopening.withLock { $0 }
        attempts?.cancel()
        await attempts?.value
        guard let last else { return }
        do throws(EdgeError) {
            try await blocking { [self] in
                // Neither is fatal: the log is read at the next start, and without the note the file is looked through.
                noteStop(last)
                try? last.writeWithoutTransaction(sums.finish)
                try last.close()
            }
        } catch {
            log.error("store did not close", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    private func noteStop(_ queue: DatabaseQueue) {
        let isSuspect = isSuspect.withLock { $0 }
        let note: (Database) throws -> Void = { [sums] db in
            sums.syncAnchor()
            try sums.sealed(db, isSuspect ? DatabaseFile.noteSuspicion : DatabaseFile.noteCleanStop)
        }
        do { try queue.writeWithoutTransaction(note) } catch {
            guard isDiskFull(error), room.giveUpReserve() else { return }
            try? queue.writeWithoutTransaction(note)
        }
    }

    /// Runs `body` as one transaction, on disk when this returns.
    ///
    /// It may share its commit with others, and run a second time when a group failed: what it changes outside of the
    /// database it changes by ``onCommit(_:)``. An urgent one gets the reserve when the disk is full.
    func write<Outcome: Sendable>(
        _ urgency: WriteUrgency = .current, _ body: @escaping @Sendable (Database) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        guard let queue = connection.queue else { throw unusable }
        guard urgency == .urgent || !room.refusesUsualWrites else { throw EdgeError(.storeFull) }
        // The queue knows no task: what belongs to the request is carried over by hand.
        let origin = RequestOrigin.current
        let result: Result<Outcome, EdgeError> = await withCheckedContinuation { continuation in
            let outcome = Mutex<Outcome?>(nil)
            let member = CommitGroup.Member(
                isUrgent: urgency == .urgent,
                body: { db in
                    let made = try RequestOrigin.$current.withValue(origin) { try body(db) }
                    outcome.withLock { $0 = made }
                },
                finish: { [self] error in
                    let made = outcome.withLock { $0 }
                    took(error)
                    switch (error, made) {
                    case (nil, let made?): continuation.resume(returning: .success(made))
                    case (let error?, _): continuation.resume(returning: .failure(storeError(error)))
                    case (nil, nil): continuation.resume(returning: .failure(EdgeError(.internalFault)))
                    }
                })
            if group.enter(member) { runGroup(on: queue) }
        }
        return try result.get()
    }

    private func runGroup(on queue: DatabaseQueue) {
        queue.asyncWriteWithoutTransaction { [self] db in
            guard connection.trusts(queue) else { return group.refuse(unusable) }
            if group.run(db, onFault: { [self] in lose(queue, after: $0) }) { runGroup(on: queue) }
        }
    }

    /// Does `body` once the transaction under way is on disk; never when it is not.
    func onCommit(_ body: @escaping @Sendable () -> Void) { hooks.add(onCommit: body) }

    /// Does `body` when the transaction under way does not come to be.
    func onRollback(_ body: @escaping @Sendable () -> Void) { hooks.add(onRollback: body) }

    /// Runs `body` without a transaction: what only reads needs none, since nothing else runs on the one connection.
    func read<Outcome: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        guard let queue = connection.queue else { throw unusable }
        let result: Result<Outcome, EdgeError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { [self] db in
                guard connection.trusts(queue) else { return continuation.resume(returning: .failure(unusable)) }
                let outcome = Result { try body(db) }.mapError { error in
                    if isDiskFault(error) { lose(queue, after: error) }
                    noteTrouble(error)
                    return storeError(error)
                }
                continuation.resume(returning: outcome)
            }
        }
        return try result.get()
    }

    /// Runs `body` outside a transaction, for what SQLite does not allow inside one.
    func withoutTransaction(_ body: @escaping @Sendable (Database) throws -> Void) async throws(EdgeError) {
        try await read(body)
    }

    /// The keys must be those that the file was begun with; fresh ones would make every record unreadable, one by one.
    func checkKeys() async throws(EdgeError) {
        let expected = try Data(secrets.digest("edged store", purpose: "store.keys"))
        try await write { db in
            let known = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'key_check'")
            guard let known else {
                return try db.execute(
                    sql: "INSERT INTO meta (name, value) VALUES ('key_check', ?)", arguments: [expected])
            }
            guard known == expected else {
                throw EdgeError(.keyUnavailable, "The store was sealed with other keys than those given.")
            }
        }
    }
}

/// Runs blocking work on a thread of its own.
func blocking<Outcome: Sendable>(
    _ body: @escaping @Sendable () throws -> Outcome
) async throws(EdgeError) -> Outcome {
    let result: Result<Outcome, EdgeError> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: Result(catching: body).mapError(storeError)) }
    }
    return try result.get()
}
