public import EdgeCore
import FoundationEssentials
import Logging
import SyncCore
import Synchronization

extension FleetDesk {
    /// Keeps the files in order until it is cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            do throws(EdgeError) { try await tidy() } catch {
                log.error("central's upkeep failed", metadata: ["code": "\(error.code.rawValue)"])
            }
            do { try await sleep(.seconds(60)) } catch { return }
        }
    }

    /// Brings the anchor up to date, forgets old removals, tokens and events, and exchanges the keys after an erasure.
    public func tidy() async throws(EdgeError) {
        let (life, eventLife) = (options.tombstoneLife.microseconds, options.eventLife.microseconds)
        let dropped = try await transaction { transaction in
            try FeedTable.compact(before: transaction.wall - life, transaction.db)
            try TokenTable.removeExpired(before: transaction.wall - Self.usedTokenLife, transaction.db)
            try CertificateTable.removeEnded(before: transaction.wall - life, transaction.db)
            try CredentialTable.removeUnbound(before: transaction.wall - Self.usedTokenLife, transaction.db)
            return try EventQueueTable.dropEvents(
                before: transaction.wall - eventLife, slack: 3_600_000_000, transaction.db)
        }
        if dropped > 0 {
            log.notice(
                "events of devices waited too long for an instance with local_delivery",
                metadata: ["count": "\(dropped)"])
        }
        try await exchangeKeysWhenDue()
        try await keepAnchor()
    }

    /// Copies central's file to `path`, where nothing may be; whoever opens the copy begins a new incarnation.
    ///
    /// Throws `store.unavailable`.
    public func backUp(to path: String) async throws(EdgeError) {
        try await database.backUp(to: path)
    }

    /// How long a token that nobody can use any more is listed.
    private static let usedTokenLife: Int64 = 7 * 86_400_000_000

    /// For how long what an erasure destroyed may be opened with an old copy of the file and the key of today.
    private static let rotationDelay: Int64 = 3_600_000_000

    func keepAnchor() async throws(EdgeError) {
        if database.isShared { try await review() }
        let incarnation = incarnation
        let anchor = try await database.read { db in try FleetLife.anchor(incarnation, db) }
        try await blocking { [directory] in try anchor.write(directory: directory) }
    }

    /// Follows the books into a new life: they may be put back, or another process may say so, while this one runs.
    private func review() async throws(EdgeError) {
        let (directory, wall, before) = (directory, wall, incarnation)
        let present = try await database.write(alone: true) { db in
            try FleetLife.review(directory: directory, isShared: true, at: wall, db)
        }
        guard present != before else { return }
        log.notice("central's books were put back; a new incarnation begins")
        life.withLock { $0 = present }
        digests.forget()
        signal.tellAll()
    }

    /// After an erasure the key-encryption key is exchanged: an old copy of the file opens with no key that is here.
    ///
    /// Not where several processes share the books: each has the key, and none can take it from the others.
    private func exchangeKeysWhenDue() async throws(EdgeError) {
        guard !database.isShared else { return }
        let due = try await database.read { db in try MetaTable.number(.rotationDue, db) }
        guard due > 0 || keys.rotation.isRotating, wall - due >= Self.rotationDelay else { return }
        try await database.exchangeKeys(keys, due: due)
    }
}

extension FleetStorage {
    /// Exchanges the key-encryption key, for an erasure of `due` and all before it.
    ///
    /// Of books that one process has alone.
    func exchangeKeys(_ keys: FleetKeys, due: Int64) async throws(EdgeError) {
        let (rotation, seal) = (keys.rotation, PersonalSeal(sealer: keys.sealer))
        _ = try await blocking { try rotation.beginRotation() }
        try await write(alone: true) { db in
            try seal.rewrapAll(db)
            if let wrapped = try MetaTable.value(.pseudonymSealKey, db) {
                try MetaTable.keep(seal.sealer.rewrap(wrapped), as: .pseudonymSealKey, db)
            }
            if try MetaTable.number(.rotationDue, db) == due { try MetaTable.keep(nil, as: .rotationDue, db) }
        }
        _ = try await blocking { try rotation.finishRotation() }
    }
}
