public import FoundationEssentials

/// The central instance as its API and its operators see it, beside what its members ask for.
///
/// `Central` provides it. What is changed is on disk when a method answers; who changed it is for the caller to write down.
public protocol FleetAdministration<Failure>: CentralDesk {
    /// How what an operator asks for fails.
    associatedtype Failure: Error

    /// Takes a device in: its token and its proof are good.
    ///
    /// The same device with the same key may say it again until it has spoken as a member: a lost answer strands nobody.
    func provision(_ request: ProvisionRequest) async throws(SyncRefusal) -> FleetGrant
    /// From now on the client's credentials are the device's.
    func bind(_ device: DeviceID, client: UUID) async throws(Failure)
    /// Which device has these credentials; `nil` for a client that is none.
    func device(of client: UUID) async throws(Failure) -> DeviceID?
    /// The same, for one that shows this certificate in DER, or none.
    ///
    /// Throws ``SyncRefusal/deviceUnknown`` for a client that is none, ``SyncRefusal/certificateNeeded`` and
    /// ``SyncRefusal/certificateRefused(_:)``.
    func admit(_ client: UUID, showing certificate: [UInt8]?) async throws(SyncRefusal) -> DeviceID

    /// Makes a bootstrap token, which is shown once.
    func makeToken(_ order: TokenOrder) async throws(Failure) -> BootstrapToken
    /// All devices that ever were members, in the order in which they joined.
    func devices() async throws(Failure) -> [FleetDevice]
    /// One of them.
    func device(_ id: DeviceID) async throws(Failure) -> FleetDevice?
    /// Takes a device out of the fleet: it loses what it holds of others.
    func revoke(_ device: DeviceID) async throws(Failure)
    /// Lets a quarantined device in again; it begins a new epoch.
    func release(_ device: DeviceID) async throws(Failure)
    /// From now on the device gets the people of these scopes, of which there is one at least, and of no others.
    ///
    /// The first one takes the people whom the device enrolls.
    func assign(_ scopes: [ScopeID], to device: DeviceID) async throws(Failure)
    /// All scopes, the oldest first.
    func scopes() async throws(Failure) -> [FleetScope]
    /// Makes a scope; its name must be free.
    func createScope(named name: String) async throws(Failure) -> FleetScope
    /// Gives a scope another name.
    func rename(_ scope: ScopeID, to name: String) async throws(Failure)
    /// Erases a person of a tenant everywhere: all enrollments made so far are dead from now on.
    func erase(tenant: UUID, user: String) async throws(Failure) -> FleetErasure
    /// All erasures that are kept, the newest first.
    func erasures() async throws(Failure) -> [FleetErasure]
    /// What has come in and is there.
    func figures() async throws(Failure) -> FleetFigures

    /// What devices go by besides their own files, and how they stand with it.
    func configurations() async throws(Failure) -> FleetConfigurations
    /// What speaks against a text, one line each with its place; nothing where a device could go by it.
    func problems(inConfiguration toml: String) -> [String]
    /// A text as it is shown: without what looks like a secret.
    func shown(configuration toml: String) -> String
    /// Sets what a target's devices go by, with `first` these alone; whether it is good is for the caller to ask before.
    func setConfiguration(
        _ toml: String, for target: ConfigurationTarget, first: Set<DeviceID>?
    ) async throws(Failure) -> ConfigurationRule.Entry
    /// Gives all devices of a target what some of them got first; unless `always` only once it is in force there.
    func promoteConfiguration(
        of target: ConfigurationTarget, always: Bool
    ) async throws(Failure) -> ConfigurationRule.Entry
    /// Takes away what is set for a target, or only what some devices got first.
    func withdrawConfiguration(
        of target: ConfigurationTarget, stagedOnly: Bool
    ) async throws(Failure) -> ConfigurationRule.Entry
    /// Gives all devices of a target again what they went by before the last change.
    func rollBackConfiguration(of target: ConfigurationTarget) async throws(Failure) -> ConfigurationRule.Entry
}

/// What a new member is told, but for its credentials.
public struct FleetGrant: Sendable, Equatable {
    /// Who came in.
    public var device: DeviceID
    /// What it is called in the fleet.
    public var name: String
    /// The client whose credentials it got the last time; `nil` the first time.
    public var client: UUID?
    /// The secret from which all members make the same pseudonyms, 32 bytes, base64.
    public var pseudonymKey: String
    /// The key that central signs leases with, 32 bytes Ed25519, base64.
    public var centralKey: String
    /// One life of central's database.
    public var incarnation: Incarnation

    /// Puts a grant together.
    public init(
        device: DeviceID, name: String, client: UUID?, pseudonymKey: String, centralKey: String,
        incarnation: Incarnation
    ) {
        self.device = device
        self.name = name
        self.client = client
        self.pseudonymKey = pseudonymKey
        self.centralKey = centralKey
        self.incarnation = incarnation
    }
}

/// What a bootstrap token shall be good for.
public struct TokenOrder: Sendable, Equatable {
    /// The scopes that the device will have, its home first; none for the oldest scope there is.
    public var scopes: [ScopeID]
    /// What the device will be called; `nil` for what it calls itself.
    public var name: String?
    /// How long the token is good.
    public var life: Duration

    /// A day, unless said otherwise.
    public init(scopes: [ScopeID] = [], name: String? = nil, life: Duration = .seconds(86_400)) {
        self.scopes = scopes
        self.name = name
        self.life = life
    }
}

/// A bootstrap token; its text is kept nowhere.
public struct BootstrapToken: Sendable, Equatable {
    /// At least 128 random bits as text that fits into an address.
    public var text: String
    /// When it ends.
    public var expiresAt: Date

    /// Names a token.
    public init(text: String, expiresAt: Date) {
        self.text = text
        self.expiresAt = expiresAt
    }
}
