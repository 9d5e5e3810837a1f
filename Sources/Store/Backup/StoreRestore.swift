public import EdgeCore
public import FoundationEssentials
import GRDB
import SyncCore
import Glibc

/// Puts a backup in the place of a store that nobody has open.
public enum StoreRestore {
    /// Checks a copy of the backup, keeps the present file aside, and puts the copy in its place.
    ///
    /// Returns where the present file was kept; `nil` when there was none. Blocks. Throws, and the present file is as it
    /// was then:
    /// - `store.corrupt` or `store.schema.newer` for the backup,
    /// - `vault.key.unavailable` for one that was written under other keys or whose key was destroyed since,
    /// - `store.backup.outdated` for one from before an erasure, and where the present store cannot tell, unless
    ///   `acceptsUnknownErasures`; own backups that the device made since the last erasure need no leave,
    /// - `store.unavailable` where there is no such file,
    /// - `store.busy` while somebody has the store open.
    public static func restore(
        _ backup: String, into directory: String, sealer: any Sealer, secrets: any SecretKeeper, at moment: Date,
        acceptsUnknownErasures: Bool = false
    ) throws(EdgeError) -> String? {
        let place = Place(directory: directory)
        try BackupFile.requireReadable(backup)
        do {
            try FileExchange.endInterrupted(place.target, in: directory)
            // Whoever opens the store meanwhile leaves the draft alone.
            return try RecoveryLock.held(in: directory) {
                defer { BackupFile.removeDraft(place.draft) }
                try copy(backup, to: place.draft)
                let marks = try BackupFile.check(place.draft)
                try requireKeys(marks, sealer, secrets)
                if let known = try erasures(knownIn: directory, place.target, secrets) {
                    guard known <= marks.erasures else { throw EdgeError(.storeBackupOutdated) }
                } else {
                    let isListed = try BackupLedger(in: directory, secrets).lists(place.draft)
                    guard acceptsUnknownErasures || (isOwn(backup, in: directory) && isListed) else {
                        throw EdgeError(
                            .storeBackupOutdated,
                            "The present store cannot tell whether people were erased since this backup was made.")
                    }
                }
                try amend(place.draft, in: directory, secrets) { try StoreIdentity.endEpoch(reason: .restored, $0) }
                return try exchange(place, at: moment)
            }
        } catch { throw storeError(error) }
    }

    /// How the files are called that stood where a backup was put.
    static let keptMark = ".before-restore-"

    /// Where a restore takes place.
    private struct Place {
        let directory: String
        var target: String { "\(directory)/\(DatabaseFile.name)" }
        var draft: String { "\(target).restored" }
    }

    private static func exchange(_ place: Place, at moment: Date) throws -> String? {
        let kept = try setAside(place.target, at: moment)
        guard rename(place.draft, place.target) == 0 else { throw BackupFault.failure("put in its place") }
        try BackupFile.syncDirectory(of: place.target)
        return kept
    }

    static func requireKeys(
        _ marks: BackupFile.Marks, _ sealer: any Sealer, _ secrets: any SecretKeeper
    ) throws {
        try requireOwn(marks, secrets)
        // Backups of versions before the key ring carry no mark; their key is the key file's own.
        guard let ring = marks.ring, ring.count == 4 else { return }
        guard sealer.holdsKey(ring.reduce(0) { $0 << 8 | UInt32($1) }) else {
            throw EdgeError(.keyUnavailable, "The key of this backup was destroyed after an erasure; take a later one.")
        }
    }

    static func requireOwn(_ marks: BackupFile.Marks, _ secrets: any SecretKeeper) throws {
        let own = try Data(secrets.digest("edged store", purpose: "store.keys"))
        guard marks.check == own else {
            throw EdgeError(.keyUnavailable, "The backup was written under other keys than this device's.")
        }
    }

    static func copy(_ source: String, to target: String) throws {
        BackupFile.removeDraft(target)
        try BackupFile.copy(source, to: target)
        let descriptor = Glibc.open(target, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw BackupFault.failure("opened") }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
            throw BackupFault.failure("written to disk")
        }
    }

    /// Writes into a copy what is to be known of its origin: one that went on under its epoch would tell two histories
    /// under one name.
    ///
    /// Throws `store.corrupt` for a backup that was changed since it was made.
    static func amend(
        _ draft: String, in directory: String, _ secrets: any SecretKeeper, _ body: (Database) throws -> Void
    ) throws {
        guard try BackupFile.isUnchanged(draft, secrets) else {
            throw EdgeError(.storeCorrupt, "The backup was changed since it was made.")
        }
        let sums = try TableSums(secrets, inPlaceOfStoreIn: directory)
        var configuration = Configuration()
        configuration.prepareDatabase { try sums.attach($0) }
        let queue = try DatabaseQueue(path: draft, configuration: configuration)
        defer { try? queue.close() }
        // One of an earlier version has no sums of its own to say how far it has come.
        try DatabaseFile.migrate(queue, sums)
        try queue.writeWithoutTransaction { db in
            _ = try sums.load(db)
            try sums.sealed(db, body)
        }
    }

    /// How many erasures the present store knows of; `nil` where there is none, and where it cannot be read any more.
    private static func erasures(knownIn directory: String, _ file: String, _ secrets: any SecretKeeper) throws -> Int?
    {
        guard access(file, F_OK) == 0 else { return nil }
        let queue: DatabaseQueue
        let sums = try TableSums(secrets, anchor: DiskAnchorFile("\(directory)/\(Anchor.name)"))
        // Whoever has the store open holds a lock; opening it says so, and empties its log.
        do { queue = try DatabaseFile.open(directory: directory, sums: sums) } catch {
            guard storeError(error).code != .storeBusy else { throw error }
            return nil
        }
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            // Opening it took the note of its last stop away.
            try sums.stop(db)
            let marks = try BackupFile.Marks(db)
            return marks.erasuresAreUnknown ? nil : marks.erasures
        }
    }

    private static func isOwn(_ backup: String, in directory: String) -> Bool {
        let place = resolved(backup)
        return place != nil && EdgeStore.backups(in: directory).contains { resolved($0.path) == place }
    }

    private static func resolved(_ path: String) -> String? {
        guard let place = realpath(path, nil) else { return nil }
        defer { free(place) }
        return String(cString: place)
    }

    /// Two restores may fall into one second.
    private static func freeName(_ name: String) -> String {
        let others = (2...99).lazy.map { "\(name)-\($0)" }
        return ([name] + others).first { access($0, F_OK) != 0 } ?? name
    }

    /// The log goes with its file: beside another one it would be replayed into it.
    private static func setAside(_ file: String, at moment: Date) throws -> String? {
        guard access(file, F_OK) == 0 else { return nil }
        let kept = freeName("\(file)\(keptMark)\(Int64(moment.timeIntervalSince1970))")
        for suffix in ["-wal", "-shm"] where access(file + suffix, F_OK) == 0 {
            guard rename(file + suffix, kept + suffix) == 0 else { throw BackupFault.failure("exchanged") }
        }
        // A second name and no move: a power cut before the copy takes the place must not leave a device without a store,
        // which would begin an empty one.
        guard link(file, kept) == 0 else { throw BackupFault.failure("exchanged") }
        try BackupFile.syncDirectory(of: file)
        return kept
    }
}
