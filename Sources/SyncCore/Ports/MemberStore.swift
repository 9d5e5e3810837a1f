/// What a device keeps of its membership in a fleet and of the people that central told of.
///
/// `Store` provides it, all of it in the one file: what is applied and how far it was applied are one transaction.
public protocol MemberStore<Failure>: EventOutbox {
    /// The membership; `nil` for a device that belongs to no fleet.
    func membership() async throws(Failure) -> Membership?
    /// Joins a fleet: keeps the credentials sealed and has everybody who is enrolled told to central.
    func join(_ membership: Membership) async throws(Failure)
    /// From now on these certificates, PEM, verify central; `serial` is that of the announcement which says so.
    func keepRoots(_ roots: String, serial: UInt64) async throws(Failure)
    /// Leaves the fleet. Where `isRevoked`, everybody whom central told of goes, and nobody else.
    func leave(isRevoked: Bool) async throws(Failure)
    /// The epoch as central is told of it.
    func epochOpening() async throws(Failure) -> EpochOpening
    /// Central does not believe this epoch any more: a new one begins for this reason.
    func beginEpoch(_ reason: EpochReason) async throws(Failure)
    /// How far each scope was applied, of which life of central, and which scopes are to be sent anew.
    func pullPlaces() async throws(Failure) -> PullPlaces
    /// Applies an answer in one transaction and then lets the gallery follow.
    func apply(_ answer: PullAnswer, lease: FleetLease) async throws(Failure) -> PullOutcome
    /// Notes what central said of a push: acknowledged, settled, refused. Throws as `acknowledge(_:through:head:)` does.
    func settle(_ answer: PushAnswer, of lane: Lane) async throws(Failure)
    /// How old the last word of central is, and what may be done; `nil` for a device without a lease.
    func lease() async throws(Failure) -> LeaseStanding?
    /// Tells that records were put into lanes; nobody waits for a reader, and several are told once.
    ///
    /// For one reader at a time.
    var laneWakeUps: AsyncStream<Void> { get }
    /// The newest signed checkpoint of the audit trail, for central to sign as well.
    func newestCheckpoint() async throws(Failure) -> String?
}

/// How far a device has applied what central told.
public struct PullPlaces: Sendable, Equatable {
    /// The life of central that the cursors are of; `nil` before the first answer.
    public var incarnation: Incarnation?
    /// How far each scope was applied.
    public var cursors: [PullRequest.Place]
    /// Scopes that were found to differ from central, or to lack somebody.
    public var mistrusted: [ScopeID]
    /// Which clients were applied; empty before the first.
    public var tenants: String

    /// Describes the places.
    public init(
        incarnation: Incarnation? = nil, cursors: [PullRequest.Place] = [], mistrusted: [ScopeID] = [],
        tenants: String = ""
    ) {
        self.incarnation = incarnation
        self.cursors = cursors
        self.mistrusted = mistrusted
        self.tenants = tenants
    }
}

/// What became of an answer.
public struct PullOutcome: Sendable, Equatable {
    /// How many entries were taken.
    public var entries = 0
    /// Scopes that are to be sent anew.
    public var mistrusted: [ScopeID] = []
    /// People who are known and have no template of the model that the device matches with.
    public var withoutModel = 0
    /// People whom central told in a form that cannot be read here.
    public var unreadable = 0

    /// Nothing yet.
    public init() {}
}

/// A device's membership.
public struct Membership: Sendable, Equatable {
    /// Where central is.
    public var url: String
    /// The device's own id.
    public var device: DeviceID
    /// What central answered.
    public var grant: ProvisionAnswer
    /// Certificates, PEM, that alone are trusted for central; `nil` for the system's.
    public var pinnedRoots: String?
    /// The ``FleetRoots/serial`` of the announcement that they are of; 0 for those that the device was provisioned with.
    public var rootsSerial: UInt64 = 0

    /// Puts a membership together.
    public init(url: String, device: DeviceID, grant: ProvisionAnswer, pinnedRoots: String?) {
        self.url = url
        self.device = device
        self.grant = grant
        self.pinnedRoots = pinnedRoots
    }
}

/// How old the last word of central is.
public struct LeaseStanding: Sendable, Equatable {
    /// Its age.
    public var age: Duration
    /// What may be done at this age.
    public var tier: LeaseTier

    /// Describes a standing.
    public init(age: Duration, tier: LeaseTier) {
        self.age = age
        self.tier = tier
    }
}
