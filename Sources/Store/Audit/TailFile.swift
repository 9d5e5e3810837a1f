import EdgeCore
import FoundationEssentials
import Glibc

/// The present key of the trail's tail, in a file beside the database.
///
/// Not in the database, because backups and the write-ahead log would keep keys that are to be gone. Two slots in two
/// sectors: a key is written into the free one, and the other overwritten in place once the database has gone over to it.
struct TailFile: Sendable {
    static let name = "audit.tail"
    private static let mark = Array("edgtail1".utf8)
    private static let slotLength = 8 + 16 + 8 + 32 + 32
    private static let slots: [off_t] = [0, 4096]

    let path: String
    private let secrets: any SecretKeeper

    init(directory: String, _ secrets: any SecretKeeper) {
        path = "\(directory)/\(Self.name)"
        self.secrets = secrets
    }

    /// The keys of the slots that hold one; none where something else stands in the file's place.
    ///
    /// Blocks. Throws where the disk or the process fails, which says nothing about the keys.
    func keys() throws(EdgeError) -> [AuditTailKey] {
        switch FileBeside.open(path, O_RDONLY) {
        case .missing, .other: return []
        case .failed(let code): throw Self.failure(code)
        case .file(let descriptor):
            defer { Glibc.close(descriptor) }
            var keys: [AuditTailKey] = []
            for slot in Self.slots { if let key = try read(slot, descriptor) { keys.append(key) } }
            return keys
        }
    }

    /// Writes a key into the slot that does not hold `present`, on disk when this returns.
    ///
    /// Blocks.
    func add(_ key: AuditTailKey, besides present: AuditTailKey?) throws(EdgeError) {
        guard let descriptor = try open(O_RDWR | O_CREAT) else { throw Self.failure() }
        defer { Glibc.close(descriptor) }
        var free = Self.slots[0]
        if let present {
            for slot in Self.slots {
                let held = try read(slot, descriptor)
                if held?.generation != present.generation || held?.interval != present.interval { free = slot }
            }
        }
        try write(bytes(of: key), at: free, descriptor)
        if present == nil { try syncDirectory() }
    }

    /// A file that was just made is there after a power cut only when its directory is on disk too.
    private func syncDirectory() throws(EdgeError) {
        let directory = String(path.dropLast(Self.name.count))
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure() }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure() }
    }

    /// Overwrites every key but this one in place, on disk when this returns.
    ///
    /// Blocks.
    func keepOnly(_ key: AuditTailKey?) throws(EdgeError) {
        guard let descriptor = try open(O_RDWR) else { return }
        defer { Glibc.close(descriptor) }
        for slot in Self.slots {
            let held = try read(slot, descriptor)
            if let key, held?.generation == key.generation, held?.interval == key.interval { continue }
            // A write that changes nothing can only fail.
            if held == nil, try isEmpty(slot, descriptor) { continue }
            try write([UInt8](repeating: 0, count: Self.slotLength), at: slot, descriptor)
        }
    }

    private func bytes(of key: AuditTailKey) throws(EdgeError) -> [UInt8] {
        let number = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: key.interval >> $0) }
        let content = Self.mark + key.generation + number + key.key.reveal()
        return content + (try secrets.digest(content, purpose: "audit.tail.file"))
    }

    /// The key of a slot; `nil` when it is empty, half written or of other keys.
    private func read(_ slot: off_t, _ descriptor: Int32) throws(EdgeError) -> AuditTailKey? {
        var bytes = [UInt8](repeating: 0, count: Self.slotLength)
        let count = pread(descriptor, &bytes, Self.slotLength, slot)
        guard count >= 0 else { throw Self.failure() }
        let code = Array(bytes[64...])
        guard count == Self.slotLength, bytes.starts(with: Self.mark),
            secrets.equal(code, try secrets.digest(Array(bytes[..<64]), purpose: "audit.tail.file"))
        else { return nil }
        let interval = bytes[24..<32].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return AuditTailKey(generation: Array(bytes[8..<24]), interval: interval, key: Array(bytes[32..<64]))
    }

    private func isEmpty(_ slot: off_t, _ descriptor: Int32) throws(EdgeError) -> Bool {
        var bytes = [UInt8](repeating: 0, count: Self.slotLength)
        guard pread(descriptor, &bytes, Self.slotLength, slot) >= 0 else { throw Self.failure() }
        return bytes.allSatisfy { $0 == 0 }
    }

    private func write(_ bytes: [UInt8], at slot: off_t, _ descriptor: Int32) throws(EdgeError) {
        guard FileBeside.write(bytes, at: Int(slot), descriptor), fsync(descriptor) == 0 else { throw Self.failure() }
    }

    /// `nil` when there is no such file and none is to be made.
    private func open(_ flags: Int32) throws(EdgeError) -> Int32? {
        switch FileBeside.open(path, flags) {
        case .file(let descriptor): return descriptor
        case .missing: return nil
        case .failed(let code): throw Self.failure(code)
        case .other(let kind):
            throw EdgeError(
                .storeUnavailable,
                "The key of the audit trail's tail cannot be kept: \(kind) stands in the place of \(Self.name).")
        }
    }

    private static func failure(_ code: Int32 = errno) -> EdgeError {
        EdgeError(code == ENOSPC ? .storeFull : .storeUnavailable, "The key of the audit trail's tail cannot be kept.")
    }
}
