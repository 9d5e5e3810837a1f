public import EdgeCore
public import FoundationEssentials
import GRDB
import Glibc

/// Puts a backup in the place of a store that nobody has open.
public enum StoreRestore {
    /// Checks the backup, keeps the present file aside, and puts a copy of the backup in its place.
    ///
    /// Returns where the present file was kept; `nil` when there was none. Nothing has changed when it throws:
    /// `store.corrupt` or `store.schema.newer` for the backup, `vault.key.unavailable` for one that was written under other
    /// keys or whose key was destroyed since, `store.backup.outdated` for one from before an erasure, `store.busy` while a daemon has the store open. Blocks.
    public static func restore(
        _ backup: String, into directory: String, sealer: any Sealer, secrets: any SecretKeeper, at moment: Date
    ) throws(EdgeError) -> String? {
        do {
            try BackupFile.check(backup)
            let marks = try BackupFile.marks(backup)
            try requireKeys(marks, sealer, secrets)
            let target = "\(directory)/\(DatabaseFile.name)"
            let draft = "\(target).restored"
            try copy(backup, to: draft)
            defer { unlink(draft) }
            let kept = try setAside(target, in: directory, knowing: marks.erasures, at: moment)
            guard rename(draft, target) == 0 else { throw BackupFault.failure("put in its place") }
            try BackupFile.syncDirectory(of: target)
            return kept
        } catch { throw storeError(error) }
    }

    private static func requireKeys(
        _ marks: BackupFile.Marks, _ sealer: any Sealer, _ secrets: any SecretKeeper
    ) throws {
        let own = try Data(secrets.digest("edged store", purpose: "store.keys"))
        guard marks.check == own else {
            throw EdgeError(.keyUnavailable, "The backup was written under other keys than this device's.")
        }
        // Backups of versions before the key ring carry no mark; their key is the key file's own.
        guard let ring = marks.ring, ring.count == 4 else { return }
        guard sealer.holdsKey(ring.reduce(0) { $0 << 8 | UInt32($1) }) else {
            throw EdgeError(
                .keyUnavailable, "The key of this backup was destroyed after an erasure; take a backup made since then."
            )
        }
    }

    private static func copy(_ source: String, to target: String) throws {
        unlink(target)
        do { try FileManager.default.copyItem(atPath: source, toPath: target) } catch {
            throw EdgeError(.storeUnavailable, "The backup cannot be copied.")
        }
        let descriptor = Glibc.open(target, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw BackupFault.failure("opened") }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
            throw BackupFault.failure("written to disk")
        }
    }

    /// The log goes with its file: beside another one it would be replayed into it.
    private static func setAside(
        _ file: String, in directory: String, knowing erasures: Int, at moment: Date
    ) throws -> String? {
        guard access(file, F_OK) == 0 else { return nil }
        // Whoever has the store open holds a lock; opening it says so, and empties its log.
        if let queue = try openPresent(directory) {
            defer { try? queue.close() }
            let known = try queue.read { try BackupFile.Marks($0).erasures }
            // Opening it took the note of its last stop away.
            try queue.writeWithoutTransaction { db in
                try DatabaseFile.noteCleanStop(db)
                try DatabaseFile.emptyLog(db)
            }
            guard known <= erasures else { throw EdgeError(.storeBackupOutdated) }
        }
        let kept = "\(file).before-restore-\(Int64(moment.timeIntervalSince1970))"
        for suffix in ["-wal", "-shm"] where access(file + suffix, F_OK) == 0 {
            guard rename(file + suffix, kept + suffix) == 0 else { throw BackupFault.failure("exchanged") }
        }
        // A second name and no move: a power cut before the copy takes the place must not leave a device without a store,
        // which would begin an empty one.
        guard link(file, kept) == 0 else { throw BackupFault.failure("exchanged") }
        return kept
    }

    /// `nil` for a file that cannot be opened any more, which is why somebody restores.
    private static func openPresent(_ directory: String) throws -> DatabaseQueue? {
        do { return try DatabaseFile.open(directory: directory) } catch {
            guard storeError(error).code != .storeBusy else { throw error }
            return nil
        }
    }
}
