import EdgeCore
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A Unix socket's file: bound in a directory that nobody else may enter, then moved to its place.
///
/// So the file is never open to others, not even for the moment between bind and chmod, and a stale one is replaced in one step.
struct SocketFile: Sendable {
    let path: String
    private let directory: String
    private let mode: mode_t

    /// Where to bind.
    var bindPath: String { "\(directory)/s" }

    /// Prepares the directory beside `path`.
    ///
    /// Throws `http.listen.failed`, and `store.disk.full` where there is no room for it.
    init(path: String, mode: mode_t) throws(EdgeError) {
        self.path = path
        self.mode = mode
        directory = "\(path).\(getpid())"
        var facts = stat()
        if lstat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFSOCK {
            throw EdgeError(.listenFailed, "\(path) is there and is not a socket.")
        }
        removeDirectory()
        guard mkdir(directory, 0o700) == 0 else {
            throw Self.failure(directory)
        }
        // The kernel's limit of 107 bytes holds for the path that is bound.
        guard bindPath.utf8.count <= 107 else {
            removeDirectory()
            throw EdgeError(.listenFailed, "The path of the socket is too long: \(path).")
        }
    }

    /// Moves the bound socket to its place.
    func publish() throws(EdgeError) {
        guard chmod(bindPath, mode) == 0, rename(bindPath, path) == 0 else {
            throw Self.failure(path)
        }
        removeDirectory()
    }

    /// Takes the socket away.
    func remove() {
        unlink(path)
        removeDirectory()
    }

    /// On a full disk another address would help nobody.
    private static func failure(_ path: String) -> EdgeError {
        let code: ErrorCode = errno == ENOSPC || errno == EDQUOT ? .storeFull : .listenFailed
        return EdgeError(code, "\(path) cannot be made: \(String(cString: strerror(errno))).")
    }

    private func removeDirectory() {
        unlink(bindPath)
        rmdir(directory)
    }
}
