public import FoundationEssentials

/// `POST /api/sync/v1/provision/`: a device asks to become a member; the only call without credentials.
public struct ProvisionRequest: Sendable, Equatable, Codable {
    /// The one-use bootstrap token.
    public var token: String
    /// The device's own id, which its records have borne since its database was made.
    public var device: DeviceID
    /// For people: what the door is called.
    public var name: String
    /// The public key of the device, 32 bytes Ed25519, base64; its audit checkpoints and receipts are signed with it.
    public var publicKey: String
    /// A signature over ``statement``, base64: who has the token also has the key.
    public var proof: String
    /// The recognition model that the device matches with.
    public var model: ModelName
    /// What runs there, for example `0.4.0`.
    public var software: String

    enum CodingKeys: String, CodingKey {
        case token, device, name, proof, model, software
        case publicKey = "public_key"
    }

    /// What the proof signs.
    public static func statement(token: String, device: DeviceID, publicKey: String) -> [UInt8] {
        Array("edged provision v1\n\(device)\n\(publicKey)\n\(token)\n".utf8)
    }

    /// Puts a request together.
    public init(
        token: String, device: DeviceID, name: String, publicKey: String, proof: String, model: ModelName,
        software: String
    ) {
        self.token = token
        self.device = device
        self.name = name
        self.publicKey = publicKey
        self.proof = proof
        self.model = model
        self.software = software
    }
}

/// A recognition model: templates of two models never compare.
public struct ModelName: Sendable, Hashable, Codable {
    /// For example `sface`.
    public var id: String
    /// Its version.
    public var version: String

    /// Names a model.
    public init(id: String, version: String) {
        self.id = id
        self.version = version
    }
}

/// What a new member gets.
public struct ProvisionAnswer: Sendable, Equatable, Codable {
    /// What the device gets its tokens with at `/api/core/auth/client/`.
    public var apiKey: String
    /// The secret beside it; shown once.
    public var apiSecret: String
    /// The secret from which all members make the same pseudonyms, 32 bytes, base64; see ``SubjectPseudonym``.
    public var pseudonymKey: String
    /// The key that central signs leases with, 32 bytes Ed25519, base64.
    public var centralKey: String
    /// One life of central's database.
    public var incarnation: Incarnation
    /// What the device is called in the fleet.
    public var name: String

    enum CodingKeys: String, CodingKey {
        case incarnation, name
        case apiKey = "api_key"
        case apiSecret = "api_secret"
        case pseudonymKey = "pseudonym_key"
        case centralKey = "central_key"
    }

    /// Puts an answer together.
    public init(
        apiKey: String, apiSecret: String, pseudonymKey: String, centralKey: String, incarnation: Incarnation,
        name: String
    ) {
        self.apiKey = apiKey
        self.apiSecret = apiSecret
        self.pseudonymKey = pseudonymKey
        self.centralKey = centralKey
        self.incarnation = incarnation
        self.name = name
    }
}

/// The pseudonym of a person: equal on all members, and nobody else can tell whose it is.
public enum SubjectPseudonym {
    /// What is authenticated with HMAC-SHA256 under the fleet's key; the first 16 bytes of the code are the pseudonym.
    ///
    /// `user` is the client's own id of the person, its exact UTF-8 bytes.
    public static func message(tenant: UUID, user: String) -> [UInt8] {
        Array("edged subject v1\n".utf8) + SubjectKey(rawValue: tenant).bytes + Array(user.utf8)
    }

    /// The pseudonym of an HMAC-SHA256 code of at least 16 bytes.
    public static func key(code: [UInt8]) -> SubjectKey {
        SubjectKey(
            rawValue: UUID(
                uuid: (
                    code[0], code[1], code[2], code[3], code[4], code[5], code[6], code[7], code[8], code[9], code[10],
                    code[11], code[12], code[13], code[14], code[15]
                )))
    }
}

/// `POST /api/sync/v1/open/`: a device begins an epoch, or says again which one it is in.
public struct OpenRequest: Sendable, Equatable, Codable {
    /// The epoch and those before it.
    public var opening: EpochOpening
    /// The model that the device matches with now.
    public var model: ModelName
    /// What runs there now.
    public var software: String

    /// Puts a request together.
    public init(opening: EpochOpening, model: ModelName, software: String) {
        self.opening = opening
        self.model = model
        self.software = software
    }
}

/// The epoch is the present one.
public struct OpenAnswer: Sendable, Equatable, Codable {
    /// Whether it was already.
    public var isKnown: Bool
    /// One life of central's database.
    public var incarnation: Incarnation
    /// How far central has each lane of this epoch on disk.
    public var lanes: [LaneEnd]
    /// The model of the fleet's templates, as its first member named it: others are told apart, never compared.
    public var model: ModelName
    /// The most records of one push; ``RecordBatch/usual`` where nothing is said.
    public var batch: Int?

    enum CodingKeys: String, CodingKey {
        case incarnation, lanes, model, batch
        case isKnown = "known"
    }

    /// Puts an answer together.
    public init(isKnown: Bool, incarnation: Incarnation, lanes: [LaneEnd], model: ModelName, batch: Int? = nil) {
        self.isKnown = isKnown
        self.incarnation = incarnation
        self.lanes = lanes
        self.model = model
        self.batch = batch
    }
}

/// How far one lane is on disk.
public struct LaneEnd: Sendable, Equatable, Codable {
    /// Which.
    public var lane: Lane
    /// Every record up to this number; 0 before the first.
    public var acknowledged: UInt64
    /// The running hash after it.
    public var head: ChainHash

    /// Puts an end together.
    public init(lane: Lane, acknowledged: UInt64, head: ChainHash) {
        self.lane = lane
        self.acknowledged = acknowledged
        self.head = head
    }
}
