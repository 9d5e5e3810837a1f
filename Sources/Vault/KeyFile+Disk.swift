import EdgeCore
import Glibc

extension KeyFile {
    /// The bytes of the file at `path`; `nil` when there is none.
    ///
    /// The caller wipes the result.
    /// Refuses a file that somebody else owns or may read, because its key may be known by now.
    static func read(_ path: String) throws(EdgeError) -> [UInt8]? {
        let descriptor = retrying { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("opened")
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw failure("examined") }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw EdgeError(.keyUnavailable, "The key file is not a plain file.")
        }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
            throw EdgeError(.keyPermissions, "The key file belongs to user \(facts.st_uid).")
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw EdgeError(.keyPermissions, "The key file has mode 0\(String(facts.st_mode & 0o777, radix: 8)).")
        }
        return try bytes(of: descriptor)
    }

    /// Puts a new file there whole or not at all, on disk when this returns; never replaces one.
    ///
    /// Returns false when another start was faster. The file gets its name only after its bytes are on disk, so a power
    /// cut leaves a draft that nothing was sealed with, and never half a key.
    static func create(_ path: String, _ content: [UInt8]) throws(EdgeError) -> Bool {
        let draft = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 16)).new"
        let descriptor = retrying { Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard descriptor >= 0 else { throw failure("created") }
        defer {
            close(descriptor)
            unlink(draft)
        }
        // Independent of the umask, which can only take rights away.
        guard fchmod(descriptor, 0o600) == 0 else { throw failure("protected") }
        try write(content, to: descriptor)
        guard fsync(descriptor) == 0 else { throw failure("written to disk") }
        guard link(draft, path) == 0 else {
            if errno == EEXIST { return false }
            throw failure("named")
        }
        try syncDirectory(of: path)
        return true
    }

    private static func bytes(of descriptor: CInt) throws(EdgeError) -> [UInt8] {
        // One byte more than wanted, to see that the file is too long.
        var content: [UInt8] = []
        content.reserveCapacity(length + 1)
        var part = [UInt8](repeating: 0, count: length + 1)
        defer { wipe(&part) }
        while content.count <= length {
            let count = retrying { Glibc.read(descriptor, &part, length + 1 - content.count) }
            guard count >= 0 else {
                wipe(&content)
                throw failure("read")
            }
            if count == 0 { break }
            content += part[..<count]
        }
        return content
    }

    private static func write(_ content: [UInt8], to descriptor: CInt) throws(EdgeError) {
        var rest = content
        defer { wipe(&rest) }
        while !rest.isEmpty {
            let count = retrying { Glibc.write(descriptor, rest, rest.count) }
            guard count > 0 else { throw failure("written") }
            rest.removeFirst(count)
        }
    }

    /// A new name is durable only after its directory is.
    private static func syncDirectory(of path: String) throws(EdgeError) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = retrying { Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw failure("made durable") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("made durable") }
    }

    private static func retrying<Value: SignedInteger>(_ call: () -> Value) -> Value {
        while true {
            let value = call()
            guard value == -1, errno == EINTR else { return value }
        }
    }

    private static func failure(_ deed: StaticString) -> EdgeError {
        let text = String(cString: strerror(errno))
        return EdgeError(.keyUnavailable, "The key file cannot be \(deed): \(text).")
    }
}
