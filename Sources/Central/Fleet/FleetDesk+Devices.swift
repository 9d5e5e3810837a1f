public import EdgeCore
import FoundationEssentials
public import SyncCore

extension FleetDesk {
    /// All devices, in the order in which they joined.
    public func devices() async throws(EdgeError) -> [FleetDevice] {
        try await database.read { db in try DeviceTable.all(db).map { try FleetDevice($0, db) } }
    }

    /// One device.
    ///
    /// Throws `record.unknown`.
    public func device(_ id: DeviceID) async throws(EdgeError) -> FleetDevice {
        try await database.read { db in try FleetDevice(Self.known(id, db), db) }
    }

    /// Takes a device out of the fleet; with its next call it hears that what it holds of others must go.
    ///
    /// It stays out also when central's file is put back. Its credentials are the caller's to take away, though not
    /// before it has heard: a device without credentials hears nothing.
    public func revoke(_ id: DeviceID, because reason: String? = nil) async throws(EdgeError) -> FleetDevice {
        let device = try await change(id) { device, wall in
            guard device.standing != .revoked else { return }
            (device.standing, device.reason, device.standingSince) = (.revoked, reason, wall)
        }
        try await keepAnchor()
        return device
    }

    /// Stops a device until an operator lets it in again.
    ///
    /// Throws `record.unknown`.
    public func quarantine(_ id: DeviceID, because reason: String) async throws(EdgeError) -> FleetDevice {
        try await change(id) { device, wall in
            guard device.standing == .active else { return }
            (device.standing, device.reason, device.standingSince) = (.quarantined, reason, wall)
        }
    }

    /// Lets a quarantined device in again, in whatever epoch comes next.
    ///
    /// Throws `record.unknown`.
    public func release(_ id: DeviceID) async throws(EdgeError) -> FleetDevice {
        try await change(id) { device, wall in
            guard device.standing == .quarantined else { return }
            (device.standing, device.reason, device.standingSince) = (.active, nil, wall)
            device.epochs.release()
        }
    }

    /// Calls a device otherwise.
    ///
    /// Throws `record.unknown` and `request.invalid`.
    public func rename(_ id: DeviceID, to name: String) async throws(EdgeError) -> FleetDevice {
        let name = try FleetName.checked(name)
        return try await change(id) { device, _ in device.name = name }
    }

    /// Gives a device these scopes and no others; the first one takes the people whom it enrolls.
    ///
    /// What it holds of other scopes goes with its next pull. Throws `record.unknown`, and `request.invalid` for none.
    public func assign(_ scopes: [ScopeID], to id: DeviceID) async throws(EdgeError) -> FleetDevice {
        guard !scopes.isEmpty else { throw EdgeError(.requestInvalid, "A device has a scope.", field: "scopes") }
        return try await transaction { transaction in
            let device = try Self.known(id, transaction.db)
            try DeviceTable.keep(transaction.known(scopes), of: id, transaction.db)
            // Other scopes may have other configurations.
            let serial = try transaction.nextConfiguration()
            try ConfigurationTable.keep(floor: serial, of: id, at: transaction.wall, transaction.db)
            transaction.touched.insert(id)
            return try FleetDevice(device, transaction.db)
        }
    }

    static func known(_ id: DeviceID, _ db: any FleetSession) throws -> DeviceEntry {
        guard let device = try DeviceTable.find(id, db) else {
            throw EdgeError(.recordUnknown, "There is no such device.")
        }
        return device
    }

    private func change(
        _ id: DeviceID, _ body: @escaping @Sendable (inout DeviceEntry, Int64) -> Void
    ) async throws(EdgeError) -> FleetDevice {
        try await transaction { transaction in
            var device = try Self.known(id, transaction.db)
            body(&device, transaction.wall)
            try DeviceTable.keep(device, transaction.db)
            transaction.touched.insert(id)
            return try FleetDevice(device, transaction.db)
        }
    }
}

extension FleetDevice {
    init(_ entry: DeviceEntry, _ db: any FleetSession) throws {
        let duties = try db.row(
            """
            SELECT count(*) AS number, min(since) AS oldest FROM erasure_proofs
            WHERE device = ? AND proven_at IS NULL
            """, [entry.id.column])
        let epoch = entry.epochs.present
        self.init(
            id: entry.id, name: entry.name, standing: entry.standing, reason: entry.reason,
            standingSince: Date(microseconds: entry.standingSince),
            scopes: try DeviceTable.scopes(of: entry.id, db), client: entry.client, model: entry.model,
            software: entry.software, publicKey: entry.publicKey, joinedAt: Date(microseconds: entry.joinedAt),
            lastSeen: entry.lastSeen.map { Date(microseconds: $0) }, clockAhead: .microseconds(entry.clockAhead),
            epoch: epoch, lanes: try epoch.map { try LaneTable.ends(of: entry.id, epoch: $0, db) } ?? [],
            unprovenErasures: try duties?["number"] ?? 0, oldestUnprovenErasure: try duties?.optionalDate("oldest"))
    }
}
