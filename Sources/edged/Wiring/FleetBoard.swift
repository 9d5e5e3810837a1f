import Central
import EdgeCore
import FoundationEssentials
import SyncCore

/// The fleet's database as the API and the command line ask for it.
///
/// `Central` says more than the port does; what is the same has the same name.
struct FleetBoard: FleetAdministration {
    let desk: FleetDesk
    private static let redaction = Redaction()

    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        try await desk.open(request, of: device)
    }

    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        try await desk.push(request, of: device)
    }

    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        try await desk.pull(request, of: device)
    }

    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer {
        try await desk.consent(request, of: device)
    }

    func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer {
        try await desk.certificate(request, of: device)
    }

    func provision(_ request: ProvisionRequest) async throws(SyncRefusal) -> FleetGrant {
        let grant = try await desk.provision(request)
        return FleetGrant(
            device: grant.device, name: grant.name, client: grant.client?.rawValue,
            pseudonymKey: grant.pseudonymKey.reveal(), centralKey: grant.centralKey, incarnation: grant.incarnation)
    }

    func bind(_ device: DeviceID, client: UUID) async throws(EdgeError) {
        try await desk.bind(device, to: ClientID(rawValue: client))
    }

    func device(of client: UUID) async throws(EdgeError) -> DeviceID? {
        try await desk.device(of: ClientID(rawValue: client))
    }

    func admit(_ client: UUID, showing certificate: [UInt8]?) async throws(SyncRefusal) -> DeviceID {
        try await desk.admit(ClientID(rawValue: client), showing: certificate)
    }

    func makeToken(_ order: TokenOrder) async throws(EdgeError) -> SyncCore.BootstrapToken {
        let made = try await desk.makeToken(scopes: order.scopes, name: order.name, life: order.life)
        return SyncCore.BootstrapToken(text: made.text.reveal(), expiresAt: made.token.expiresAt)
    }

    func devices() async throws(EdgeError) -> [SyncCore.FleetDevice] {
        try await desk.devices().map { SyncCore.FleetDevice($0) }
    }

    func device(_ id: DeviceID) async throws(EdgeError) -> SyncCore.FleetDevice? {
        do throws(EdgeError) {
            return SyncCore.FleetDevice(try await desk.device(id))
        } catch {
            guard error.code == .recordUnknown else { throw error }
            return nil
        }
    }

    func revoke(_ device: DeviceID) async throws(EdgeError) { _ = try await desk.revoke(device) }
    func release(_ device: DeviceID) async throws(EdgeError) { _ = try await desk.release(device) }

    func assign(_ scopes: [ScopeID], to device: DeviceID) async throws(EdgeError) {
        _ = try await desk.assign(scopes, to: device)
    }

    func scopes() async throws(EdgeError) -> [SyncCore.FleetScope] {
        try await desk.scopes().map { SyncCore.FleetScope($0) }
    }

    func createScope(named name: String) async throws(EdgeError) -> SyncCore.FleetScope {
        SyncCore.FleetScope(try await desk.createScope(named: name))
    }

    func rename(_ scope: ScopeID, to name: String) async throws(EdgeError) {
        _ = try await desk.rename(scope, to: name)
    }

    func erase(tenant: UUID, user: String) async throws(EdgeError) -> FleetErasure {
        FleetErasure(try await desk.eraseSubject(tenant: ClientID(rawValue: tenant), user: user))
    }

    func erasures() async throws(EdgeError) -> [FleetErasure] {
        try await desk.erasures(limit: 10_000).map { FleetErasure($0) }
    }

    /// Who signs the certificates of devices, in DER; made where there is nobody yet.
    func authorities() async throws(EdgeError) -> [[UInt8]] { try await desk.authorities() }

    /// What was announced last as verifying central.
    func announcedRoots() async throws(EdgeError) -> FleetRoots? { try await desk.announcedRoots() }

    /// Announces what verifies central from now on.
    func announce(roots pem: String) async throws(EdgeError) -> FleetRoots { try await desk.announce(roots: pem) }

    /// What devices go by besides their own files.
    func configurations() async throws(EdgeError) -> FleetConfigurations { try await desk.configurations() }

    func setConfiguration(
        _ toml: String, for target: ConfigurationTarget, first: Set<DeviceID>?
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        try await desk.setConfiguration(toml, for: target, first: first)
    }

    func promoteConfiguration(
        of target: ConfigurationTarget, always: Bool
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        try await desk.promoteConfiguration(of: target, always: always)
    }

    func withdrawConfiguration(
        of target: ConfigurationTarget, stagedOnly: Bool
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        try await desk.withdrawConfiguration(of: target, stagedOnly: stagedOnly)
    }

    func rollBackConfiguration(of target: ConfigurationTarget) async throws(EdgeError) -> ConfigurationRule.Entry {
        try await desk.rollBackConfiguration(of: target)
    }

    func problems(inConfiguration toml: String) -> [String] {
        FleetLayer.problems([.init(name: "configuration", toml: toml)], over: nil, alone: true)
    }

    func shown(configuration toml: String) -> String { Self.redaction.text(toml) }

    func figures() async throws(EdgeError) -> FleetFigures {
        let counts = try await desk.counts()
        var devices: [DeviceStanding: Int] = [:]
        for (standing, count) in counts.devices {
            if let standing = DeviceStanding(rawValue: standing) { devices[standing] = count }
        }
        return FleetFigures(
            devices: devices, people: counts.people, records: counts.records, refused: counts.refused,
            lost: counts.lost, openErasures: counts.openErasures)
    }
}

extension SyncCore.FleetDevice {
    fileprivate init(_ device: Central.FleetDevice) {
        self.init(
            id: device.id, name: device.name, standing: DeviceStanding(device.standing),
            client: device.client?.rawValue, model: device.model, software: device.software,
            joinedAt: device.joinedAt)
        reason = device.reason
        scopes = device.scopes
        seenAt = device.lastSeen
        clockAhead = device.clockAhead
        lanes = device.lanes
        owedErasures = device.unprovenErasures
        owesSince = device.oldestUnprovenErasure
    }
}

extension DeviceStanding {
    fileprivate init(_ standing: SubjectRule.Standing) {
        switch standing {
        case .active: self = .active
        case .quarantined: self = .quarantined
        case .revoked: self = .revoked
        }
    }
}

extension SyncCore.FleetScope {
    fileprivate init(_ scope: Central.FleetScope) {
        self.init(id: scope.id, name: scope.name, people: scope.people, devices: scope.devices)
    }
}

extension FleetErasure {
    fileprivate init(_ progress: ErasureProgress) {
        self.init(
            subject: progress.subject, orderedAt: progress.orderedAt, proven: progress.proven,
            outstanding: progress.outstanding, revoked: progress.revoked)
    }
}
