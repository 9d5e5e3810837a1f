/// What a new client is to be.
public struct ClientDraft: Sendable, Equatable {
    /// A name for people, unlike every other client's, 1 to 200 characters.
    public var name: String
    /// What its credentials are for.
    public var scope = ClientScope.integrator
    /// Whether it may use the device at once.
    public var status = ClientStatus.active
    /// What it has ordered.
    public var tier = ClientTier.enterprise
    /// What it may do; `nil` for what its tier may.
    public var features: ClientFeatures?
    /// How often it may ask.
    public var rateLimit = RateLimit.standard
    /// What people know about it.
    public var profile = ClientProfile()

    /// An integrator with everything that a device offers.
    public init(name: String) { self.name = name }
}

/// A new client with its secrets, which are shown once and which nobody can read again.
public struct ClientCredentials: Sendable {
    /// The client.
    public let client: ClientRecord
    /// `frapi_` and 43 url-safe characters.
    public let apiKey: Redacted<String>
    /// 86 url-safe characters.
    public let apiSecret: Redacted<String>
    /// `whsec_` and 43 url-safe characters.
    public let webhookSecret: Redacted<String>

    /// Puts credentials together.
    public init(
        client: ClientRecord, apiKey: Redacted<String>, apiSecret: Redacted<String>, webhookSecret: Redacted<String>
    ) {
        self.client = client
        self.apiKey = apiKey
        self.apiSecret = apiSecret
        self.webhookSecret = webhookSecret
    }
}

/// A secret of a client that can be made anew.
public enum ClientSecret: String, Sendable, CaseIterable {
    /// What names the client in a header.
    case apiKey = "api_key"
    /// What tokens are given for.
    case apiSecret = "api_secret"
    /// The client's own webhook secret.
    case webhookSecret = "webhook_secret"
}

/// What a caller shows to get tokens.
public struct ClientClaim: Sendable {
    /// The client that the caller says to be.
    public enum Name: Sendable {
        /// By its key.
        case apiKey(String)
        /// By our id.
        case id(ClientID)
    }
    /// Who the caller says to be.
    public var name: Name
    /// What proves it.
    public var apiSecret: String

    /// Puts a claim together.
    public init(name: Name, apiSecret: String) {
        self.name = name
        self.apiSecret = apiSecret
    }
}

/// What came of checking a claim.
public enum CredentialCheck: Sendable, Equatable {
    /// The active client that the caller is.
    case accepted(ClientRecord)
    /// Wrong; with the client that was named, if there is one: for the audit trail, never for the caller.
    case refused(ClientID?)
}

/// How many users a client has.
public struct UserCounts: Sendable, Equatable {
    /// People of the tenant, enrolled or not.
    public var users: Int
    /// People with templates.
    public var enrolled: Int
    /// Enrolled people who may be recognised.
    public var active: Int

    /// Puts counts together.
    public init(users: Int, enrolled: Int, active: Int) {
        self.users = users
        self.enrolled = enrolled
        self.active = active
    }
}
