import EdgeCore
import Synchronization

/// A small file beside the database that says how far it has come, so that an older copy of the database is noticed.
///
/// Written after each commit is on disk, and so never ahead of it. Two slots in turn: one is always whole.
final class Anchor: Sendable {
    static let name = "audit.anchor"
    /// The second slot stands on a page of its own.
    private static let slots = [0, 4096]
    static let size = 8192

    /// What the file says.
    enum Reading: Equatable {
        case none
        /// The newer slot; `isWhole` when every byte of the file is as the device writes it, which no power cut changes.
        case good(AnchorRecord, isWhole: Bool)
        /// No slot is this device's.
        case broken

        var record: AnchorRecord? {
            if case .good(let record, _) = self { record } else { nil }
        }
    }

    private struct State {
        var turn = 0
        var fault: EdgeError?
        var last: AnchorRecord?
        /// Every byte as it was last read or written; `nil` when that is not known.
        var bytes: [UInt8]?
        /// Whether somebody else changed the file since.
        var isTouched = false
        /// Whether the next write makes the file anew.
        var isRenewed = false
        /// What is on disk in the database and could not be written here.
        var late: AnchorRecord?
    }

    private let file: any AnchorFile
    private let digest: any KeyedDigest
    private let state = Mutex(State())

    init(_ file: any AnchorFile, _ secrets: any SecretKeeper) throws(EdgeError) {
        self.file = file
        digest = try secrets.keyedDigest(purpose: "store.anchor")
    }

    /// Why the last write failed; `nil` when it did not.
    var fault: EdgeError? { state.withLock { $0.fault } }

    /// What was written last through this object.
    var last: AnchorRecord? { state.withLock { $0.last } }

    /// Whether there is something to put on disk.
    var isNoted: Bool { state.withLock { $0.last != nil || $0.late != nil } }

    func read() throws(EdgeError) -> Reading { try judge(try bytes()) }

    /// One read that fails says nothing: a roll back must not pass, and a restored file not look like one, for want of it.
    private func bytes() throws(EdgeError) -> [UInt8]? {
        do { return try file.read() } catch { return try file.read() }
    }

    private func judge(_ bytes: [UInt8]?) throws(EdgeError) -> Reading {
        guard let bytes else { return .none }
        let records = try Self.slots.indices.map { slot throws(EdgeError) -> AnchorRecord? in
            let start = Self.slots[slot]
            guard bytes.count >= start + AnchorRecord.size else { return nil }
            return try AnchorRecord(Array(bytes[start..<(start + AnchorRecord.size)]), in: slot, digest)
        }
        let newest = records.enumerated().max { ($0.element?.rank ?? -1) < ($1.element?.rank ?? -1) }
        guard let newest, let record = newest.element else { return .broken }
        state.withLock { $0.turn = 1 - newest.offset }
        return .good(record, isWhole: !records.contains(nil) && Self.isEmptyBesidesSlots(bytes))
    }

    private static func isEmptyBesidesSlots(_ bytes: [UInt8]) -> Bool {
        let rest = bytes.indices.filter { place in !slots.contains { ($0..<($0 + AnchorRecord.size)).contains(place) } }
        return bytes.count == size && rest.allSatisfy { bytes[$0] == 0 }
    }

    /// Takes the anchor into use, on disk as it is; makes one that says `first` where there is none that can be used.
    ///
    /// Returns the counter that is on disk; `counter` when that cannot be told. A failure is kept.
    func begin(with first: AnchorRecord, else counter: Int64) -> Int64 {
        do throws(EdgeError) {
            let present = try bytes()
            if let record = try judge(present).record {
                try file.sync()
                _ = noteChange(in: present)
                return record.counter
            }
            let bytes = try whole([first, first])
            // One that cannot be made now is made with the next write.
            state.withLock { $0.isRenewed = true }
            try file.create(bytes)
            state.withLock { $0 = State(bytes: bytes) }
            return first.counter
        } catch {
            state.withLock { $0.fault = error }
            return counter
        }
    }

    /// Takes over what was just committed; a failure is kept and does not stop anybody: an anchor may lag until ``sync()``.
    func note(_ record: AnchorRecord) {
        do throws(EdgeError) {
            try put(record)
            state.withLock { $0.late = nil }
        } catch { state.withLock { ($0.fault, $0.late) = (error, record) } }
    }

    /// Whether somebody else changed the file; nothing is written into it from then on, until ``renew()``.
    func isChanged() -> Bool {
        // A disk that fails tells nothing.
        do throws(EdgeError) { return try noteChange(in: file.present()) } catch {
            return state.withLock { $0.isTouched }
        }
    }

    /// The change was told and is on disk in the database: the next write makes the file anew.
    func renew() {
        state.withLock { state in
            state.isTouched = false
            state.isRenewed = true
            state.bytes = nil
        }
    }

    /// Holds the file against what was last read or written of it.
    private func noteChange(in present: [UInt8]?) -> Bool {
        state.withLock { state in
            if let known = state.bytes, known != present { state.isTouched = true }
            if state.bytes == nil { state.bytes = present }
            return state.isTouched
        }
    }

    /// Puts what was noted on disk.
    func sync() throws(EdgeError) {
        do throws(EdgeError) {
            if let late = state.withLock({ $0.late }) { try put(late) }
            try file.sync()
            state.withLock { ($0.fault, $0.late) = (nil, nil) }
        } catch {
            // What a failed sync leaves in the file nobody knows.
            state.withLock { ($0.fault, $0.bytes) = (error, nil) }
            throw error
        }
    }

    /// The last word on a file that is closed in order: in both slots, so that any byte of the anchor can be checked.
    func finish(_ record: AnchorRecord) throws(EdgeError) {
        for _ in Self.slots {
            try put(record)
            try file.sync()
        }
    }

    private func put(_ record: AnchorRecord) throws(EdgeError) {
        if state.withLock({ $0.isRenewed }) { return try make(record) }
        let present = try file.present()
        // What somebody else wrote stays until it was told.
        guard !noteChange(in: present) else { return }
        let turn = state.withLock { $0.turn }
        let (slot, bytes) = (Self.slots[turn], try record.bytes(in: turn, digest))
        // A write that fails may have written some of it.
        state.withLock { $0.bytes = nil }
        try file.write(bytes, at: slot)
        state.withLock { state in
            state.last = record
            // Only now: after a write that failed the other slot is the one that is whole.
            state.turn = 1 - turn
            guard var whole = present, whole.count >= slot + bytes.count else { return }
            whole.replaceSubrange(slot..<(slot + bytes.count), with: bytes)
            state.bytes = whole
        }
    }

    private func make(_ record: AnchorRecord) throws(EdgeError) {
        let bytes = try whole([record, record])
        try file.create(bytes)
        state.withLock { $0 = State(last: record, bytes: bytes) }
    }

    private func whole(_ records: [AnchorRecord]) throws(EdgeError) -> [UInt8] {
        var bytes: [UInt8] = []
        for (number, record) in records.enumerated() {
            bytes += [UInt8](repeating: 0, count: Self.slots[number] - bytes.count)
            bytes += try record.bytes(in: number, digest)
        }
        return bytes + [UInt8](repeating: 0, count: Self.size - bytes.count)
    }
}

extension AnchorRecord {
    /// Of two slots with one counter the one that was closed in order is the newer.
    fileprivate var rank: Int64 { counter * 2 + (file == nil ? 0 : 1) }
}
