import EdgeCore
import GRDB
import SyncCore
import Synchronization

extension EdgeStore {
    /// The device's 16 bytes, which outlive epochs; `nil` while the store is not open.
    public var device: [UInt8]? { identity.withLock { $0?.device } }

    /// The present epoch's 16 bytes; `nil` while the store is not open.
    public var epoch: [UInt8]? { identity.withLock { $0?.epoch } }

    /// Reads both, makes those that a new file does not have yet, and begins the epoch that a restore asked for.
    func loadIdentity() async throws(EdgeError) {
        try await write { [self] db in
            if let reason = try StoreIdentity.endedEpoch(db) { try startEpoch(reason: reason, db) }
            try noteRecovery(db)
            let known = try StoreIdentity(db)
            onCommit { [self] in identity.withLock { $0 = known } }
        }
    }

    /// Begins a new epoch in the caller's transaction.
    ///
    /// Every epoch but a file's first follows another one, which the audit line is there to tell.
    func startEpoch(reason: EpochReason, _ db: Database) throws {
        let epoch = try StoreIdentity.renewEpoch(db)
        try beginLanes(epoch, reason: reason, db)
        if reason != .fresh {
            if reason != .released { try giveUpLostTail(db) }
            try audit(
                AuditRecord(action: "store.epoch", succeeded: true, reason: reason.rawValue, at: clock.wall), db)
        }
        // Whoever opens it first after a restore that was cut short tells of it too.
        if reason == .restored {
            try audit(AuditRecord(action: "store.restored", succeeded: true, at: clock.wall), db)
        }
        onCommit { [self] in identity.withLock { $0?.epoch = epoch } }
    }
}
