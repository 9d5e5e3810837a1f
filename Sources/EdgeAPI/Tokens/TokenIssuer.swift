import EdgeCore
import FoundationEssentials
import JWTKit

/// What a token may be used for.
enum TokenUse: String, Codable, Sendable {
    /// Calling the API.
    case access
    /// Asking for a new access token, and nothing else.
    case refresh
}

/// A token as issued.
struct IssuedToken: Sendable {
    let text: String
    let expiresAt: Date
}

/// Makes and checks the API's tokens: JWS compact, HS256, nothing else.
struct TokenIssuer: Sendable {
    /// Who a token speaks for.
    struct Claims: Sendable, Equatable {
        let client: ClientID
        let publicID: String
        let use: TokenUse
        let id: String
    }

    private let keys: JWTKeyCollection
    private let issuer: String
    private let clock: any EdgeClock
    private let secrets: any SecretKeeper

    /// Derives the key; tokens live on over a restart.
    init(issuer: String, secrets: any SecretKeeper, clock: any EdgeClock) async throws(EdgeError) {
        self.issuer = issuer
        self.clock = clock
        self.secrets = secrets
        let key = try secrets.derivedKey("jwt")
        keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Data(key.reveal())), digestAlgorithm: .sha256)
    }

    /// Makes a token for `client`.
    func issue(
        _ use: TokenUse, for client: ClientRecord, lifetime: Duration
    ) async throws(EdgeError) -> IssuedToken {
        let now = clock.wall
        let seconds = now.timeIntervalSince1970.rounded(.down)
        let expiry = seconds + Double(lifetime.components.seconds)
        let payload = Payload(
            iss: issuer, aud: Self.audience, sub: client.id.description, client_id: client.publicID, typ: use,
            iat: Int(seconds), exp: Int(expiry), jti: try secrets.randomText(bytes: 16))
        do {
            return IssuedToken(text: try await keys.sign(payload), expiresAt: Date(timeIntervalSince1970: expiry))
        } catch {
            throw EdgeError(.internalFault, "A token could not be signed.")
        }
    }

    /// Checks form, header, signature, issuer, audience, use and time, in this order.
    ///
    /// Throws `credentials.invalid`, `credentials.expired`.
    func verify(_ token: String, use: TokenUse) async throws(EdgeError) -> Claims {
        guard TokenForm.isExact(token) else { throw Self.invalid }
        let payload: Payload
        do {
            payload = try await keys.verify(token, as: Payload.self)
        } catch {
            throw Self.invalid
        }
        guard payload.iss == issuer, payload.aud == Self.audience, payload.typ == use,
            let client = ClientID(payload.sub)
        else { throw Self.invalid }
        let now = Int(clock.wall.timeIntervalSince1970)
        guard now < payload.exp else { throw EdgeError(.credentialsExpired) }
        // A minute of grace: the wall clock may have been set back since.
        guard payload.iat <= now + 60 else { throw Self.invalid }
        return Claims(client: client, publicID: payload.client_id, use: use, id: payload.jti)
    }

    private static let audience = "edged-api"
    private static let invalid = EdgeError(.credentialsInvalid, "The token is not valid.")

    /// The claims as they stand in the token.
    private struct Payload: JWTPayload {
        let iss: String
        let aud: String
        let sub: String
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let client_id: String
        let typ: TokenUse
        let iat: Int
        let exp: Int
        let jti: String

        /// Nothing here: the issuer checks with its own clock.
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
