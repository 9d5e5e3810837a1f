import EdgeCore
import FoundationEssentials
import GRDB
import Glibc

/// The way back from a newer schema: a copy of a file of an earlier version, made before it is brought forward.
enum MigrationBackup {
    /// Keeps the copy among the device's own backups; does nothing for a new file and for one of this version.
    ///
    /// A damaged file is left to whoever opens it next. Blocks. Throws `store.busy`, `store.disk.full`.
    static func keep(of directory: String, at moment: Date) throws {
        let path = "\(directory)/\(DatabaseFile.name)"
        guard let version = try version(of: path), (1..<Schema.migrations.count).contains(version) else { return }
        let folder = "\(directory)/backups"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw BackupFault.failure("made") }
        let target = "\(folder)/edged-\(EdgeStore.name(of: moment)).sqlite"
        let draft = "\(target).new"
        BackupFile.removeDraft(draft)
        do {
            try DatabaseFile.prepare(file: draft)
            try copy(path, to: draft)
            _ = try EdgeStore.publish(draft, as: target)
        } catch {
            BackupFile.removeDraft(draft)
            guard storeError(error).code == .storeCorrupt else { throw error }
        }
    }

    private static func copy(_ path: String, to draft: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .immediateError
        let source = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? source.close() }
        let target = try DatabaseQueue(path: draft)
        defer { try? target.close() }
        try source.backup(to: target)
        try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    }

    /// By the file's header, which every migration writes; `nil` where there is none.
    ///
    /// A disk that fails must not be what a file is brought forward without a copy for.
    private static func version(of path: String) throws -> Int? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 || errno != EIO else { throw BackupFault.failure("made") }
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = pread(descriptor, &header, 100, 0)
        guard count >= 0 || errno != EIO else { throw BackupFault.failure("made") }
        guard count == 100 else { return nil }
        return header[60..<64].reduce(0) { $0 << 8 | Int($1) }
    }
}
