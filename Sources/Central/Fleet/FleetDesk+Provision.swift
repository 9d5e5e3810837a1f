public import EdgeCore
public import FoundationEssentials
public import SyncCore

extension FleetDesk {
    /// Makes a one-use token of 256 random bits; only its digest is kept.
    ///
    /// Without `scopes` the device gets the oldest scope. Throws `record.unknown` for a scope that is not there.
    public func makeToken(
        scopes: [ScopeID] = [], name: String? = nil, life: Duration = .seconds(86_400)
    ) async throws(EdgeError) -> (text: Redacted<String>, token: BootstrapToken) {
        // Url-safe text may begin with a hyphen, which a command line would take for an option.
        let text = try "join_" + keys.secrets.randomText(bytes: 32)
        let digest = try keys.signer.sha256(Array(text.utf8))
        let name = try name.map { name throws(EdgeError) in try FleetName.checked(name) }
        let span = max(life, .seconds(60))
        let entry = try await transaction { transaction in
            let entry = TokenEntry(
                digest: digest, id: UUID(), scopes: try transaction.known(scopes), name: name,
                createdAt: transaction.wall, expiresAt: transaction.wall + span.microseconds)
            try TokenTable.insert(entry, transaction.db)
            return BootstrapToken(entry)
        }
        return (Redacted(text), entry)
    }

    /// The tokens that are kept, used ones too for a while, the oldest first.
    public func tokens() async throws(EdgeError) -> [BootstrapToken] {
        try await database.read { db in try TokenTable.all(db).map { BootstrapToken($0) } }
    }

    /// Nobody joins with this token any more.
    ///
    /// Throws `record.unknown`.
    public func withdrawToken(_ id: UUID) async throws(EdgeError) {
        try await transaction { transaction in
            guard try TokenTable.remove(id, transaction.db) else {
                throw EdgeError(.recordUnknown, "There is no such token.")
            }
        }
    }

    /// Takes a device into the fleet.
    ///
    /// The same token lets the same device with the same key in again until the device has used its credentials once: an
    /// answer that is lost must not strand it. A device that was a member before joins again with a fresh token and the
    /// same key; so does one that was revoked, by a token that was made after that.
    public func provision(_ request: ProvisionRequest) async throws(SyncRefusal) -> ProvisionGrant {
        guard let key = Data(base64Encoded: request.publicKey), key.count == 32,
            let proof = Data(base64Encoded: request.proof)
        else { throw .malformed("The public key or its proof is not base64.") }
        let statement = ProvisionRequest.statement(
            token: request.token, device: request.device, publicKey: request.publicKey)
        guard keys.signer.verify(Array(proof), of: statement, publicKey: Array(key)),
            let digest = try? keys.signer.sha256(Array(request.token.utf8)),
            let own = try? FleetName.checked(request.name)
        else { throw .tokenInvalid }
        let admitted = try await decide { transaction in
            try transaction.admit(request, name: own, key: Array(key), digest: digest)
        }
        return ProvisionGrant(
            device: request.device, name: admitted.name, scopes: admitted.scopes, client: admitted.client,
            pseudonymKey: Redacted(Data(pseudonyms.key.reveal()).base64EncodedString()),
            centralKey: Data(keys.signer.publicKey).base64EncodedString(), incarnation: incarnation)
    }

    /// Notes which client's credentials a device has.
    ///
    /// Throws `record.unknown`.
    public func bind(_ device: DeviceID, to client: ClientID) async throws(EdgeError) {
        try await transaction { transaction in
            guard var entry = try DeviceTable.find(device, transaction.db) else {
                throw EdgeError(.recordUnknown, "There is no such device.")
            }
            entry.client = client
            try DeviceTable.keep(entry, transaction.db)
        }
    }

    /// Whose credentials a client's are; `nil` when they are no device's.
    public func device(of client: ClientID) async throws(EdgeError) -> DeviceID? {
        try await database.read { db in try DeviceTable.find(client: client, db) }
    }
}

extension FleetTransaction {
    struct Admission: Sendable {
        let name: String
        let scopes: [ScopeID]
        let client: ClientID?
    }

    mutating func admit(
        _ request: ProvisionRequest, name: String, key: [UInt8], digest: [UInt8]
    ) throws -> Result<Admission, SyncRefusal> {
        guard let token = try TokenTable.find(digest: digest, db), wall < token.expiresAt else {
            return .failure(.tokenInvalid)
        }
        let known = try DeviceTable.find(request.device, db)
        guard known.map({ $0.publicKey == key }) ?? true else { return .failure(.tokenInvalid) }
        if let user = token.usedBy {
            guard user == request.device, let known, !known.hasSpoken else { return .failure(.tokenInvalid) }
        }
        if let known, known.standing == .revoked, token.createdAt < known.standingSince {
            return .failure(.tokenInvalid)
        }
        let device = entry(for: request, name: token.name ?? name, key: key, known)
        _ = try fleetModel(besides: request.model)
        try DeviceTable.keep(device, db)
        try DeviceTable.keep(token.scopes, of: device.id, db)
        // What it was given in an earlier membership ends with that.
        if known != nil { try CertificateTable.withdrawAll(of: device.id, at: wall, db) }
        try TokenTable.use(token, by: device.id, at: wall, db)
        touched.insert(device.id)
        return .success(Admission(name: device.name, scopes: token.scopes, client: device.client))
    }

    private func entry(
        for request: ProvisionRequest, name: String, key: [UInt8], _ known: DeviceEntry?
    ) -> DeviceEntry {
        guard var device = known else {
            return DeviceEntry(
                id: request.device, name: name, publicKey: key, model: request.model, software: request.software,
                standing: .active, standingSince: wall, epochs: EpochBook(), joinedAt: wall, hasSpoken: false,
                clockAhead: 0, leaseSerial: 0)
        }
        (device.name, device.model, device.software) = (name, request.model, request.software)
        (device.joinedAt, device.hasSpoken) = (wall, false)
        if device.standing == .revoked {
            (device.standing, device.reason, device.standingSince) = (.active, "joined again", wall)
            device.epochs.release()
        }
        return device
    }

    /// The scopes, each of which is there; the oldest one when none is named.
    func known(_ scopes: [ScopeID]) throws -> [ScopeID] {
        guard !scopes.isEmpty else {
            let oldest: Data? = try db.value("SELECT id FROM scopes ORDER BY created_at, id LIMIT 1")
            return try oldest.map { [try ScopeID(column: $0)] } ?? []
        }
        var known: [ScopeID] = []
        for scope in scopes where !known.contains(scope) {
            guard try FeedTable.end(of: scope, db) != nil else {
                throw EdgeError(.recordUnknown, "There is no such scope.")
            }
            known.append(scope)
        }
        return known
    }
}

extension BootstrapToken {
    init(_ entry: TokenEntry) {
        self.init(
            id: entry.id, scopes: entry.scopes, name: entry.name, createdAt: Date(microseconds: entry.createdAt),
            expiresAt: Date(microseconds: entry.expiresAt), usedBy: entry.usedBy)
    }
}
