import EdgeCore
import Glibc

/// Keeps two processes from mending the same store.
enum RecoveryLock {
    /// SQLite's lock bytes: whoever has the file open holds some of them.
    private static let lockBytes: (first: off_t, count: off_t) = (0x4000_0000, 512)
    /// `F_OFD_GETLK`, which asks for every other open file's locks, those of this process too.
    private static let asksForLock: Int32 = 36

    /// A second: others hold it for a moment only, as they open the store, or as a process that they have just begun still has all
    /// that is open.
    private static let patience = 20

    /// Does `body` while no other process can; throws `store.busy` when one does so already, and goes on doing so.
    static func held<Outcome>(in directory: String, _ body: () throws -> Outcome) throws -> Outcome {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupFault.failure("mended") }
        defer { close(descriptor) }
        var tries = patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            tries -= 1
            guard tries > 0, errno == EWOULDBLOCK || errno == EINTR else { throw EdgeError(.storeBusy) }
            usleep(50_000)
        }
        return try body()
    }

    /// A damaged file may be another process's open store: SQLite sees the damage before it comes to the locks.
    static func requireNobody(has file: String) throws {
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupFault.failure("mended") }
        defer { close(descriptor) }
        var lock = Glibc.flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = lockBytes.first
        lock.l_len = lockBytes.count
        guard fcntl(descriptor, asksForLock, &lock) == 0 else { throw BackupFault.failure("mended") }
        guard lock.l_type == Int16(F_UNLCK) else { throw EdgeError(.storeBusy) }
    }
}
