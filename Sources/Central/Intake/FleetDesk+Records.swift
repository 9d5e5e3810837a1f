public import EdgeCore
import FoundationEssentials
public import SyncCore

extension FleetDesk {
    /// What a record carried, opened; `nil` when it is not there, was erased, or came without.
    public func payload(
        of device: DeviceID, _ epoch: Epoch, _ lane: Lane, _ sequence: UInt64
    ) async throws(EdgeError) -> String? {
        guard sequence > 0 else { return nil }
        let address = LaneAddress(device: device, epoch: epoch, lane: lane)
        let seal = PersonalSeal(sealer: keys.sealer)
        return try await database.read { db in
            guard let entry = try LaneTable.find(address, db) else { return nil }
            let row = try db.row(
                "SELECT tenant, subject, seal, payload FROM records WHERE lane_key = ? AND sequence = ?",
                [entry.key, Int64(clamping: sequence)])
            guard let row, let payload = try (row["payload"] as Data?).map({ Array($0) }) else { return nil }
            guard let kind = try (row["seal"] as String?).flatMap({ SealOwner.Kind(rawValue: $0) }),
                let tenant = try row.optionalUUID("tenant")
            else { return String(decoding: payload, as: UTF8.self) }
            let id = kind == .tenant ? tenant : try row.optionalUUID("subject") ?? tenant
            let place = SealContext.record(RecordPosition(address, sequence: sequence), tenant: tenant)
            return try seal.open(payload, of: SealOwner(kind: kind, id: id), place, db)
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
