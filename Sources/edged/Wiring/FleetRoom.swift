import Central
import EdgeCore
import FoundationEssentials
import Logging
import Recognition
import Store
import Sync
import SyncCore
import Vault

/// What a daemon is in its fleet.
enum FleetRole: Sendable {
    /// A device, which may be a member.
    case device
    /// The fleet's central instance, which is a member as well.
    case central
}

/// The fleet's part of the house: the device as a member, and for a central instance the fleet's own database.
struct FleetRoom: Sendable {
    let member: FleetMember<EdgeStore>
    /// The fleet's database; `nil` for a device that is no central instance.
    private let central: FleetDesk?
    private let vault: KeyVault
    private let facts: MemberFacts
    private let link: LinkOptions
    private let store: EdgeStore
    private let log: Logger

    /// Opens the database where there is one, and introduces store and sessions to the fleet.
    init(
        _ keys: HouseKeys, _ engine: RecognitionEngine, _ sessions: SessionService, role: FleetRole,
        _ configuration: DaemonConfiguration, clock: any EdgeClock, health: HealthBoard, log: Logger
    ) async throws(EdgeError) {
        self.log = log
        vault = keys.vault
        store = keys.store
        let model = engine.templateModel
        facts = MemberFacts(
            model: ModelName(id: model.id, version: model.version), software: EdgedVersion.current)
        link = configuration.linkOptions
        switch role {
        case .device: central = nil
        case .central:
            central = try await Self.openCentral(keys.store, configuration, clock: clock, health: health, log: log)
            if let device = keys.store.deviceID { central?.trust(device) }
        }
        let (central, facts, link) = (central, facts, link)
        let identity = LinkCertificateFiles(
            directory: configuration.linkDirectory, provider: configuration.sync.tlsKey)
        member = FleetMember(
            store: keys.store, facts: facts, checker: PublicProofChecker(), health: health, clock: clock, log: log,
            options: configuration.memberOptions, activity: sessions.activity,
            identity: MemberIdentity(link: identity, signer: keys.vault)
        ) { membership throws(EdgeError) in
            guard membership.isOwn else {
                return try CentralLink(
                    membership, software: facts.software, options: link, identity: identity, clock: clock)
            }
            guard let central else {
                throw EdgeError(.centralUnreachable, "The device is a member of its own fleet: run edged central.")
            }
            return central
        }
        keys.store.attach(
            FleetPorts(
                active: model, models: try InstalledModels.templates(in: configuration.modelsDirectory),
                follow: { [weak sessions] effects in
                    for effect in effects { await sessions?.follow(effect) }
                },
                consent: { [weak member] subject throws(EdgeError) in
                    guard let member else { throw EdgeError(.centralUnreachable) }
                    return try await member.consent(for: subject)
                },
                clientChanged: { [weak sessions] client, isActive in
                    if isActive {
                        await sessions?.clientActivated(client)
                    } else {
                        await sessions?.clientDeactivated(client)
                    }
                }))
        try await joinOwnFleet()
    }

    /// Whether this is a central instance.
    var isCentral: Bool { central != nil }
    /// The fleet for the API and the command line, where this is a central instance.
    var board: FleetBoard? { central.map(FleetBoard.init) }

    /// The clients for the API: what a central instance gave its members stands in the fleet's books as well.
    var clients: any ClientRepository {
        guard let central else { return store }
        return SharedMembers(store: store, desk: central)
    }

    /// Whose certificates, DER, those are asked for who come through TLS; none where nobody is asked.
    func clientAuthorities() async throws(EdgeError) -> [[UInt8]] {
        guard let central, central.certificatePolicy != .off else { return [] }
        return try await central.authorities()
    }

    /// Keeps the fleet's files in order until it is cancelled.
    func keepBooks() async throws { try await central?.run() }

    /// Hands on what devices tell of events to the store's own queue of deliveries, until it is cancelled.
    func forwardEvents() async throws { try await central?.forward(to: ForwardedDeliveries(store: store)) }

    /// Has the member try again whenever a way to central may have opened, until it is cancelled.
    func watchNetwork() async throws {
        guard let arrivals = NetworkWatch.arrivals() else {
            log.notice("the kernel does not tell when the network is back; central is tried from time to time")
            while true { try await Task.sleep(for: .seconds(86_400)) }
        }
        for await _ in arrivals {
            await member.networkUp()
            // An interface that comes and goes must not keep the member busy.
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Lets go of the fleet's file.
    func close() async { await central?.close() }

    /// Asks the central instance at an address to take this device in, and keeps what it grants.
    func join(_ order: JoinOrder) async throws(EdgeError) -> Membership {
        guard try await store.membership() == nil else { throw EdgeError(.memberExists) }
        guard let device = store.deviceID else { throw EdgeError(.storeUnavailable) }
        let membership = try await Provisioner(signer: vault, facts: facts, options: link)
            .provision(order, device: device)
        try await member.join(membership)
        return membership
    }

    /// What a central instance recognises and enrolls itself goes through the same rules as a member's.
    ///
    /// One whose database was made anew is a member of the new one. One that belongs to another fleet stays there.
    private func joinOwnFleet() async throws(EdgeError) {
        guard let central, let device = store.deviceID else { return }
        if let membership = try await store.membership() {
            let isKnown = try await central.devices().contains { $0.id == device }
            guard membership.isOwn, !isKnown else { return }
            try await store.leave(isRevoked: false)
        }
        let token = try await central.makeToken(name: "central", life: .seconds(60)).text
        let order = JoinOrder(url: "", token: token, name: "central")
        let request = try Provisioner(signer: vault, facts: facts).request(order, device: device)
        let grant: ProvisionGrant
        do throws(SyncRefusal) {
            grant = try await central.provision(request)
        } catch {
            throw EdgeError(.provisionRefused, SyncRefusalBody(error).detail)
        }
        try await store.join(
            Membership(url: "", device: device, grant: grant.answer(apiKey: "", apiSecret: ""), pinnedRoots: nil))
    }

    private static func openCentral(
        _ store: EdgeStore, _ configuration: DaemonConfiguration, clock: any EdgeClock, health: HealthBoard,
        log: Logger
    ) async throws(EdgeError) -> FleetDesk {
        let directory = configuration.central.directory
        try HouseKeys.makeDirectory(directory)
        try HouseKeys.makeDirectory(directory + "/keys")
        return try await FleetDesk.open(
            directory: directory, postgres: try configuration.postgresOptions(),
            keys: FleetKeys(try configuration.centralVault()),
            options: FleetOptions(
                lease: configuration.central.lease, eventLife: configuration.retention.webhookEvents,
                certificates: configuration.central.clientCertificates,
                certificateLife: configuration.central.certificateLife),
            tenants: ClientNames(clients: store), clock: clock, health: health, log: log)
    }
}

extension Membership {
    /// Whether the central instance is this very process.
    fileprivate var isOwn: Bool { url.isEmpty }
}

/// The central instance's own store makes the deliveries of what happens at any device.
private struct ForwardedDeliveries: EventReceiver {
    let store: EdgeStore

    func receive(_ records: [ForwardedRecord]) async throws { try await store.takeForwarded(records) }
}

/// What the tenants of a fleet are called: clients of the central instance.
private struct ClientNames: TenantDirectory {
    let clients: any ClientRepository

    func name(of tenant: UUID) async -> String? {
        // A name that cannot be read now is told the next time.
        try? await clients.client(ClientID(rawValue: tenant))?.name
    }
}

extension DaemonConfiguration {
    /// The keys of the fleet's database: another vault than the store's, so that neither exchange of keys touches the other.
    func centralVault() throws(EdgeError) -> KeyVault {
        let file = central.directory + "/keys/central.key"
        guard let credential = keys.centralCredential else { return try KeyVault.open(keyFile: file) }
        return try KeyVault.open(credential: credential, besides: file)
    }

    /// How to reach PostgreSQL; `nil` where the fleet's books are a file here.
    func postgresOptions() throws(EdgeError) -> PostgresOptions? {
        var text = central.postgres?.text.reveal()
        if let file = central.postgresFile {
            do { text = try String(contentsOf: URL(filePath: file), encoding: .utf8) } catch {
                throw EdgeError(.configurationInvalid, "central.postgres_file cannot be read: \(file)")
            }
        }
        guard let line = text?.split(whereSeparator: \.isNewline).joined(separator: " ") else { return nil }
        return PostgresOptions(connection: Redacted(line), connections: central.postgresConnections)
    }

    var linkOptions: LinkOptions {
        var options = LinkOptions()
        options.proxy = sync.proxy
        return options
    }

    /// The certificates that alone are trusted for central; `nil` for the system's.
    ///
    /// Throws `configuration.invalid`.
    func centralRoots() throws(EdgeError) -> String? {
        guard let file = sync.caFile else { return nil }
        do { return try String(contentsOf: URL(filePath: file), encoding: .utf8) } catch {
            throw EdgeError(.configurationInvalid, "sync.ca_file cannot be read: \(file)")
        }
    }

    fileprivate var memberOptions: MemberOptions {
        var options = MemberOptions()
        options.longPoll = sync.longPoll
        options.bytesPerSecond = sync.bytesPerSecond
        return options
    }
}
