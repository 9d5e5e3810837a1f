public import EdgeCore
public import FoundationEssentials
public import SyncCore

/// The keys that central works with: a vault of its own, so that an exchange of the store's keys never touches it.
public struct FleetKeys: Sendable {
    let sealer: any Sealer
    let signer: any Signer
    let secrets: any SecretKeeper
    let rotation: any KeyRotation
    let certificates: any CertificateWorks

    /// Takes all of them from one vault.
    public init(_ vault: some Sealer & Signer & SecretKeeper & KeyRotation & CertificateWorks) {
        sealer = vault
        signer = vault
        secrets = vault
        rotation = vault
        certificates = vault
    }
}

/// What an operator may set.
public struct FleetOptions: Sendable {
    /// How long a device may go on alone.
    public var lease: LeasePolicy
    /// The most entries of one scope in one answer, at most 500.
    public var pageLimit: Int
    /// The most transactions that share one sync of the disk.
    public var groupLimit: Int
    /// For how long removals are kept for devices that are away; whoever is away for longer gets everything anew.
    public var tombstoneLife: Duration
    /// How long an event of a device waits for an instance that calls receivers.
    public var eventLife: Duration
    /// How long nobody is answered who waits for a change, at most.
    public var longestWait: Duration
    /// Whether members are asked for certificates.
    public var certificates: CertificatePolicy
    /// How long a device's certificate holds.
    public var certificateLife: Duration

    /// The usual values.
    public init(
        lease: LeasePolicy = LeasePolicy(), pageLimit: Int = 250, groupLimit: Int = 64,
        tombstoneLife: Duration = .seconds(120 * 86_400), eventLife: Duration = .seconds(30 * 86_400),
        longestWait: Duration = .seconds(60), certificates: CertificatePolicy = .off,
        certificateLife: Duration = .seconds(30 * 86_400)
    ) {
        self.lease = lease
        self.pageLimit = min(max(pageLimit, 1), PullRule.limit)
        self.groupLimit = groupLimit
        self.tombstoneLife = tombstoneLife
        self.eventLife = eventLife
        self.longestWait = longestWait
        self.certificates = certificates
        self.certificateLife = certificateLife
    }
}

/// Who knows what the tenants are called.
public protocol TenantDirectory: Sendable {
    /// What a tenant is called; `nil` for one that is not known.
    func name(of tenant: UUID) async -> String?
}

/// A scope of the fleet.
public struct FleetScope: Sendable, Equatable {
    /// Its id.
    public let id: ScopeID
    /// For people.
    public let name: String
    /// How many devices have it.
    public let devices: Int
    /// How many people are in it.
    public let people: Int
    /// The number of its newest change.
    public let newest: UInt64
}

/// A one-use token with which a device joins.
public struct BootstrapToken: Sendable, Equatable {
    /// Its id, by which it is listed and withdrawn.
    public let id: UUID
    /// The scopes that its device gets; the first one takes the people whom the device enrolls.
    public let scopes: [ScopeID]
    /// What its device will be called; `nil` when the device says so itself.
    public let name: String?
    /// When it was made.
    public let createdAt: Date
    /// Until when it is good.
    public let expiresAt: Date
    /// The device that joined with it.
    public let usedBy: DeviceID?
}

/// A device that may join; its credentials are made by whoever keeps the clients.
public struct ProvisionGrant: Sendable, Equatable {
    /// Which device.
    public let device: DeviceID
    /// What it is called in the fleet.
    public let name: String
    /// Its scopes, the home scope first.
    public let scopes: [ScopeID]
    /// The client that was made for it before, when the answer was lost or it joins again: its secret is made anew.
    public let client: ClientID?
    /// The secret from which all members make the same pseudonyms, 32 bytes, base64.
    public let pseudonymKey: Redacted<String>
    /// The key that leases are signed with, 32 bytes Ed25519, base64.
    public let centralKey: String
    /// One life of central's database.
    public let incarnation: Incarnation

    /// The answer to the device, once it has credentials.
    public func answer(apiKey: String, apiSecret: String) -> ProvisionAnswer {
        ProvisionAnswer(
            apiKey: apiKey, apiSecret: apiSecret, pseudonymKey: pseudonymKey.reveal(), centralKey: centralKey,
            incarnation: incarnation, name: name)
    }

    /// By everything but the secret's text.
    public static func == (left: ProvisionGrant, right: ProvisionGrant) -> Bool {
        (left.device, left.name, left.scopes, left.client, left.centralKey, left.incarnation)
            == (right.device, right.name, right.scopes, right.client, right.centralKey, right.incarnation)
    }
}
