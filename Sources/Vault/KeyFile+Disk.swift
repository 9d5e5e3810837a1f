import EdgeCore
import Glibc

extension KeyFile {
    /// The bytes of the file at `path`; `nil` when there is none.
    ///
    /// The caller wipes the result.
    /// Refuses a file that somebody else owns or may read, because its key may be known by now.
    static func read(
        _ path: String, isPrivate: Bool = true, limit: Int = length
    ) throws(EdgeError) -> [UInt8]? {
        let descriptor = retrying { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(DiskFault("opened"))
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw failure(DiskFault("examined")) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw EdgeError(.keyUnavailable, "The key file is not a plain file.")
        }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
            throw EdgeError(.keyPermissions, "The key file belongs to user \(facts.st_uid).")
        }
        guard !isPrivate || facts.st_mode & 0o077 == 0 else {
            throw EdgeError(.keyPermissions, "The key file has mode 0\(String(facts.st_mode & 0o777, radix: 8)).")
        }
        return try bytes(of: descriptor, limit: limit)
    }

    /// Puts a new file there whole or not at all, on disk when this returns; never replaces one.
    ///
    /// Returns false when another start was faster. The file gets its name only after its bytes are on disk, so a power
    /// cut leaves a draft that nothing was sealed with, and never half a key.
    static func create(_ path: String, _ content: [UInt8]) throws(EdgeError) -> Bool {
        do throws(DiskFault) {
            let draft = try DraftFile(for: path)
            try draft.fill(content, mode: 0o600)
            return try draft.publish()
        } catch {
            throw failure(error)
        }
    }

    /// Puts the content in the place of whatever is there, whole or not at all, on disk when this returns.
    static func replace(_ path: String, _ content: [UInt8]) throws(EdgeError) {
        do throws(DiskFault) {
            let draft = try DraftFile(for: path)
            try draft.fill(content, mode: 0o600)
            try draft.replace()
        } catch {
            throw failure(error)
        }
    }

    /// Overwrites a file where it lies, on disk before it is removed; what flash keeps of it is not in our hands.
    static func overwrite(_ path: String) throws(EdgeError) {
        do throws(DiskFault) {
            let descriptor = retrying { Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
            guard descriptor >= 0 else { throw DiskFault("opened") }
            defer { close(descriptor) }
            let zeros = [UInt8](repeating: 0, count: length)
            guard retrying({ Glibc.write(descriptor, zeros, zeros.count) }) == zeros.count, fsync(descriptor) == 0
            else {
                throw DiskFault("overwritten")
            }
            guard unlink(path) == 0 else { throw DiskFault("removed") }
            try DraftFile.syncDirectory(of: path)
        } catch {
            throw failure(error)
        }
    }

    private static func bytes(of descriptor: CInt, limit: Int) throws(EdgeError) -> [UInt8] {
        // One byte more than wanted, to see that the file is too long.
        var content: [UInt8] = []
        content.reserveCapacity(limit + 1)
        var part = [UInt8](repeating: 0, count: limit + 1)
        defer { wipe(&part) }
        while content.count <= limit {
            let count = retrying { Glibc.read(descriptor, &part, limit + 1 - content.count) }
            guard count >= 0 else {
                let fault = DiskFault("read")
                wipe(&content)
                throw failure(fault)
            }
            if count == 0 { break }
            content += part[..<count]
        }
        return content
    }

    private static func failure(_ fault: DiskFault) -> EdgeError {
        EdgeError(.keyUnavailable, "The key file cannot be \(fault.deed): \(fault.reason).")
    }
}
