import EdgeCore
import FoundationEssentials
import Glibc

/// Copies of the store's file beside it, whatever they are called: set aside by a restore or because they were damaged,
/// drafts that a power cut left, and backups that somebody put there.
///
/// Each holds the keys of people who were erased since, until the key-encryption key is exchanged.
enum StoreCopies {
    /// Removes them all, with their logs, for good when this returns; the store's own file stays.
    ///
    /// The list of the device's own backups goes first: one that cannot be removed is none any more.
    static func remove(in directory: String) throws {
        let ledger = BackupLedger.path(in: directory)
        let (copies, unread) = look(in: directory)
        try remove((access(ledger, F_OK) == 0 ? [ledger] : []) + copies)
        guard unread.isEmpty else {
            throw EdgeError(.storeUnavailable, "A file beside the store cannot be read; it may be a copy of it.")
        }
    }

    /// Removes those that do not know of all `erasures`, or cannot tell and are older than `moment`.
    ///
    /// For the start, when an erasure waits for the exchange of the keys: a power cut may have come before they were gone.
    static func removeOutdated(in directory: String, erasures: Int, before moment: Date) throws {
        try remove(
            find(in: directory).filter { path in
                // SQLite would wait for whoever writes into a pipe.
                if isStore(path), let marks = try? BackupFile.check(path) { return marks.erasures < erasures }
                var facts = stat()
                return lstat(path, &facts) == 0 && Double(facts.st_mtim.tv_sec) < moment.timeIntervalSince1970
            })
    }

    /// Removes what a power cut left unfinished: drafts of backups, restores and mended files.
    ///
    /// For whoever has just opened the store, and so is the only one to make any of them; a restore holds the lock.
    static func removeDrafts(in directory: String) {
        let own = "\(directory)/\(DatabaseFile.name)"
        let folder = "\(directory)/backups"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let backups = names.filter { name in
            let isDraft = [".sqlite.new", EdgeStore.draftMark].contains { name.contains($0) }
            return name == "\(BackupLedger.name).new" || (name.hasPrefix("edged-") && isDraft)
        }
        // Where the lock is held somebody restores just now, and the drafts are theirs.
        try? RecoveryLock.held(in: directory) {
            for draft in backups { unlink("\(folder)/\(draft)") }
            for name in ["restored", "mended", "examined"] { BackupFile.removeDraft("\(own).\(name)") }
        }
    }

    /// One that cannot be removed keeps none of the others.
    private static func remove(_ paths: [String]) throws {
        var failure: EdgeError?
        for path in paths {
            // What fails once is tried again: a copy that an exchange of the keys leaves is of no use to anybody.
            for suffix in [""] + BackupFile.companions where !isGone(path + suffix) && !isGone(path + suffix) {
                failure = EdgeError(
                    .storeUnavailable, "A copy of the store cannot be removed: \(String(cString: strerror(errno))).")
            }
        }
        let parents = Set(paths.map { URL(filePath: $0).deletingLastPathComponent().path })
        for parent in parents { try BackupFile.syncDirectory(of: parent + "/") }
        if let failure { throw failure }
    }

    /// Takes the file away.
    private static func isGone(_ path: String) -> Bool { unlink(path) == 0 || errno == ENOENT }

    /// Their paths.
    static func find(in directory: String) -> [String] { look(in: directory).copies }

    /// Their paths, and those of files of which the disk does not tell whether they are any.
    private static func look(in directory: String) -> (copies: [String], unread: [String]) {
        let own = "\(directory)/\(DatabaseFile.name)"
        // What cannot be listed cannot be removed either; the next exchange of the keys makes it worthless.
        let below = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
        // The backups may lie on another disk, behind a link that a search does not follow.
        let backups = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/backups")) ?? []
        var found: (copies: [String], unread: [String]) = ([], [])
        for path in Set(below + backups.map { "backups/\($0)" }).map({ "\(directory)/\($0)" }) where path != own {
            // One read that fails says nothing.
            switch isSetAside(path, own) ? true : hasHead(path) ?? hasHead(path) {
            case true?: found.copies.append(path)
            case nil: found.unread.append(path)
            case false?: break
            }
        }
        return found
    }

    /// A file that is too damaged to be known by its head is known by its name.
    private static func isSetAside(_ path: String, _ own: String) -> Bool {
        let isLog = BackupFile.companions.contains { path.hasSuffix($0) }
        return !isLog && path.hasPrefix("\(own).")
    }

    /// An SQLite file begins with its name and has the program's number at byte 68.
    static func isStore(_ path: String) -> Bool { hasHead(path) ?? false }

    /// `nil` where the disk fails.
    private static func hasHead(_ path: String) -> Bool? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == EIO ? nil : false }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: 72)
        let count = pread(descriptor, &head, head.count, 0)
        guard count >= 0 else { return errno == EIO ? nil : false }
        guard count == head.count, head.starts(with: "SQLite format 3\0".utf8) else { return false }
        return head[68...].reduce(0) { $0 << 8 | Int($1) } == Schema.applicationID
    }
}
