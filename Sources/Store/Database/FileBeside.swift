import EdgeCore
import Glibc

/// Opens a file beside the database, and waits for nothing and follows nothing that somebody has put in its place.
enum FileBeside {
    /// What opening has come to.
    enum Opening {
        case file(CInt)
        case missing
        /// Something else has the name, for example `a pipe`.
        case other(String)
        /// The system's number for it.
        case failed(CInt)
    }

    /// Blocks for the disk only.
    static func open(_ path: String, _ flags: CInt) -> Opening {
        let descriptor = Glibc.open(path, flags | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return refusal(errno) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            let code = errno
            close(descriptor)
            return .failed(code)
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return .other(kind(facts.st_mode))
        }
        return .file(descriptor)
    }

    /// Writes all of it, also where the system takes it in parts; false where it does not, and `errno` says why.
    static func write(_ bytes: [UInt8], at offset: Int, _ descriptor: CInt) -> Bool {
        var done = 0
        while done < bytes.count {
            let rest = Array(bytes[done...])
            let count = pwrite(descriptor, rest, rest.count, off_t(offset + done))
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    private static func refusal(_ code: CInt) -> Opening {
        switch code {
        case ENOENT: .missing
        case ELOOP: .other("a link")
        case EISDIR: .other("a directory")
        case ENXIO: .other("a socket, a pipe or a device")
        case EACCES, ENOTDIR: .other("a file that edged may not open")
        default: .failed(code)
        }
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a pipe"
        case S_IFCHR, S_IFBLK: "a device"
        default: "no plain file"
        }
    }
}
