public import FoundationEssentials

/// What a client's credentials are for; each API operation names the scopes that may call it.
public enum ClientScope: String, Sendable, Codable, CaseIterable {
    /// A kiosk: enrolls and authenticates, sees its own sessions.
    case kiosk
    /// A door controller: authenticates, sees its own sessions.
    case door
    /// A technician: reads how the device is, and nothing about people.
    case technician
    /// A backend: everything of its own tenant.
    case integrator
    /// An administrator: everything of its own tenant, and the clients of the device.
    case admin
    /// A member of the fleet: syncs, and nothing else.
    case device
}

/// Whether a client may use the device.
public enum ClientStatus: String, Sendable, Codable, CaseIterable {
    case active, suspended, inactive, trial
    /// Whether the client's credentials are taken.
    public var mayAuthenticate: Bool { self == .active || self == .trial }
}

/// What a client has ordered; it sets the features where they are not said.
public enum ClientTier: String, Sendable, Codable, CaseIterable {
    case basic, premium, enterprise
}

/// What a client may do, enforced by the device.
public struct ClientFeatures: Sendable, Equatable, Codable {
    /// May open enrollments.
    public var enrollment: Bool
    /// May open verifications and identifications.
    public var recognition: Bool
    /// Reported for clients that ask; what life must be shown is the deployment's decision alone.
    public var livenessDetection: Bool
    /// Reported likewise.
    public var antiSpoofing: Bool
    /// Reported likewise.
    public var batchProcessing: Bool
    /// May read the analytics.
    public var analytics: Bool
    /// Events that may be delivered to the client's webhooks.
    public var webhookEvents: [String]
    /// The most users.
    public var maximumUsers: Int
    /// The most templates of one user.
    public var maximumTemplatesPerUser: Int

    /// Puts features together.
    public init(
        enrollment: Bool, recognition: Bool, livenessDetection: Bool, antiSpoofing: Bool, batchProcessing: Bool,
        analytics: Bool, webhookEvents: [String], maximumUsers: Int, maximumTemplatesPerUser: Int
    ) {
        self.enrollment = enrollment
        self.recognition = recognition
        self.livenessDetection = livenessDetection
        self.antiSpoofing = antiSpoofing
        self.batchProcessing = batchProcessing
        self.analytics = analytics
        self.webhookEvents = webhookEvents
        self.maximumUsers = maximumUsers
        self.maximumTemplatesPerUser = maximumTemplatesPerUser
    }
}

/// How many requests a client may send.
public struct RateLimit: Sendable, Equatable, Codable {
    /// In any clock hour.
    public var perHour: Int
    /// In any UTC day.
    public var perDay: Int
    /// A hundred requests a second, which is what a device of two cores can serve.
    public static let standard = RateLimit(perHour: 360_000, perDay: 8_640_000)

    /// Sets both.
    public init(perHour: Int, perDay: Int) {
        self.perHour = perHour
        self.perDay = perDay
    }
}

/// What people know about a client; stored sealed.
public struct ClientProfile: Sendable, Equatable, Codable {
    /// A sentence about it.
    public var about = ""
    /// Its home on the web.
    public var domain: String?
    /// Hosts whose pages may call the API from a browser.
    public var allowedDomains: [String] = []
    /// Where the client wants to be told; informative, deliveries go to webhook endpoints.
    public var webhookURL: String?
    /// Whom to write to.
    public var contactEmail: String?
    /// Whom to ask for.
    public var contactName: String?
    /// The client's own facts as JSON text.
    public var metadataJSON = "{}"

    /// Nothing known yet.
    public init() {}
}

/// An API client as stored; the secrets themselves are never stored.
public struct ClientRecord: Sendable, Equatable {
    /// Our id, the tenant.
    public var id: ClientID
    /// The public name of the client in the API, `FR_` and 16 upper-case hexadecimal digits.
    public var publicID: String
    /// A name for people.
    public var name: String
    /// What its credentials are for.
    public var scope: ClientScope
    /// Whether it may use the device.
    public var status: ClientStatus
    /// What it has ordered.
    public var tier: ClientTier
    /// What it may do.
    public var features: ClientFeatures
    /// How often it may ask.
    public var rateLimit: RateLimit
    /// What people know about it.
    public var profile: ClientProfile
    /// Whether a webhook secret was made for the client itself; clients of the first version have none.
    public var hasWebhookSecret: Bool
    /// Counts up when all tokens issued so far shall end.
    public var tokenEpoch: Int
    /// When it was made.
    public var createdAt: Date
    /// When it was last changed.
    public var updatedAt: Date
    /// When its credentials were last used, as far as recorded.
    public var lastActivityAt: Date?

    /// Whether it may authenticate.
    public var isActive: Bool { status.mayAuthenticate }
    /// Hosts whose pages may call the API from a browser.
    public var allowedDomains: [String] { profile.allowedDomains }

    /// A client with the standard rights of its tier.
    public init(
        id: ClientID, publicID: String, name: String, scope: ClientScope = .integrator,
        status: ClientStatus = .active, tier: ClientTier = .enterprise, createdAt: Date
    ) {
        self.id = id
        self.publicID = publicID
        self.name = name
        self.scope = scope
        self.status = status
        self.tier = tier
        features = tier.features
        rateLimit = .standard
        profile = ClientProfile()
        hasWebhookSecret = false
        tokenEpoch = 0
        self.createdAt = createdAt
        updatedAt = createdAt
    }

    /// A client that is active or not.
    public init(id: ClientID, publicID: String, name: String, isActive: Bool, createdAt: Date) {
        self.init(id: id, publicID: publicID, name: name, status: isActive ? .active : .inactive, createdAt: createdAt)
    }
}

extension ClientTier {
    /// What a client of this tier may do unless it is said otherwise.
    ///
    /// Numbers as in the reference API; the events are those that are really emitted.
    public var features: ClientFeatures {
        switch self {
        case .basic:
            ClientFeatures(
                enrollment: true, recognition: true, livenessDetection: false, antiSpoofing: false,
                batchProcessing: false, analytics: false,
                webhookEvents: ["enrollment.completed", "authentication.success", "authentication.failed"],
                maximumUsers: 1000, maximumTemplatesPerUser: 5)
        case .premium:
            ClientFeatures(
                enrollment: true, recognition: true, livenessDetection: true, antiSpoofing: false,
                batchProcessing: false, analytics: true,
                webhookEvents: ["enrollment.completed", "authentication.success", "authentication.failed"],
                maximumUsers: 10_000, maximumTemplatesPerUser: 5)
        case .enterprise:
            ClientFeatures(
                enrollment: true, recognition: true, livenessDetection: true, antiSpoofing: true,
                batchProcessing: true, analytics: true, webhookEvents: ["*"],
                maximumUsers: 100_000, maximumTemplatesPerUser: 10)
        }
    }
}
