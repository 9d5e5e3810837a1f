import EdgeCore
import Glibc
import Synchronization

/// The anchor in a file of its own, mode 0600; also what else is written like one.
final class DiskAnchorFile: AnchorFile {
    private let path: String
    /// What its failures call it.
    private let name: String
    /// Opened by the first write; -1 until then.
    private let descriptor = Mutex<CInt>(-1)

    init(_ path: String, called name: String = "anchor") {
        self.path = path
        self.name = name
    }

    deinit { descriptor.withLock { if $0 >= 0 { close($0) } } }

    func read() throws(EdgeError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            guard isUnusable else { throw failure("opened") }
            return []
        }
        defer { close(file) }
        // One byte more than there should be, so that something at its end shows.
        var bytes = [UInt8](repeating: 0, count: Anchor.size + 1)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count >= 0 || isUnusable else { throw failure("read") }
        guard count >= 0 else { return [] }
        return Array(bytes[..<count])
    }

    func create(_ bytes: [UInt8]) throws(EdgeError) {
        let draft = "\(path).new"
        let file = open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("made") }
        guard pwrite(file, bytes, bytes.count, 0) == bytes.count, fsync(file) == 0, rename(draft, path) == 0 else {
            let fault = failure("written")
            close(file)
            unlink(draft)
            throw fault
        }
        let former = descriptor.withLock { descriptor in
            defer { descriptor = file }
            return descriptor
        }
        if former >= 0 { close(former) }
        do { try BackupFile.syncDirectory(of: path) } catch { throw storeError(error) }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(EdgeError) {
        let written = try opened { pwrite($0, bytes, bytes.count, offset) }
        guard written == bytes.count else { throw failure("written") }
    }

    func sync() throws(EdgeError) {
        guard try opened({ fsync($0) }) == 0 else { throw failure("made durable") }
    }

    private func opened<Outcome: Sendable>(_ body: (CInt) -> Outcome) throws(EdgeError) -> Outcome {
        let outcome: Outcome? = descriptor.withLock { descriptor in
            if descriptor < 0 { descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) }
            return descriptor < 0 ? nil : body(descriptor)
        }
        guard let outcome else { throw failure("opened") }
        return outcome
    }

    /// Whether something else stands in the file's place; else it is the disk or the process that failed.
    private var isUnusable: Bool { [ELOOP, EISDIR, ENOTDIR, EACCES, ENXIO].contains(errno) }

    private func failure(_ deed: String) -> EdgeError {
        EdgeError(.storeUnavailable, "The \(name) cannot be \(deed): \(String(cString: strerror(errno))).")
    }
}
