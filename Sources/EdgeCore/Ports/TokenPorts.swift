public import FoundationEssentials

/// Chains of refresh tokens: each begins with a log-in, and at any time one token of it is good.
///
/// `Store` provides it; the tokens' own ids are stored as keyed digests only.
public protocol TokenRepository: Sendable {
    /// Begins a family with its first refresh token and writes the audit line of the log-in.
    func beginFamily(_ family: TokenFamily, refreshID: String) async throws(EdgeError)
    /// Puts the refresh token `next` in place of `present`; of several at once exactly one wins.
    ///
    /// Throws `credentials.revoked` for a family that has ended or is not known, and for a token that was used before:
    /// then somebody has a copy, so the whole family ends, with an audit line.
    func rotate(
        _ family: TokenFamily, from present: String, to next: String
    ) async throws(EdgeError)
    /// Whether this refresh token is the one that is good now.
    func isCurrent(_ family: TokenFamilyID, refreshID: String) async throws(EdgeError) -> Bool
    /// Ends a family and writes the audit line; does nothing to one that has ended.
    func revokeFamily(_ family: TokenFamily) async throws(EdgeError)
    /// Whether a family was ended; answered from memory.
    func isRevoked(_ family: TokenFamilyID) async throws(EdgeError) -> Bool
}

/// What the tokens of one log-in have in common.
public struct TokenFamily: Sendable, Equatable {
    /// Names the family.
    public var id: TokenFamilyID
    /// Whose tokens they are; `nil` for a technician.
    public var client: ClientID?
    /// When its last token ends.
    public var expiresAt: Date

    /// Puts a family together.
    public init(id: TokenFamilyID, client: ClientID?, expiresAt: Date) {
        self.id = id
        self.client = client
        self.expiresAt = expiresAt
    }
}

/// Answers that are given again when a request comes a second time with the same `Idempotency-Key`.
///
/// `Store` provides it; they are kept sealed for 24 hours.
public protocol IdempotencyRepository: Sendable {
    /// The answer that was kept; `nil` when there is none.
    ///
    /// Throws `idempotency.erased` where it was about somebody who has been removed since.
    func keptAnswer(_ key: IdempotencyKey) async throws(EdgeError) -> KeptAnswer?
    /// Keeps an answer; the first one of a key stays.
    func keep(_ answer: KeptAnswer, for key: IdempotencyKey) async throws(EdgeError)
}

/// What names a request that may be repeated.
public struct IdempotencyKey: Sendable, Hashable {
    /// Whose request it is.
    public var client: ClientID
    /// The operation's id.
    public var operation: String
    /// The key as the client sent it.
    public var text: String

    /// Puts a key together.
    public init(client: ClientID, operation: String, text: String) {
        self.client = client
        self.operation = operation
        self.text = text
    }
}

/// An answer as it was given.
public struct KeptAnswer: Sendable, Equatable {
    /// A keyed digest of the request, 32 bytes.
    public var requestDigest: [UInt8]
    /// The user in question by the client's own id; the answer is forgotten with the person.
    public var externalUserID: String?
    /// The HTTP status.
    public var status: Int
    /// The content type; `nil` without a body.
    public var contentType: String?
    /// The body.
    public var body: [UInt8]

    /// Puts an answer together.
    public init(requestDigest: [UInt8], externalUserID: String?, status: Int, contentType: String?, body: [UInt8]) {
        self.requestDigest = requestDigest
        self.externalUserID = externalUserID
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
