import EdgeCore
import Glibc

/// Which of the copies in `backups/` the device made itself since it last erased somebody; a file beside them.
///
/// When the store is gone and its anchor too, nothing else tells a backup from a copy of an earlier day that somebody put there.
/// An erasure removes the file. It is sealed under a key of the device, and names a copy by its bytes.
struct BackupLedger {
    static let name = "made"
    private static let mark = Array("edgedbak".utf8)
    private static let length = 32
    /// Some more than the device keeps.
    private static let limit = 8
    private static let piece = 1 << 20

    private let path: String
    private let seal: any KeyedDigest
    private let files: any KeyedDigest

    init(in directory: String, _ secrets: any SecretKeeper) throws(EdgeError) {
        path = Self.path(in: directory)
        seal = try secrets.keyedDigest(purpose: "store.backups")
        files = try secrets.keyedDigest(purpose: "store.backups.file")
    }

    static func path(in directory: String) -> String { "\(directory)/backups/\(name)" }

    /// Whether the device made this file, and has erased nobody since.
    ///
    /// Reads all of it.
    func lists(_ backup: String) throws(EdgeError) -> Bool {
        let known = try entries()
        guard !known.isEmpty else { return false }
        return known.contains(try entry(for: backup))
    }

    /// Whether no copy is listed; so too where the file is not as the device wrote it.
    func isEmpty() throws(EdgeError) -> Bool { try entries().isEmpty }

    /// Lists a copy by what ``entry(for:)`` said of it; on disk when this returns.
    func add(_ entry: [UInt8]) throws(EdgeError) {
        let others = try entries().filter { $0 != entry }
        try put(Array(([entry] + others).prefix(Self.limit)))
    }

    /// Lists none but these any more.
    func keepOnly(_ backups: [String]) throws(EdgeError) {
        let known = try entries()
        guard !known.isEmpty else { return }
        let present = try backups.map { backup throws(EdgeError) in try entry(for: backup) }
        let left = known.filter { present.contains($0) }
        guard left != known else { return }
        guard left.isEmpty else { return try put(left) }
        guard unlink(path) == 0 || errno == ENOENT else { throw BackupFault.failure("struck off the list") }
        do { try BackupFile.syncDirectory(of: path) } catch { throw storeError(error) }
    }

    /// A keyed digest of every byte, by pieces.
    func entry(for backup: String) throws(EdgeError) -> [UInt8] {
        let descriptor = open(backup, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw BackupFault.failure("opened") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw BackupFault.failure("opened") }
        let size = Int(facts.st_size)
        var codes = SealedSums.bytes(Int64(size))
        var offset = 0
        while offset < size {
            let wanted = min(Self.piece, size - offset)
            var bytes = [UInt8](repeating: 0, count: wanted)
            guard pread(descriptor, &bytes, wanted, off_t(offset)) == wanted else { throw BackupFault.failure("read") }
            codes += try files.code(of: bytes)
            offset += wanted
        }
        return try files.code(of: codes)
    }

    /// None where there is no file, and where it is not as the device wrote it.
    private func entries() throws(EdgeError) -> [[UInt8]] {
        guard let bytes = try file.read() else { return [] }
        let end = bytes.count - Self.length
        guard end >= Self.mark.count, (end - Self.mark.count) % Self.length == 0, bytes.starts(with: Self.mark) else {
            return []
        }
        let code = try seal.code(of: Array(bytes[..<end]))
        guard code == Array(bytes[end...]) else { return [] }
        return stride(from: Self.mark.count, to: end, by: Self.length).map { Array(bytes[$0..<($0 + Self.length)]) }
    }

    private func put(_ entries: [[UInt8]]) throws(EdgeError) {
        let content = Self.mark + entries.flatMap { $0 }
        let code = try seal.code(of: content)
        try file.create(content + code)
    }

    private var file: DiskAnchorFile { DiskAnchorFile(path, called: "list of backups") }
}
