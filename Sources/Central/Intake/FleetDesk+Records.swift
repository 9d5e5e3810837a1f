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
            return try LaneTable.row(sequence, ofLane: entry.key, db).flatMap { try Self.opened($0, seal, db) }
        }
    }

    /// What a record carries; `nil` where it is gone.
    static func opened(_ row: SealedRecordRow, _ seal: PersonalSeal, _ db: any FleetSession) throws -> String? {
        guard let payload = row.payload else { return nil }
        guard let kind = row.seal, let tenant = row.tenant else { return String(decoding: payload, as: UTF8.self) }
        let id = kind == .tenant ? tenant : row.subject?.rawValue ?? tenant
        return try seal.open(
            payload, of: SealOwner(kind: kind, id: id), SealContext.record(row.position, tenant: tenant), db
        ).map { String(decoding: $0, as: UTF8.self) }
    }
}
