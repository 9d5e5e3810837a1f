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
        switch FileBeside.open(path, O_RDONLY) {
        case .missing: return nil
        // No slot of ours is in it.
        case .other: return []
        case .failed(let code): throw failure("opened", code)
        case .file(let file):
            defer { close(file) }
            // One byte more than there should be, so that something at its end shows.
            var bytes = [UInt8](repeating: 0, count: Anchor.size + 1)
            let count = pread(file, &bytes, bytes.count, 0)
            guard count >= 0 else { throw failure("read", errno) }
            return Array(bytes[..<count])
        }
    }

    func create(_ bytes: [UInt8]) throws(EdgeError) {
        let draft = "\(path).new"
        let file = open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("made", errno) }
        guard FileBeside.write(bytes, at: 0, file), fsync(file) == 0, rename(draft, path) == 0 else {
            let fault = failure("written", errno)
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
        guard try opened({ FileBeside.write(bytes, at: offset, $0) }) else { throw failure("written", errno) }
    }

    func sync() throws(EdgeError) {
        guard try opened({ fsync($0) }) == 0 else { throw failure("made durable", errno) }
    }

    private func opened<Outcome: Sendable>(_ body: (CInt) -> Outcome) throws(EdgeError) -> Outcome {
        try descriptor.withLock { (descriptor) throws(EdgeError) -> Outcome in
            if descriptor < 0 { descriptor = try found() }
            return body(descriptor)
        }
    }

    private func found() throws(EdgeError) -> CInt {
        switch FileBeside.open(path, O_RDWR) {
        case .file(let file): return file
        case .missing: throw failure("opened", ENOENT)
        case .failed(let code): throw failure("opened", code)
        case .other(let kind):
            throw EdgeError(.storeUnavailable, "The \(name) cannot be opened: \(kind) stands in its place.")
        }
    }

    private func failure(_ deed: String, _ code: CInt) -> EdgeError {
        EdgeError(.storeUnavailable, "The \(name) cannot be \(deed): \(String(cString: strerror(code))).")
    }
}
