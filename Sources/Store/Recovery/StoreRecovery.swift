import EdgeCore
import FoundationEssentials
import GRDB
import Glibc
import Logging

/// Mends a damaged store at its opening: salvage, else the newest own backup, else an empty file.
///
/// A file that is not there, or empty, while other things tell of it was lost, and is damage too.
/// SQLite's replay of the log comes before all of this. Other keys, a later schema, a file that somebody has open, a full
/// disk and a disk that fails are no damage: then nothing is changed, and opening throws.
struct StoreRecovery: Sendable {
    let directory: String
    let sealer: any Sealer
    let secrets: any SecretKeeper
    let signer: any Signer
    let moment: Date
    let log: Logger
    /// Whether somebody else knows that there was a store.
    var isExpected = false

    private var target: String { "\(directory)/\(DatabaseFile.name)" }
    /// Where a backup is looked at, beside what was salvaged.
    private var copied: String { "\(target).restored" }

    /// The store's file, mended if need be.
    ///
    /// Blocks.
    func open(_ sums: TableSums) throws -> DatabaseQueue {
        if let sound = try openSound(sums) { return sound }
        return try RecoveryLock.held(in: directory) {
            // Another process may have mended it while this one came here.
            if let sound = try openSound(sums) { return sound }
            if access(target, F_OK) == 0 { try RecoveryLock.requireNobody(has: target) }
            do { try mend(sums.anchor) } catch {
                // The reserve is there for what must not fail.
                guard storeError(error).code == .storeFull, unlink("\(directory)/\(DiskRoom.fileName)") == 0 else {
                    throw error
                }
                try mend(sums.anchor)
            }
            return try DatabaseFile.open(directory: directory, sums: sums)
        }
    }

    /// The store's file, which is made when it is not there.
    ///
    /// Blocks. Throws `store.corrupt` when it is damaged.
    func openAsItIs(_ sums: TableSums) throws -> DatabaseQueue {
        try DatabaseFile.requireBegun(in: directory, isExpected: isExpected)
        try FileHeader.requireWhole(target)
        return try DatabaseFile.open(directory: directory, sums: sums)
    }

    /// `nil` when the file is damaged or lost.
    private func openSound(_ sums: TableSums) throws -> DatabaseQueue? {
        guard DatabaseFile.isThere(in: directory) || !(isExpected || DatabaseFile.wasThere(in: directory)) else {
            return nil
        }
        do { return try openAsItIs(sums) } catch {
            guard storeError(error).code == .storeCorrupt else { throw error }
            return nil
        }
    }

    private func mend(_ anchor: Anchor?) throws {
        log.critical("store damaged, being mended", metadata: ["code": "\(ErrorCode.storeCorrupt.rawValue)"])
        let draft = "\(target).mended"
        let examined = "\(target).examined"
        removeDrafts(draft, examined, copied)
        defer { removeDrafts(draft, examined, copied) }
        let salvaged = try salvage(examined, into: draft)
        // What the damaged file does not tell, the anchor may.
        let anchored = (try? anchor?.read())?.record?.erasures
        let backups = try RecoveryBackup.usable(
            in: directory, erasures: max(salvaged?.erasures ?? 0, Int(anchored ?? 0)), sealer: sealer, secrets: secrets,
            log: log)
        let report = try fill(draft, salvaged, backups, knowsErasures: salvaged != nil || anchored != nil)
        let kept = try FileExchange.exchange(draft, for: target, at: moment)
        log.critical(
            "store mended",
            metadata: [
                "rung": "\(report.rung.rawValue)", "kept": "\(report.kept)", "lost": "\(report.lost)",
                "damaged": "\(kept ?? "none, the file was gone")",
            ])
    }

    /// `nil` when nothing can be read.
    private func salvage(_ examined: String, into draft: String) throws -> Salvage.Outcome? {
        guard access(target, F_OK) == 0, !DatabaseFile.isEmpty(target) else { return nil }
        do {
            let damaged = try DamagedFile.open(copyOf: target, at: examined)
            defer { try? damaged.close() }
            return try Salvage(sealer: sealer, secrets: secrets, signer: signer).run(damaged, into: draft)
        } catch is Salvage.ForeignFile {
            throw FileHeader.foreign
        } catch {
            guard storeError(error).code == .storeCorrupt || isUnreadable(error) else { throw error }
            log.error("nothing salvaged", metadata: ["facts": "\(storeError(error).detail)"])
            return nil
        }
    }

    /// Decides for a rung, and leaves the file that takes the store's place at `draft`.
    private func fill(
        _ draft: String, _ salvaged: Salvage.Outcome?, _ backups: [RecoveryBackup], knowsErasures: Bool
    ) throws -> RecoveryReport {
        // Half of the people is better than nobody; whole people of yesterday are better than half.
        if let salvaged,
            salvaged.isGood(besides: backups.first) || (backups.isEmpty && salvaged.count("clients") > 0)
        {
            return try finish(salvaged, draft)
        }
        for backup in backups {
            do {
                let report = try takeCopy(of: backup, copied, knowsErasures)
                removeDrafts(draft)
                guard rename(copied, draft) == 0 else { throw BackupFault.failure("put in its place") }
                return report
            } catch {
                // One that cannot be used stands in nobody's way: an older one, or what was salvaged, is better than no door.
                guard storeError(error).code == .storeCorrupt else { throw error }
                log.error("backup passed over", metadata: ["file": "\(backup.backup.path)"])
            }
        }
        if let salvaged, salvaged.count("clients") > 0 { return try finish(salvaged, draft) }
        removeDrafts(draft)
        let sums = try TableSums(secrets, inPlaceOfStoreIn: directory)
        let new = try DatabaseFile.connect(draft, sums)
        defer { try? new.close() }
        try Schema.migrate(new, sums)
        let report = RecoveryReport(rung: .empty, lost: salvaged?.lost ?? [:])
        try new.writeWithoutTransaction { db in
            try sums.sealed(db) { try report.leave(in: $0, knowsErasures: false) }
            try DatabaseFile.emptyLog(db)
        }
        return report
    }

    /// From here on the rows that were salvaged are the right ones.
    private func finish(_ salvaged: Salvage.Outcome, _ draft: String) throws -> RecoveryReport {
        let report = RecoveryReport(
            rung: .salvage, kept: salvaged.kept, lost: salvaged.lost, edited: salvaged.edited,
            refiled: salvaged.refiled > 0 ? salvaged.refiled : nil)
        let sums = try TableSums(secrets, inPlaceOfStoreIn: directory)
        let queue = try DatabaseFile.connect(draft, sums)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                try report.leave(in: db, knowsErasures: salvaged.hasAllNotes)
                try sums.adopt(db, after: salvaged.counter)
                return .commit
            }
            try DatabaseFile.emptyLog(db)
        }
        return report
    }

    private func takeCopy(
        of backup: RecoveryBackup, _ draft: String, _ knowsErasures: Bool
    ) throws -> RecoveryReport {
        let report = RecoveryReport(
            rung: .backup, kept: backup.rows, backupMadeAt: Int64(backup.backup.madeAt.timeIntervalSince1970))
        try StoreRestore.copy(backup.backup.path, to: draft)
        // It knows of as many erasures as there were: who is in it was not erased.
        try StoreRestore.amend(draft, in: directory, secrets) { try report.leave(in: $0, knowsErasures: knowsErasures) }
        return report
    }

    private func removeDrafts(_ drafts: String...) {
        for draft in drafts { BackupFile.removeDraft(draft) }
    }
}
