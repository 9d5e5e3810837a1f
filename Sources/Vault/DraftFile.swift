import Glibc

/// What the disk refused, and why.
struct DiskFault: Error {
    /// What was to be done with the file, as in "cannot be written".
    let deed: StaticString
    /// The system's own words.
    let reason: String

    /// Takes the reason from `errno`.
    init(_ deed: StaticString) {
        self.deed = deed
        reason = String(cString: strerror(errno))
    }
}

/// A file that gets its name only after its bytes are on disk, so that nobody ever finds half of it there.
///
/// A draft that is not published goes away with its owner.
struct DraftFile: ~Copyable {
    private let target: String
    private let draft: String
    private let descriptor: CInt

    /// Opens an empty draft beside `target`, for this user alone.
    init(for target: String) throws(DiskFault) {
        let draft = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 16)).new"
        descriptor = retrying { Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        self.target = target
        self.draft = draft
        guard descriptor >= 0 else { throw DiskFault("created") }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unlink(draft)
        }
    }

    /// Writes the whole content, to the disk when this returns.
    borrowing func fill(_ content: [UInt8], mode: mode_t) throws(DiskFault) {
        // Independent of the umask, which can only take rights away.
        guard fchmod(descriptor, mode) == 0 else { throw DiskFault("protected") }
        var rest = content
        defer { wipe(&rest) }
        while !rest.isEmpty {
            let count = retrying { Glibc.write(descriptor, rest, rest.count) }
            guard count > 0 else { throw DiskFault("written") }
            rest.removeFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw DiskFault("written to disk") }
    }

    /// Gives the draft its name; false, and nothing done, when there is a file of this name already.
    borrowing func publish() throws(DiskFault) -> Bool {
        guard link(draft, target) == 0 else {
            if errno == EEXIST { return false }
            throw DiskFault("named")
        }
        try Self.syncDirectory(of: target)
        return true
    }

    /// Gives the draft its name in the place of whatever has it, and overwrites that: it may be a key that is to be gone.
    ///
    /// Flash and file systems that write elsewhere keep the old block all the same.
    borrowing func replace() throws(DiskFault) {
        let former = retrying { Glibc.open(target, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { if former >= 0 { close(former) } }
        guard rename(draft, target) == 0 else { throw DiskFault("named") }
        try Self.syncDirectory(of: target)
        // The new one is in its place, whatever becomes of the old one.
        if former >= 0 { Self.overwrite(former) }
    }

    /// Removes a draft that a power cut left, and overwrites it unless it is the published file's second name.
    static func discard(_ draft: String) throws(DiskFault) {
        let descriptor = retrying { Glibc.open(draft, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { if descriptor >= 0 { close(descriptor) } }
        guard unlink(draft) == 0 || errno == ENOENT else { throw DiskFault("removed") }
        if descriptor >= 0 { overwrite(descriptor) }
    }

    private static func overwrite(_ descriptor: CInt) {
        var facts = stat()
        // Who has linked it under another name keeps it.
        guard fstat(descriptor, &facts) == 0, facts.st_nlink == 0 else { return }
        let zeros = [UInt8](repeating: 0, count: Int(min(facts.st_size, 1 << 20)))
        _ = pwrite(descriptor, zeros, zeros.count, 0)
        _ = fdatasync(descriptor)
    }

    /// A name that came or went is durable only after its directory is.
    static func syncDirectory(of target: String) throws(DiskFault) {
        let parent = target.lastIndex(of: "/").map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        let directory = retrying { Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard directory >= 0 else { throw DiskFault("made durable") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw DiskFault("made durable") }
    }
}

/// Repeats a system call that a signal broke off.
func retrying<Value: SignedInteger>(_ call: () -> Value) -> Value {
    while true {
        let value = call()
        guard value == -1, errno == EINTR else { return value }
    }
}
