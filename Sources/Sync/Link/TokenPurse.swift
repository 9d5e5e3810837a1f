import EdgeCore
import FoundationEssentials
import SyncCore

/// Keeps the token that a device has from central, and gets another one before it ends.
actor TokenPurse {
    private struct Token {
        let text: String
        let renewAt: FrameClock.Instant
    }

    /// What is asked of central at `/api/core/auth/client/`.
    private struct Claim: Encodable {
        let api_key: String
        let api_secret: String
    }

    private struct Grant: Decodable {
        let access_token: String
    }

    private let http: CentralHTTP
    private let clock: any EdgeClock
    private let key: Redacted<String>
    private let secret: Redacted<String>
    private var held: Token?

    init(_ grant: ProvisionAnswer, http: CentralHTTP, clock: any EdgeClock) {
        self.http = http
        self.clock = clock
        key = Redacted(grant.apiKey)
        secret = Redacted(grant.apiSecret)
    }

    /// A token that holds; another one than `refused`, which central did not take.
    ///
    /// Throws ``SyncRefusal/deviceUnknown`` when central does not take the secret.
    func token(insteadOf refused: String? = nil) async throws(SyncRefusal) -> String {
        if let held, held.text != refused, clock.instant < held.renewAt { return held.text }
        let claim = Claim(api_key: key.reveal(), api_secret: secret.reveal())
        let body: Data
        do { body = try JSONEncoder().encode(claim) } catch { throw .malformed("A claim cannot be written.") }
        let begun = clock.instant
        let grant: Grant = try await http.post("/api/core/auth/client/", Array(body)).answer()
        let life = TokenLife.of(grant.access_token) ?? .seconds(300)
        // Counted by this device's own time from before the question: central's clock may be another.
        held = Token(text: grant.access_token, renewAt: begun.advanced(by: life * 0.8))
        return grant.access_token
    }
}

/// For how long a token was issued.
enum TokenLife {
    private struct Claims: Decodable {
        let exp: Double
        let iat: Double
    }

    /// What the token says of itself; `nil` for one that says nothing.
    static func of(_ token: String) -> Duration? {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        guard let data = Data(base64Encoded: text), let claims = try? JSONDecoder().decode(Claims.self, from: data)
        else { return nil }
        return .seconds(min(max(claims.exp - claims.iat, 1), 86_400))
    }
}
