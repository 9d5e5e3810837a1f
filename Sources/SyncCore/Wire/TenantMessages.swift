public import FoundationEssentials

/// A tenant's client as it travels between the place where it is kept and the doors where its credentials are good.
///
/// Neither key nor secret is among it, nor anything that could be sent in their place: see ``ClientVerifier``.
public struct FleetClient: Sendable, Equatable, Codable {
    /// Counts up with each change; microseconds since 1970 where the clock was right.
    public var version: Int64
    /// The client's public name in the API.
    public var publicID: String
    /// For people.
    public var name: String
    /// `kiosk`, `door` or `integrator`: no other right travels.
    public var scope: String
    /// `active`, `trial`, `suspended`, `inactive`.
    public var status: String
    /// What it has ordered.
    public var tier: String
    /// What it may do, JSON.
    public var features: String
    /// How many requests it may send in any clock hour.
    public var perHour: Int
    /// In any UTC day.
    public var perDay: Int
    /// When it was made, microseconds since 1970.
    public var createdAt: Int64
    /// What the API key is checked against, 64 hexadecimal digits.
    public var keyVerifier: String
    /// What the API secret is checked against, 64 hexadecimal digits.
    public var secretVerifier: String

    enum CodingKeys: String, CodingKey {
        case version, name, scope, status, tier, features
        case publicID = "public_id"
        case perHour = "rate_per_hour"
        case perDay = "rate_per_day"
        case createdAt = "created_at"
        case keyVerifier = "key_verifier"
        case secretVerifier = "secret_verifier"
    }

    /// Puts a client together.
    public init(
        version: Int64, publicID: String, name: String, scope: String, status: String, tier: String,
        features: String, perHour: Int, perDay: Int, createdAt: Int64, keyVerifier: String, secretVerifier: String
    ) {
        self.version = version
        self.publicID = publicID
        self.name = name
        self.scope = scope
        self.status = status
        self.tier = tier
        self.features = features
        self.perHour = perHour
        self.perDay = perDay
        self.createdAt = createdAt
        self.keyVerifier = keyVerifier
        self.secretVerifier = secretVerifier
    }

    /// The scopes that travel: who administers a device or looks after it does so at that device alone.
    public static let travellingScopes: Set<String> = ["kiosk", "door", "integrator"]

    /// Versions above this are nobody's: what follows them could not be counted any more.
    public static let largestVersion: Int64 = 1 << 53

    /// Whether it is whole, and asks for no right that does not travel.
    public var isSound: Bool {
        Self.travellingScopes.contains(scope) && (1...Self.largestVersion).contains(version)
            && [keyVerifier, secretVerifier].allSatisfy { ChainHash(text: $0) != nil }
            && name.unicodeScalars.count <= 200 && features.utf8.count <= 16_384 && publicID.utf8.count <= 100
    }
}

/// What travels of a client's key and secret: SHA-256 of the secret behind a head that names what it is for.
///
/// A key has 256 random bits and a secret 512, so nobody finds one by trying; and nobody is let in who shows the verifier,
/// since each device makes it of what it was shown. Each device keeps it under its own digest key.
public enum ClientVerifier {
    /// What is hashed; `purpose` is `api_key` or `api_secret`.
    public static func message(purpose: String, secret: String) -> [UInt8] {
        Array("edged client \(purpose) v1\n\(secret)".utf8)
    }
}

/// Which clients a device was told of, in which version: equal digests mean equal clients.
public enum TenantDigest {
    /// What is hashed for the digest.
    public static func message(_ clients: [(id: UUID, version: Int64, isRemoved: Bool)]) -> [UInt8] {
        let lines = clients.map { "\($0.id.uuidString.lowercased()) \($0.version) \($0.isRemoved ? "-" : "+")\n" }
        return Array("edged clients v1\n\(lines.sorted().joined())".utf8)
    }
}
