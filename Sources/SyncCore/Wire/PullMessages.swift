public import FoundationEssentials

/// `POST /api/sync/v1/pull/`: what has changed in the device's scopes; waits when nothing has.
///
/// Which scopes these are is central's to say.
public struct PullRequest: Sendable, Equatable, Codable {
    /// The life of central that the cursors are of; `nil` before the first answer.
    public var incarnation: Incarnation?
    /// How far each scope was applied.
    public var cursors: [Place]
    /// Scopes whose contents differ from central's although all was applied: they are sent anew.
    public var mistrusted: [ScopeID]
    /// How long to wait for a change, milliseconds, at most 60,000; 0 for an answer at once.
    public var waitMilliseconds: Int
    /// The ``PullAnswer/tenantsDigest`` that was last applied, empty before the first; `nil` for who takes no clients.
    public var tenants: String?
    /// The ``FleetRoots/serial`` that was last taken, 0 before the first; `nil` for who pins no roots.
    public var roots: UInt64?
    /// How the device stands with the configuration of central's; `nil` for who takes none.
    public var configuration: ConfigurationReport?

    /// How far a scope was applied.
    public struct Place: Sendable, Equatable, Codable {
        /// Which.
        public var scope: ScopeID
        /// How far.
        public var cursor: ScopeCursor

        /// Names a place.
        public init(scope: ScopeID, cursor: ScopeCursor) {
            self.scope = scope
            self.cursor = cursor
        }
    }

    enum CodingKeys: String, CodingKey {
        case incarnation, cursors, mistrusted, tenants, roots, configuration
        case waitMilliseconds = "wait_ms"
    }

    /// Puts a request together.
    public init(
        incarnation: Incarnation?, cursors: [Place], mistrusted: [ScopeID] = [], waitMilliseconds: Int,
        tenants: String? = nil
    ) {
        self.incarnation = incarnation
        self.cursors = cursors
        self.mistrusted = mistrusted
        self.waitMilliseconds = waitMilliseconds
        self.tenants = tenants
    }
}

/// What has changed; applied in one transaction, removals first.
public struct PullAnswer: Sendable, Equatable, Codable {
    /// One life of central's database.
    public var incarnation: Incarnation
    /// Central's wall time, microseconds since 1970.
    public var time: Int64
    /// All scopes of the device, each once; what the device holds of another scope goes.
    public var scopes: [ScopePart]
    /// The tenants of the people in these scopes; with their clients where the device does not have all of them.
    public var tenants: [FleetTenant]
    /// Which clients these are, in which version; `nil` where the answer is not about clients.
    public var tenantsDigest: String?
    /// The lease as a signed note; see ``FleetLease``.
    public var lease: String
    /// Whether there is more: ask again at once.
    public var hasMore: Bool
    /// How long to wait before asking again where central has no place for one more who waits, milliseconds; else `nil`.
    public var retryMilliseconds: Int?
    /// Roots that the device has not taken yet, as a signed note; see ``FleetRoots``.
    public var roots: String?
    /// A configuration that the device has not heard of yet, as a signed note; see ``FleetConfiguration``.
    public var configuration: String?
    /// Whether members are asked for certificates; `nil` where not.
    public var certificates: CertificatePolicy?

    enum CodingKeys: String, CodingKey {
        case incarnation, time, scopes, tenants, lease, roots, configuration, certificates
        case hasMore = "more"
        case tenantsDigest = "tenants_digest"
        case retryMilliseconds = "retry_ms"
    }

    /// Whether it tells of anything.
    public var isEmpty: Bool { !hasMore && scopes.allSatisfy { $0.entries.isEmpty && !$0.isSnapshot } }

    /// Puts an answer together.
    public init(
        incarnation: Incarnation, time: Int64, scopes: [ScopePart], tenants: [FleetTenant], lease: String,
        hasMore: Bool
    ) {
        self.incarnation = incarnation
        self.time = time
        self.scopes = scopes
        self.tenants = tenants
        self.lease = lease
        self.hasMore = hasMore
    }
}

/// One scope's part of an answer.
public struct ScopePart: Sendable, Equatable, Codable {
    /// Which.
    public var scope: ScopeID
    /// Whether this is the beginning of the whole scope anew: whoever is in none of its pages goes.
    public var isSnapshot: Bool
    /// Removals first.
    public var entries: [WireEntry]
    /// Where the device stands once the entries are applied.
    public var next: ScopeCursor
    /// Whether nothing is left in this scope.
    public var isComplete: Bool
    /// The root of the scope's ``HashTree`` when nothing is left, 64 hexadecimal digits.
    public var root: String?

    enum CodingKeys: String, CodingKey {
        case scope, entries, next, root
        case isSnapshot = "snapshot"
        case isComplete = "complete"
    }

    /// Puts a part together.
    public init(
        scope: ScopeID, isSnapshot: Bool, entries: [WireEntry], next: ScopeCursor, isComplete: Bool, root: String?
    ) {
        self.scope = scope
        self.isSnapshot = isSnapshot
        self.entries = entries
        self.next = next
        self.isComplete = isComplete
        self.root = root
    }
}

/// A subject's newest change in a scope, with the person where they are enrolled.
public struct WireEntry: Sendable, Equatable, Codable {
    /// Whom it is about.
    public var subject: SubjectKey
    /// Its number in the scope.
    public var change: UInt64
    /// `put`, `left`, `erased`.
    public var kind: String
    /// The present enrollment, with `put`.
    public var version: SubjectVersion?
    /// Everything under a consent below this is erased, with `erased`.
    public var below: UInt64?
    /// Whose tenant the person is of, with `put`.
    public var tenant: UUID?
    /// The person, with `put`: a payload of the kind `enrollment.completed`.
    public var person: String?

    /// Puts an entry together; `person` and `tenant` go with a `put`.
    public init(_ entry: FeedEntry, tenant: UUID? = nil, person: String? = nil) {
        (subject, change) = (entry.subject, entry.change)
        switch entry.content {
        case .put(let version): (kind, self.version, self.tenant, self.person) = ("put", version, tenant, person)
        case .left: kind = "left"
        case .erased(let below): (kind, self.below) = ("erased", below)
        }
    }

    /// The entry as the rules know it; `nil` for one that is not whole.
    public var entry: FeedEntry? {
        let content: SubjectChange? =
            switch kind {
            case "put": version.map { .put($0) }
            case "left": .left
            case "erased": below.map { .erased(below: $0) }
            default: nil
            }
        return content.map { FeedEntry(subject: subject, change: change, content: $0) }
    }
}

/// A tenant whose people are in a device's scopes: the device knows the client by the same id.
public struct FleetTenant: Sendable, Equatable, Codable {
    /// The client's id at central.
    public var id: UUID
    /// What it is called.
    public var name: String
    /// The client, where it is known and the device may not have it.
    public var client: FleetClient?
    /// In which version it was removed, where it was: nobody of it is left anywhere.
    public var removed: Int64?
    /// Whether the client is kept at the device that asks.
    public var isOwn: Bool?

    enum CodingKeys: String, CodingKey {
        case id, name, client, removed
        case isOwn = "own"
    }

    /// Names a tenant.
    public init(
        id: UUID, name: String, client: FleetClient? = nil, removed: Int64? = nil, isOwn: Bool? = nil
    ) {
        self.id = id
        self.name = name
        self.client = client
        self.removed = removed
        self.isOwn = isOwn
    }
}

/// What central signs: that this device is a member, and for how long it may go on alone.
///
/// It travels as a signed note of ``text`` by the name ``signerName``, under the key of ``ProvisionAnswer/centralKey``.
public struct FleetLease: Sendable, Equatable, Codable {
    /// The member.
    public var device: DeviceID
    /// Central's wall time when it was signed, microseconds since 1970.
    public var issuedAt: Int64
    /// Counts the leases of this device: an older one is not taken again.
    public var serial: UInt64
    /// Seconds after which the status says that central is away.
    public var freshSeconds: Int64
    /// Seconds after which nobody new is enrolled.
    public var enrollingSeconds: Int64
    /// Seconds after which nobody is let in by face alone.
    public var validSeconds: Int64

    enum CodingKeys: String, CodingKey {
        case device, serial
        case issuedAt = "issued_at"
        case freshSeconds = "fresh_s"
        case enrollingSeconds = "enrolling_s"
        case validSeconds = "valid_s"
    }

    /// Puts a lease together.
    public init(device: DeviceID, issuedAt: Int64, serial: UInt64, policy: LeasePolicy) {
        self.device = device
        self.issuedAt = issuedAt
        self.serial = serial
        freshSeconds = policy.fresh.components.seconds
        enrollingSeconds = policy.enrolling.components.seconds
        validSeconds = policy.valid.components.seconds
    }

    /// The name of central's key in the note.
    public static let signerName = "edged-central"

    /// What is signed: a head and the lease as JSON, each a line.
    public var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return Self.head + String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    /// Reads what ``text`` wrote; `nil` for anything else.
    public init?(text: String) {
        guard text.hasPrefix(Self.head) else { return nil }
        let json = Data(text.dropFirst(Self.head.count).utf8)
        guard let lease = try? JSONDecoder().decode(FleetLease.self, from: json) else { return nil }
        self = lease
    }

    private static let head = "edged lease v1\n"

    /// How long the device may go on.
    public var policy: LeasePolicy {
        LeasePolicy(
            fresh: .seconds(freshSeconds), enrolling: .seconds(enrollingSeconds), valid: .seconds(validSeconds))
    }
}

/// `POST /api/sync/v1/consent/`: the consent under which an erased person may be enrolled again.
public struct ConsentRequest: Sendable, Equatable, Codable {
    /// Whom.
    public var subject: SubjectKey

    /// Asks for a subject.
    public init(subject: SubjectKey) { self.subject = subject }
}

/// The consent that counts from now on.
public struct ConsentAnswer: Sendable, Equatable, Codable {
    /// Its number.
    public var consent: UInt64

    /// Names a consent.
    public init(consent: UInt64) { self.consent = consent }
}
