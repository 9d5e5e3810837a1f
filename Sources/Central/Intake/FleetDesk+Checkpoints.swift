import EdgeCore
import FoundationEssentials
import SyncCore

extension FleetDesk {
    /// The note with central's signature below the device's; `nil` when it cannot be signed.
    func cosigned(_ note: String) -> String? {
        let bytes = Array(note.utf8)
        let line = UInt8(ascii: "\n")
        guard let end = bytes.indices.dropFirst().last(where: { bytes[$0] == line && bytes[$0 - 1] == line }) else {
            return nil
        }
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        guard let own = try? SignedNote.sign(text, as: FleetLease.signerName, keys.signer) else { return nil }
        return note + own.dropFirst(text.count + 1)
    }
}

extension FleetTransaction {
    /// What became of a device's checkpoint.
    enum CheckpointVerdict {
        /// It is the newest one.
        case kept
        /// Not of this device and epoch, not rightly signed, or older than the one that is kept.
        case ignored
        /// As many lines as the one that is kept, and others: two histories.
        case forked
    }

    /// Keeps a device's newest checkpoint.
    ///
    /// That a longer trail continues the shorter one is shown by its lane, whose records are chained; a checkpoint alone
    /// does not show it.
    mutating func note(
        _ note: String, of device: DeviceEntry, _ epoch: Epoch, _ checker: any ProofChecker
    ) throws -> CheckpointVerdict {
        let origin = AuditCheckpoint.origin(
            device: SubjectKey(rawValue: device.id.rawValue).bytes, epoch: SubjectKey(rawValue: epoch.rawValue).bytes)
        guard let checkpoint = try AuditCheckpoint.open(note, of: origin, publicKey: device.publicKey, checker) else {
            return .ignored
        }
        let known = try db.row(
            "SELECT size, root FROM checkpoints WHERE device = ? AND epoch = ?", [device.id.column, epoch.column])
        if let known {
            let size: Int64 = try known["size"]
            if size == checkpoint.size {
                guard try known["root"] as Data == Data(checkpoint.root) else {
                    try quarantine(device, because: "two audit trails of \(size) lines")
                    return .forked
                }
                return .kept
            }
            guard size < checkpoint.size else { return .ignored }
        }
        try db.execute(
            """
            INSERT INTO checkpoints (device, epoch, size, root, note, noted_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (device, epoch) DO UPDATE SET size = excluded.size, root = excluded.root,
                note = excluded.note, noted_at = excluded.noted_at
            """,
            [
                device.id.column, epoch.column, checkpoint.size, Data(checkpoint.root), note, wall,
            ])
        return .kept
    }
}
