import EdgeCore
import Glibc
import Logging
import Synchronization

/// The room on the store's disk, and a reserve that is given up for what must not fail.
///
/// The last bytes of a disk belong to erasures, to misses that lock and to the end in order. Once the reserve is given up
/// everything else is refused until there is room for it again.
final class DiskRoom: Sendable {
    private enum Reserve { case none, held, spent }

    private struct State {
        var reserve = Reserve.none
        var isFull = false
    }

    static let fileName = "reserve"
    private let state = Mutex(State())
    private let directory: String
    private let options: StoreOptions
    private let health: HealthBoard
    private let log: Logger

    private var path: String { "\(directory)/\(Self.fileName)" }

    init(directory: String, options: StoreOptions, health: HealthBoard, log: Logger) {
        self.directory = directory
        self.options = options
        self.health = health
        self.log = log
        var facts = stat()
        guard options.reserveBytes > 0, stat(path, &facts) == 0, facts.st_size >= options.reserveBytes else { return }
        state.withLock { $0.reserve = .held }
    }

    /// Whether what is left is for urgent transactions only.
    var refusesUsualWrites: Bool { state.withLock { $0.reserve == .spent } }

    /// Notes that SQLite found the disk full.
    func ranOut() {
        let isNew = state.withLock { state in
            defer { state.isFull = true }
            return !state.isFull
        }
        guard isNew else { return }
        log.error("disk full", metadata: ["code": "\(ErrorCode.storeFull.rawValue)"])
        health.raise(EdgeError(.storeFull))
    }

    /// Notes that a transaction came to be.
    func wrote() {
        let isOver = state.withLock { state in
            defer { if state.reserve != .spent { state.isFull = false } }
            return state.isFull && state.reserve != .spent
        }
        if isOver { health.clear(ErrorCode.storeFull.rawValue) }
    }

    /// Frees the reserve for an urgent transaction; false when there is none.
    func giveUpReserve() -> Bool {
        ranOut()
        let isFreed = state.withLock { state in
            guard state.reserve == .held, remove() else { return false }
            state.reserve = .spent
            return true
        }
        if isFreed { log.warning("reserve given up", metadata: ["bytes": "\(options.reserveBytes)"]) }
        return isFreed
    }

    /// Less than what the start of a daemon takes beside the store: its sockets, its log, a page or two.
    private static let leastBytes: Int64 = 1 << 20

    /// Gives the reserve up where so little is free that the rest of the start would fail, and knows where it is gone already.
    func begin() {
        guard options.reserveBytes > 0, let free = options.freeBytes(directory) else { return }
        if free < Self.leastBytes { _ = giveUpReserve() }
        // The opening itself may have taken it: what there is left is for urgent transactions from the first one on.
        let isMissing = state.withLock { state in
            guard state.reserve == .none, free < options.reserveBytes else { return false }
            state.reserve = .spent
            return true
        }
        if isMissing { ranOut() }
    }

    /// Opens the store's file; on a full disk once more without the reserve.
    static func withReserve<Outcome>(of directory: String, _ body: () throws -> Outcome) throws -> Outcome {
        do { return try body() } catch {
            guard storeError(error).code == .storeFull else { throw error }
            guard unlink("\(directory)/\(fileName)") == 0 else { throw spent(directory) }
            do { return try body() } catch {
                guard storeError(error).code == .storeFull else { throw error }
                throw spent(directory)
            }
        }
    }

    /// Taking a file into use is a transaction of its own, and its log needs room: without any there is nothing to fall back on.
    private static func spent(_ directory: String) -> EdgeError {
        EdgeError(
            .storeFull,
            "The disk is full and the reserve is spent: the store opens once some MiB are free in \(directory).")
    }

    /// Looks how much is free: warns before it is too late, and makes the reserve again when there is room.
    func look() throws(EdgeError) {
        guard options.reserveBytes > 0, let free = options.freeBytes(directory) else { return }
        let isHeld = try takeReserve(free: free)
        if isHeld, free < 2 * options.reserveBytes {
            health.raise(
                "store.disk.low", title: "The store's disk is nearly full: \(free >> 20) MiB are left.",
                severity: .warning, remedy: ErrorCode.storeFull.remedy)
        } else {
            health.clear("store.disk.low")
        }
        guard isHeld else { return }
        state.withLock { $0.isFull = false }
        health.clear(ErrorCode.storeFull.rawValue)
    }

    /// True when it is there afterwards.
    private func takeReserve(free: Int64) throws(EdgeError) -> Bool {
        let (present, needed) = state.withLock { state in
            // Room for the reserve alone would be gone again with the next transaction.
            (state.reserve, state.reserve == .spent ? 2 * options.reserveBytes : options.reserveBytes)
        }
        if present == .held { return true }
        guard free >= needed else {
            state.withLock { $0.reserve = .spent }
            ranOut()
            return false
        }
        try make()
        state.withLock { $0.reserve = .held }
        return true
    }

    private func make() throws(EdgeError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw EdgeError(.storeUnavailable, "The reserve cannot be made.") }
        defer { close(descriptor) }
        let refusal = posix_fallocate(descriptor, 0, off_t(options.reserveBytes))
        guard refusal == 0, fsync(descriptor) == 0 else {
            let code = refusal == 0 ? errno : refusal
            unlink(path)
            guard [ENOSPC, EDQUOT].contains(code) else {
                throw EdgeError(.storeUnavailable, "The reserve cannot be made: \(String(cString: strerror(code))).")
            }
            throw EdgeError(.storeFull, "There is no room for the reserve.")
        }
    }

    /// Frees the blocks at once, and not when the file system comes to it.
    private func remove() -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard unlink(path) == 0 else { return false }
        // Without a name it is given up, whatever becomes of this: the blocks go with the descriptor at the latest.
        if ftruncate(descriptor, 0) == 0 { _ = fsync(descriptor) }
        return true
    }

    /// How many bytes are free for this user where `directory` lies; `nil` when the system does not tell.
    static func free(_ directory: String) -> Int64? {
        var facts = statvfs()
        guard statvfs(directory, &facts) == 0 else { return nil }
        return Int64(facts.f_bavail) * Int64(facts.f_frsize)
    }
}
