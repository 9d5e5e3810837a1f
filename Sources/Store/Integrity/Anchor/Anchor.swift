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
        /// The newer slot; `isWhole` when every byte of the file is as the device writes it.
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

    func read() throws(EdgeError) -> Reading {
        guard let bytes = try file.read() else { return .none }
        let records = try Self.slots.map { slot throws(EdgeError) -> AnchorRecord? in
            guard bytes.count >= slot + AnchorRecord.size else { return nil }
            return try AnchorRecord(Array(bytes[slot..<(slot + AnchorRecord.size)]), digest)
        }
        let newest = records.enumerated().max { ($0.element?.rank ?? -1) < ($1.element?.rank ?? -1) }
        guard let newest, let record = newest.element else { return .broken }
        state.withLock { $0.turn = 1 - newest.offset }
        let known = records.compactMap { $0 }
        let isWhole = known.count == Self.slots.count ? try bytes == whole(known) : false
        return .good(record, isWhole: isWhole)
    }

    /// Takes the anchor into use, on disk as it is; makes one that says `first` where there is none that can be used.
    ///
    /// Returns the counter that is on disk; `counter` when that cannot be told. A failure is kept.
    func begin(with first: AnchorRecord, else counter: Int64) -> Int64 {
        do throws(EdgeError) {
            if let record = try read().record {
                try file.sync()
                return record.counter
            }
            try file.create(whole([first, first]))
            state.withLock { $0 = State() }
            return first.counter
        } catch {
            state.withLock { $0.fault = error }
            return counter
        }
    }

    /// Takes over what was just committed; a failure is kept and does not stop anybody: an anchor may lag.
    func note(_ record: AnchorRecord) {
        do throws(EdgeError) { try put(record) } catch { state.withLock { $0.fault = error } }
    }

    /// Puts what was noted on disk.
    func sync() throws(EdgeError) {
        do throws(EdgeError) {
            try file.sync()
            state.withLock { $0.fault = nil }
        } catch {
            state.withLock { $0.fault = error }
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
        let slot = state.withLock { state in
            defer { state.turn = 1 - state.turn }
            return Self.slots[state.turn]
        }
        try file.write(try record.bytes(digest), at: slot)
        state.withLock { $0.last = record }
    }

    private func whole(_ records: [AnchorRecord]) throws(EdgeError) -> [UInt8] {
        var bytes: [UInt8] = []
        for (slot, record) in zip(Self.slots, records) {
            bytes += [UInt8](repeating: 0, count: slot - bytes.count)
            bytes += try record.bytes(digest)
        }
        return bytes + [UInt8](repeating: 0, count: Self.size - bytes.count)
    }
}

extension AnchorRecord {
    /// Of two slots with one counter the one that was closed in order is the newer.
    fileprivate var rank: Int64 { counter * 2 + (file == nil ? 0 : 1) }
}
