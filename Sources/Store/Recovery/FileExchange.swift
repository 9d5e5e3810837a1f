import EdgeCore
import FoundationEssentials
import Glibc

/// Puts a finished file in the place of a damaged one, so that a power cut never leaves a device without a store.
enum FileExchange {
    /// How the damaged files are called that were kept.
    static let keptMark = ".damaged-"
    /// How many of them are kept.
    private static let keptFiles = 3

    /// Keeps the file at `target` aside with its log, and puts the draft in its place; returns the kept one's path, `nil`
    /// where there was no file.
    ///
    /// Once the draft has the name `….ready` the exchange is decided: whoever opens the store next ends it.
    static func exchange(_ draft: String, for target: String, at moment: Date) throws -> String? {
        let isThere = access(target, F_OK) == 0
        let kept = try freeName("\(target)\(keptMark)\(Int64(moment.timeIntervalSince1970))")
        for suffix in ["", "-wal"] where access(target + suffix, F_OK) == 0 {
            guard link(target + suffix, kept + suffix) == 0 else { throw BackupFault.failure("kept aside") }
        }
        // On disk before the file's own name goes to another.
        try BackupFile.syncDirectory(of: target)
        guard access(draft + "-wal", F_OK) != 0 else {
            throw EdgeError(.storeUnavailable, "The mended file was not closed in order.")
        }
        try sync(draft)
        guard rename(draft, ready(target)) == 0 else { throw BackupFault.failure("put in its place") }
        try BackupFile.syncDirectory(of: target)
        try end(target)
        forgetOldest(of: target)
        return isThere ? kept : nil
    }

    /// Ends an exchange that a power cut has interrupted.
    static func endInterrupted(_ target: String, in directory: String) throws {
        guard access(ready(target), F_OK) == 0 else { return }
        try RecoveryLock.held(in: directory) { try end(target) }
    }

    /// The log goes before the new file comes: beside that it would be replayed into it.
    private static func end(_ target: String) throws {
        guard access(ready(target), F_OK) == 0 else { return }
        for suffix in ["-wal", "-shm"] { unlink(target + suffix) }
        guard rename(ready(target), target) == 0 else { throw BackupFault.failure("put in its place") }
        try BackupFile.syncDirectory(of: target)
    }

    /// The damaged files that were kept, the newest first.
    static func kept(of target: String) -> [String] {
        let folder = String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)])
        let start = "\(DatabaseFile.name)\(keptMark)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(start) && !$0.hasSuffix("-wal") }.sorted().reversed().map {
            "\(folder)/\($0)"
        }
    }

    /// Whether a finished file waits to take the store's place.
    static func isDecided(for target: String) -> Bool { access(ready(target), F_OK) == 0 }

    private static func ready(_ target: String) -> String { "\(target).ready" }

    private static func freeName(_ name: String) throws -> String {
        for number in 1..<100 {
            let name = number == 1 ? name : "\(name).\(number)"
            if access(name, F_OK) != 0 { return name }
        }
        throw EdgeError(.storeUnavailable, "The damaged file cannot be kept aside.")
    }

    private static func sync(_ file: String) throws {
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupFault.failure("opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw BackupFault.failure("made durable") }
    }

    private static func forgetOldest(of target: String) {
        for old in kept(of: target).dropFirst(keptFiles) {
            unlink(old)
            unlink(old + "-wal")
        }
    }
}
