public import EdgeCore
public import FoundationEssentials
import GRDB
import Glibc
import Logging

/// A copy of the store that can be restored.
public struct StoreBackup: Sendable, Equatable {
    /// Where it lies.
    public let path: String
    /// Its size in bytes.
    public let bytes: Int
    /// When it was made.
    public let madeAt: Date
}

extension EdgeStore {
    /// How a backup that is not finished is called.
    static let draftMark = ".edged-draft"
    /// How many backups the device keeps of itself.
    static let generations = 2

    /// Copies the store while the device works, checks the copy, and puts it at `path` whole or not at all.
    ///
    /// The copy is sealed as the store is: without the keys nothing in it can be read, and once the key-encryption key
    /// is exchanged nobody can open it any more. Throws `store.disk.full`, `store.unavailable`, `store.corrupt` when the
    /// copy is not sound or the store's rows were edited, and `request.invalid` for the name of the store itself or of a file that
    /// is no copy of this device's store.
    public func backUp(to path: String) async throws(EdgeError) -> StoreBackup {
        try await blocking { [self] in try requireFree(path) }
        // A name that nobody's own file has: what is left of an earlier draft is removed.
        let draft = path + Self.draftMark
        let moment = clock.wall
        do throws(EdgeError) {
            try await copy(to: draft)
            let bytes = try await blocking { [secrets] in
                // A copy of rows that were edited would be refused when it is needed, and had pushed out a good one.
                try BackupFile.requireUnchanged(draft, secrets)
                return try Self.publish(draft, as: path)
            }
            log.notice("backup made", metadata: ["bytes": "\(bytes)"])
            return StoreBackup(path: path, bytes: bytes, madeAt: moment)
        } catch {
            BackupFile.removeDraft(draft)
            throw error
        }
    }

    /// The store's own name is compared before anything is opened: closing its file once more would drop SQLite's locks on it.
    private func requireFree(_ path: String) throws(EdgeError) {
        guard let present = FileIdentity(path) else { return }
        guard present != place.identity, StoreCopies.isStore(path) else {
            throw EdgeError(.requestInvalid, "There is another file of this name already.", field: "path")
        }
        // Another device's store looks the same until it is opened; so does a damaged one, which may be all that somebody has.
        guard try isOwnCopy(path) else {
            throw EdgeError(
                .requestInvalid, "There is a store or a backup of this name already that this device did not write.",
                field: "path")
        }
    }

    private func isOwnCopy(_ path: String) throws(EdgeError) -> Bool {
        let own = try Data(secrets.digest("edged store", purpose: "store.keys"))
        do { return try BackupFile.check(path).check == own } catch {
            let failure = storeError(error)
            // A disk that fails says nothing of whose it is.
            guard [.storeCorrupt, .storeSchemaNewer].contains(failure.code) else { throw failure }
            return false
        }
    }

    /// Makes the day's backup in the store's own directory and drops the oldest; the last one stays until the new one is
    /// on disk and sound.
    public func backUpGenerations() async throws(EdgeError) -> StoreBackup {
        let folder = "\(directory)/backups"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw BackupFault.failure("given a directory")
        }
        let known = try await erasures()
        let dropped = EdgeError(.storeBusy, "Somebody was erased while the backup was made; it was dropped.")
        let path = "\(folder)/edged-\(Self.name(of: clock.wall)).sqlite"
        let isNew = FileIdentity(path) == nil
        let made: StoreBackup
        do throws(EdgeError) {
            made = try await backUp(to: path)
        } catch {
            // One that has its name and is not known to be on disk is on no list, and would pass for the day's.
            if isNew { unlink(path) }
            // An erasure takes what is not finished yet away too.
            guard try await erasures() == known else { throw dropped }
            throw error
        }
        do throws(EdgeError) {
            // One that came while the copy was made has removed the backups that were there, and not this one.
            guard try await list(made, knowing: known) else { throw dropped }
        } catch {
            unlink(made.path)
            guard try await erasures() == known else { throw dropped }
            throw error
        }
        // After the clock was set back the new one sorts last, and would be the one to go.
        let others = backups().filter { $0.path != made.path }
        for old in others.dropFirst(Self.generations - 1) { unlink(old.path) }
        return made
    }

    /// Lists a backup as one of the device's own; false where somebody was erased meanwhile.
    ///
    /// On the connection's queue, where erasures are: one that comes later takes the list away again.
    private func list(_ backup: StoreBackup, knowing erasures: Int) async throws(EdgeError) -> Bool {
        let ledger = try BackupLedger(in: directory, secrets)
        let entry = try await blocking { try ledger.entry(for: backup.path) }
        return try await read { db in
            guard try BackupFile.Marks(db).erasures == erasures else { return false }
            try ledger.add(entry)
            return true
        }
    }

    /// The backups that the device keeps of itself, the newest first.
    public func backups() -> [StoreBackup] { Self.backups(in: directory) }

    static func backups(in directory: String) -> [StoreBackup] {
        let folder = "\(directory)/backups"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("edged-") && $0.hasSuffix(".sqlite") }.sorted().reversed().compactMap {
            name in
            var facts = stat()
            guard lstat("\(folder)/\(name)", &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
            return StoreBackup(
                path: "\(folder)/\(name)", bytes: Int(facts.st_size),
                madeAt: Date(timeIntervalSince1970: Double(facts.st_mtim.tv_sec)))
        }
    }

    /// Drops all own backups, and whatever other copy lies in the store's directory: they hold what was just erased.
    ///
    /// The next one is made at the next housekeeping.
    func forgetBackups() {
        do {
            try StoreCopies.remove(in: directory)
            health.clear("store.copies")
        } catch { reportCopies(error) }
    }

    /// The same for those that a power cut kept from being dropped, at the start.
    func forgetOutdatedBackups() async throws(EdgeError) {
        guard let moment = try await erasureWaitsSince() else { return }
        let known = try await erasures()
        do throws(EdgeError) {
            try await blocking { [directory, secrets] in
                try StoreCopies.removeOutdated(in: directory, erasures: known, before: moment)
                try BackupLedger(in: directory, secrets).keepOnly(Self.backups(in: directory).map(\.path))
            }
        } catch { reportCopies(error) }
    }

    private func reportCopies(_ error: any Error) {
        let failure = storeError(error)
        log.error("copies of the store not removed", metadata: ["code": "\(failure.code.rawValue)"])
        health.raise(
            "store.copies", title: "A copy of the store that holds somebody erased could not be removed.",
            severity: .error,
            remedy: "Remove backups and set-aside files from the store's directory, or run edged keys rotate.")
    }

    private func erasures() async throws(EdgeError) -> Int { try await read { try BackupFile.Marks($0).erasures } }

    /// A backup a day, and one as soon as there is none, or none that is listed: it would not be taken when the store is gone.
    func backUpWhenDue() async throws(EdgeError) {
        let ledger = try BackupLedger(in: directory, secrets)
        let isListed = try await blocking { try !ledger.isEmpty() }
        if isListed, let last = backups().first, abs(clock.wall.timeIntervalSince(last.madeAt)) < 86_400 { return }
        do throws(EdgeError) { _ = try await backUpGenerations() } catch {
            guard error.code == .storeBusy else { throw error }
            log.notice("no backup yet: somebody was erased while it was made")
        }
    }

    /// Copies all pages, and makes the copy one that stands without a log.
    ///
    /// In one go: the transactions that come meanwhile wait, some milliseconds for ten thousand people.
    private func copy(to draft: String) async throws(EdgeError) {
        let target = try await blocking { () throws -> DatabaseQueue in
            BackupFile.removeDraft(draft)
            try DatabaseFile.prepare(file: draft)
            return try DatabaseQueue(path: draft)
        }
        defer { try? target.close() }
        try await withoutTransaction { db in
            do {
                try target.writeWithoutTransaction { copy in
                    try db.backup(to: copy)
                    try copy.execute(sql: "PRAGMA journal_mode = DELETE")
                }
            } catch {
                // Mostly the target's disk, which says nothing about the store's own.
                throw storeError(error)
            }
        }
    }

    static func publish(_ draft: String, as path: String) throws -> Int {
        try BackupFile.check(draft)
        let descriptor = Glibc.open(draft, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupFault.failure("opened") }
        defer { Glibc.close(descriptor) }
        var facts = stat()
        guard fsync(descriptor) == 0, fstat(descriptor, &facts) == 0, rename(draft, path) == 0 else {
            throw BackupFault.failure("put in its place")
        }
        try BackupFile.syncDirectory(of: path)
        return Int(facts.st_size)
    }

    /// Sorts as time does.
    static func name(of moment: Date) -> String {
        String(Int64(max(moment.timeIntervalSince1970, 0)) + 10_000_000_000).dropFirst().description
    }
}

/// What went wrong with a backup's file, in the system's words.
enum BackupFault {
    static func failure(_ deed: StaticString) -> EdgeError {
        let full = errno == ENOSPC || errno == EDQUOT
        let text = String(cString: strerror(errno))
        return EdgeError(full ? .storeFull : .storeUnavailable, "The backup cannot be \(deed): \(text).")
    }
}
