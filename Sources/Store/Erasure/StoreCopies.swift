import FoundationEssentials
import Glibc

/// Copies of the store's file beside it, whatever they are called: set aside by a restore or because they were damaged,
/// drafts that a power cut left, and backups that somebody put there.
///
/// Each holds the keys of people who were erased since, until the key-encryption key is exchanged.
enum StoreCopies {
    /// Removes them all, with their logs; the store's own file stays.
    static func remove(in directory: String) {
        for path in find(in: directory) {
            for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
        }
    }

    /// Their paths.
    static func find(in directory: String) -> [String] {
        let own = "\(directory)/\(DatabaseFile.name)"
        // What cannot be listed cannot be removed either; the next exchange of the keys makes it worthless.
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
        return names.map { "\(directory)/\($0)" }.filter { path in
            path != own && (isSetAside(path, own) || isStore(path))
        }
    }

    /// A file that is too damaged to be known by its head is known by its name.
    private static func isSetAside(_ path: String, _ own: String) -> Bool {
        let isLog = ["-wal", "-shm", "-journal"].contains { path.hasSuffix($0) }
        return !isLog && path.hasPrefix("\(own).")
    }

    /// An SQLite file begins with its name and has the program's number at byte 68.
    private static func isStore(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: 72)
        guard pread(descriptor, &head, head.count, 0) == head.count, head.starts(with: "SQLite format 3\0".utf8) else {
            return false
        }
        return head[68...].reduce(0) { $0 << 8 | Int($1) } == Schema.applicationID
    }
}
