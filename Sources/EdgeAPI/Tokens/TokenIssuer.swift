import EdgeCore
import FoundationEssentials
import JWTKit

/// What a token may be used for.
enum TokenUse: String, Codable, Sendable, CaseIterable {
    /// Calling the API.
    case access
    /// Asking for the next pair of tokens, once, and nothing else.
    case refresh
}

/// A token as issued.
struct IssuedToken: Sendable {
    let text: String
    /// The token's own id.
    let id: String
    let expiresAt: Date
}

/// Makes and checks the API's tokens: JWS compact, HS256, nothing else.
///
/// Issuer and audience name this device, and the key is its own: another device's tokens are noise here.
struct TokenIssuer: Sendable {
    /// Who holds a token.
    enum Holder: Sendable, Equatable {
        case client(ClientID, publicID: String)
        /// Somebody who was on the device itself.
        case technician
    }

    /// What a token says.
    struct Claims: Sendable, Equatable {
        let holder: Holder
        let use: TokenUse
        let scope: ClientScope
        /// Of the client at the time; tokens of an earlier epoch have ended.
        let epoch: Int
        /// All tokens that came of one log-in.
        let family: TokenFamilyID
        let id: String
        let expiresAt: Date

        var client: ClientID? { if case .client(let id, _) = holder { id } else { nil } }
    }

    private let keys: JWTKeyCollection
    private let issuer: String
    private let audience: String
    private let clock: any EdgeClock
    private let secrets: any SecretKeeper

    /// Derives the key; tokens live on over a restart.
    init(issuer: String, secrets: any SecretKeeper, clock: any EdgeClock) async throws(EdgeError) {
        self.issuer = issuer
        audience = issuer + "/api"
        self.clock = clock
        self.secrets = secrets
        let key = try secrets.derivedKey("jwt")
        keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Data(key.reveal())), digestAlgorithm: .sha256)
    }

    /// Makes a token for `client`.
    func issue(
        _ use: TokenUse, for client: ClientRecord, family: TokenFamilyID = TokenFamilyID(), lifetime: Duration
    ) async throws(EdgeError) -> IssuedToken {
        try await sign(
            lifetime: lifetime, use: use, subject: client.id.description, publicID: client.publicID,
            scope: client.scope, epoch: client.tokenEpoch, family: family)
    }

    /// Makes a token that reads how the device is, for whoever is on the device itself.
    func issueTechnician(lifetime: Duration) async throws(EdgeError) -> IssuedToken {
        try await sign(
            lifetime: lifetime, use: .access, subject: Self.technician, publicID: Self.technician, scope: .technician,
            epoch: 0, family: TokenFamilyID())
    }

    /// Checks form, header, signature, issuer, audience, use and time, in this order.
    ///
    /// Throws `credentials.invalid`, `credentials.expired`.
    func verify(_ token: String, use: TokenUse) async throws(EdgeError) -> Claims {
        let claims = try await read(token)
        guard claims.use == use else { throw Self.invalid }
        guard clock.wall < claims.expiresAt else { throw EdgeError(.credentialsExpired) }
        return claims
    }

    /// What a token of ours says, whatever its use and however old it is.
    ///
    /// Throws `credentials.invalid`.
    func read(_ token: String) async throws(EdgeError) -> Claims {
        guard TokenForm.isExact(token) else { throw Self.invalid }
        let payload: Payload
        do {
            payload = try await keys.verify(token, as: Payload.self)
        } catch {
            throw Self.invalid
        }
        // A minute of grace: the wall clock may have been set back since.
        guard payload.iss == issuer, payload.aud == audience, payload.iat <= Int(clock.wall.timeIntervalSince1970) + 60,
            let family = TokenFamilyID(payload.fam), let holder = payload.holder
        else { throw Self.invalid }
        return Claims(
            holder: holder, use: payload.typ, scope: payload.scope, epoch: payload.epoch, family: family,
            id: payload.jti, expiresAt: Date(timeIntervalSince1970: Double(payload.exp)))
    }

    private func sign(
        lifetime: Duration, use: TokenUse, subject: String, publicID: String, scope: ClientScope, epoch: Int,
        family: TokenFamilyID
    ) async throws(EdgeError) -> IssuedToken {
        let seconds = clock.wall.timeIntervalSince1970.rounded(.down)
        let expiry = seconds + Double(lifetime.components.seconds)
        let payload = Payload(
            iss: issuer, aud: audience, sub: subject, client_id: publicID, typ: use, scope: scope, epoch: epoch,
            fam: family.description, iat: Int(seconds), exp: Int(expiry), jti: try secrets.randomText(bytes: 16))
        do {
            return IssuedToken(
                text: try await keys.sign(payload), id: payload.jti, expiresAt: Date(timeIntervalSince1970: expiry))
        } catch {
            throw EdgeError(.internalFault, "A token could not be signed.")
        }
    }

    private static let technician = "technician"
    private static let invalid = EdgeError(.credentialsInvalid, "Invalid JWT token")

    /// The claims as they stand in the token.
    private struct Payload: JWTPayload {
        let iss: String
        let aud: String
        let sub: String
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let client_id: String
        let typ: TokenUse
        let scope: ClientScope
        let epoch: Int
        let fam: String
        let iat: Int
        let exp: Int
        let jti: String

        var holder: Holder? {
            if sub == TokenIssuer.technician {
                return scope == .technician && typ == .access ? .technician : nil
            }
            return ClientID(sub).map { .client($0, publicID: client_id) }
        }

        /// Nothing here: the issuer checks with its own clock.
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
