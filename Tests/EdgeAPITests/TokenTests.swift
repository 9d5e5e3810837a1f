import EdgeCore
import EdgeTesting
import FoundationEssentials
import JWTKit
import Testing

@testable import EdgeAPI

@Suite("Tokens")
struct TokenTests {
    private let clock = ManualClock()
    private let secrets = FakeSecrets()
    private let client = ClientRecord(
        id: ClientID(), publicID: "FR_0123456789ABCDEF", name: "one", isActive: true, createdAt: Date())

    private func issuer(_ name: String = "device") async throws -> TokenIssuer {
        try await TokenIssuer(issuer: name, secrets: secrets, clock: clock)
    }

    private func token(_ use: TokenUse = .access) async throws -> String {
        try await issuer().issue(use, for: client, lifetime: .seconds(60)).text
    }

    @Test("a token comes back with the client that it was made for")
    func roundTrip() async throws {
        let claims = try await issuer().verify(try await token(), use: .access)
        #expect(claims.holder == .client(client.id, publicID: client.publicID))
        #expect(claims.scope == .integrator && claims.epoch == 0 && claims.use == .access)
        #expect(claims.expiresAt == clock.wall.addingTimeInterval(60))
    }

    @Test("the header is HS256 and JWT and nothing more")
    func exactHeader() async throws {
        let part = try #require(try await token().split(separator: ".").first)
        let header = try JSONValue.parse(try #require(Base64Text.decode(Array(part.utf8))))
        #expect(header == ["alg": "HS256", "typ": "JWT"])
    }

    @Test("a refresh token does not open the API, an access token does not refresh")
    func usesAreApart() async throws {
        let issuer = try await issuer()
        let refresh = try await token(.refresh)
        let access = try await token(.access)
        await #expect(throws: EdgeError.self) { try await issuer.verify(refresh, use: .access) }
        await #expect(throws: EdgeError.self) { try await issuer.verify(access, use: .refresh) }
    }

    @Test("a token ends at the second of its expiry")
    func expires() async throws {
        let issuer = try await issuer()
        let token = try await token()
        clock.advance(by: .seconds(59))
        _ = try await issuer.verify(token, use: .access)
        clock.advance(by: .seconds(1))
        await #expect(throws: EdgeError(.credentialsExpired)) { try await issuer.verify(token, use: .access) }
    }

    @Test("another device's token is refused")
    func refusesOtherIssuer() async throws {
        let token = try await token()
        let other = try await issuer("other")
        await #expect(throws: EdgeError.self) { try await other.verify(token, use: .access) }
    }

    @Test("changing, adding or leaving out any one character is noticed")
    func noticesEveryChange() async throws {
        let issuer = try await issuer()
        let token = Array(try await token().utf8)
        var forgeries: [[UInt8]] = [token + [UInt8(ascii: "A")], token + [UInt8(ascii: "=")], token + [0x20]]
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            forgeries.append(changed)
            // The last character of a part holds bits that mean nothing: its neighbours must be refused too.
            changed[index] = token[index] ^ 1
            forgeries.append(changed)
            var shorter = token
            shorter.remove(at: index)
            forgeries.append(shorter)
        }
        for forgery in forgeries where forgery != token {
            let text = String(decoding: forgery, as: UTF8.self)
            await #expect(throws: EdgeError.self) { try await issuer.verify(text, use: .access) }
        }
    }

    @Test(
        "a header of another kind is refused before the signature counts",
        arguments: [
            #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"HS512","typ":"JWT"}"#, #"{"alg":"HS256"}"#,
            #"{"alg":"HS256","typ":"at+jwt"}"#, #"{"alg":"HS256","typ":"JWT","kid":"1"}"#,
            #"{"alg":"HS256","typ":"JWT","crit":["exp"]}"#, #"["HS256"]"#, "",
            #"{"alg":"HS256", "typ":"JWT"}"#, #"{"alg":"none","alg":"HS256","typ":"JWT"}"#,
            #"{"\u0061lg":"HS256","typ":"JWT"}"#,
        ])
    func refusesOtherHeaders(header: String) async throws {
        let parts = try await token().split(separator: ".").map(String.init)
        let forged = [encode(Array(header.utf8)), parts[1], parts[2]].joined(separator: ".")
        let issuer = try await issuer()
        await #expect(throws: EdgeError.self) { try await issuer.verify(forged, use: .access) }
        let unsigned = [encode(Array(header.utf8)), parts[1], ""].joined(separator: ".")
        await #expect(throws: EdgeError.self) { try await issuer.verify(unsigned, use: .access) }
    }

    @Test(
        "a token that is signed well but claims otherwise is refused",
        arguments: [
            ["aud": "other"], ["aud": "device"], ["iss": "other"], ["typ": "refresh"], ["typ": "admin"],
            ["sub": "not-an-id"], ["sub": "technician"], ["scope": "root"], ["fam": "1"], ["iat": 1_900_000_000],
            ["exp": 1_700_000_000],
        ] as [JSONObject])
    func refusesOtherClaims(change: JSONObject) async throws {
        var claims: JSONObject = [
            "iss": "device", "aud": "device/api", "sub": .string(client.id.description), "client_id": "FR_0",
            "typ": "access", "scope": "integrator", "epoch": 0, "fam": .string(TokenFamilyID().description),
            "iat": 1_800_000_000, "exp": 1_800_000_600, "jti": "x",
        ]
        let issuer = try await issuer()
        _ = try await issuer.verify(try await sign(claims), use: .access)
        claims.merge(change)
        let forged = try await sign(claims)
        await #expect(throws: EdgeError.self) { try await issuer.verify(forged, use: .access) }
    }

    @Test("text of any kind is refused and never crashes")
    func survivesNoise() async throws {
        var generator = SeededGenerator(seed: 7)
        let issuer = try await issuer()
        let alphabet = Array("abcXYZ019-_.=+/ \u{e9}\u{0}".unicodeScalars)
        for _ in 0..<500 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...80, using: &generator) {
                text.append(alphabet[Int.random(in: alphabet.indices, using: &generator)])
            }
            let noise = String(text)
            await #expect(throws: EdgeError.self) { try await issuer.verify(noise, use: .access) }
        }
        let long = String(repeating: "a", count: 100_000)
        await #expect(throws: EdgeError.self) { try await issuer.verify(long, use: .access) }
    }

    private func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Signs any claims with the device's own key.
    private func sign(_ claims: JSONObject) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Data(try secrets.derivedKey("jwt").reveal())), digestAlgorithm: .sha256)
        return try await keys.sign(AnyClaims(value: .object(claims)))
    }

    private struct AnyClaims: JWTPayload {
        let value: JSONValue
        init(value: JSONValue) { self.value = value }
        init(from decoder: any Decoder) throws { value = try JSONValue(from: decoder) }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            var texts: [String: String] = [:]
            var numbers: [String: Int64] = [:]
            for (key, member) in value.objectValue?.members ?? [] {
                if case .integer(let number) = member { numbers[key] = number } else { texts[key] = member.stringValue }
            }
            try container.encode(Mixed(texts: texts, numbers: numbers))
        }
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    private struct Mixed: Encodable {
        let texts: [String: String]
        let numbers: [String: Int64]
        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (key, text) in texts { try container.encode(text, forKey: Key(stringValue: key)) }
            for (key, number) in numbers { try container.encode(number, forKey: Key(stringValue: key)) }
        }
    }
}
