import CFaultVFS
import EdgeCore
import Foundation
import Synchronization

@testable import Store
@testable import StoreTesting

/// The anchor's file on a disk in memory, with a record of what was written between which operations of the database's disk.
final class RecordedAnchor: AnchorFile {
    private struct Change {
        /// Operations of the disk before it.
        let operations: Int
        /// `nil` for a sync.
        let write: (bytes: [UInt8], offset: Int)?
        /// A file that is made is on disk at once.
        let isWhole: Bool
    }

    private let disk: Int32
    /// Shut while nobody is to open the store.
    private let gate = NSCondition()
    nonisolated(unsafe) private var isHeld = false
    private let state = Mutex((bytes: [UInt8]?.none, changes: [Change]()))

    init(disk: Int32) { self.disk = disk }

    func read() throws(EdgeError) -> [UInt8]? {
        gate.lock()
        while isHeld { gate.wait() }
        gate.unlock()
        return state.withLock { $0.bytes }
    }

    /// Whoever has the store open does not wait.
    func present() throws(EdgeError) -> [UInt8]? { state.withLock { $0.bytes } }

    /// Lets whoever opens the store wait for ``release()``.
    func hold() { gate.withLock { isHeld = true } }

    func release() {
        gate.withLock {
            isHeld = false
            gate.broadcast()
        }
    }

    func create(_ bytes: [UInt8]) throws(EdgeError) {
        state.withLock { state in
            state.bytes = bytes
            state.changes.append(Change(operations: fv_operations(disk), write: (bytes, 0), isWhole: true))
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(EdgeError) {
        let change = Change(operations: fv_operations(disk), write: (bytes, offset), isWhole: false)
        let isThere = state.withLock { state in
            guard state.bytes != nil else { return false }
            state.bytes?.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            state.changes.append(change)
            return true
        }
        guard isThere else { throw EdgeError(.storeUnavailable, "There is no anchor.") }
    }

    func sync() throws(EdgeError) {
        state.withLock { state in
            state.changes.append(Change(operations: fv_operations(disk), write: nil, isWhole: false))
        }
    }

    /// The file as a power cut after so many operations of the disk may leave it: what was synced, and of the rest what
    /// `seed` draws.
    func cut(at operations: Int, seed: UInt64) -> [UInt8]? {
        let changes = state.withLock { $0.changes }
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func draw() -> Bool {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random & 4 == 0
        }
        var synced: [UInt8]?
        var waiting: [(bytes: [UInt8], offset: Int)] = []
        func settle(all: Bool) {
            for write in waiting where all || draw() {
                synced?.replaceSubrange(write.offset..<(write.offset + write.bytes.count), with: write.bytes)
            }
            waiting = []
        }
        for change in changes {
            // What came after the last operation may have happened or not.
            guard change.operations < operations || (change.operations == operations && draw()) else { break }
            switch change.write {
            case let write? where change.isWhole: (synced, waiting) = (write.bytes, [])
            case let write?: waiting.append(write)
            case nil: settle(all: true)
            }
        }
        settle(all: false)
        return synced
    }

    /// Takes on what a cut has left.
    func become(_ bytes: [UInt8]?) { state.withLock { $0 = (bytes, []) } }
}
