import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import EdgeAPI

/// The API with fakes behind it.
struct TestAPI: Sendable {
    let clock = ManualClock()
    let clients = FakeClients(["one", "two"])
    let sessions: FakeSessions
    let health: HealthBoard
    let status: FakeStatus
    let secrets = FakeSecrets()
    let webhooks: FakeWebhooks
    let people: FakePeople
    let insight = FakeInsight()
    let tokens = FakeTokens()
    let replays = FakeReplays()
    let audit = FakeAudit()
    var configuration = APIConfiguration(port: 0, issuer: "test-device")

    init(
        script: @escaping FakeSessions.Script = FakeSessions.accepted, gate: @escaping @Sendable () async -> Void = {}
    ) {
        webhooks = FakeWebhooks(clock: clock)
        sessions = FakeSessions(clock: clock, script: script, gate: gate)
        health = HealthBoard(clock: clock)
        people = FakePeople(clock: clock, sessions: sessions)
        // Longer than a busy machine takes for anything; a test of one of them sets it.
        configuration.headTimeout = .seconds(600)
        configuration.bodyTimeout = .seconds(600)
        configuration.idleTimeout = .seconds(600)
        configuration.handshakeTimeout = .seconds(600)
        status = FakeStatus(health: health, clock: clock)
    }

    var services: APIServices {
        APIServices(
            sessions: sessions, clients: clients, people: people, audit: audit, status: status,
            secrets: secrets, clock: clock, health: health, enrollments: people, catalog: sessions, live: people,
            pictures: FakePictures(), webhooks: webhooks, insight: insight.services(clock: clock),
            tokens: tokens, replays: replays, erasures: people)
    }

    var server: APIServer { server(log: quiet) }

    func server(log: Logger) -> APIServer { APIServer(configuration: configuration, services: services, log: log) }

    /// Runs `body` with a client that speaks to the router without a socket.
    func test(_ body: @escaping @Sendable (APICaller) async throws -> Void) async throws {
        let application = Application(
            router: try await server.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: quiet)
        try await application.test(.router) { client in
            try await body(APICaller(client: client, api: self))
        }
    }

    /// Runs `body` with the router's client and with one that sends over a socket.
    func testLive(_ body: @escaping @Sendable (APICaller, TestClient) async throws -> Void) async throws {
        try await serving(1, by: server) { addresses in
            try await withPatientClient(try port(of: addresses.first)) { client in
                try await test { caller in try await body(caller, client) }
            }
        }
    }
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// An answer, read.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String
    /// The body as it came.
    let bytes: [UInt8]
    let body: JSONObject

    init(_ response: TestResponse) {
        status = response.status.code
        headers = response.headers
        text = String(buffer: response.body)
        bytes = Array(response.body.readableBytesView)
        // Without the limits for what clients send: the document is longer.
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(response.body.readableBytesView))
        body = value?.objectValue ?? [:]
    }

    subscript(name: String) -> JSONValue? { body[name] }

    /// A member as text.
    func string(_ name: String) throws -> String { try #require(body[name]?.stringValue) }
}

/// Sends requests as a client would.
struct APICaller: Sendable {
    let client: any TestClientProtocol
    let api: TestAPI

    func send(
        _ method: HTTPRequest.Method, _ uri: String, headers: HTTPFields = [:], body: [UInt8]? = nil
    ) async throws -> Answer {
        Answer(
            try await client.executeRequest(
                uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0) }))
    }

    /// Posts JSON; `as` names the client whose token goes along.
    func post(_ uri: String, _ json: JSONValue, as name: String? = "one") async throws -> Answer {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let name { headers[.authorization] = "Bearer \(try await token(of: name))" }
        return try await send(.post, uri, headers: headers, body: json.bytes)
    }

    func get(_ uri: String, as name: String? = "one") async throws -> Answer {
        var headers: HTTPFields = [:]
        if let name { headers[.authorization] = "Bearer \(try await token(of: name))" }
        return try await send(.get, uri, headers: headers)
    }

    /// Posts a multipart form; parts with a file name are files.
    func post(
        _ uri: String, parts: [(name: String, file: String?, bytes: [UInt8])], as name: String = "one"
    ) async throws -> Answer {
        let headers: HTTPFields = [
            .contentType: "multipart/form-data; boundary=XyZ",
            .authorization: "Bearer \(try await token(of: name))",
        ]
        return try await send(.post, uri, headers: headers, body: Multipart.body(parts, boundary: "XyZ"))
    }

    /// A fresh access token.
    func token(of name: String) async throws -> String {
        let issuer = try await TokenIssuer(
            issuer: api.configuration.issuer, secrets: api.secrets, clock: api.clock)
        let client = try #require(api.clients.named(name))
        return try await issuer.issue(.access, for: client, lifetime: .seconds(600)).text
    }

    /// Opens a session and gives its token.
    func enroll(_ user: String = "alice", as name: String = "one") async throws -> Answer {
        try await post("/api/auth/enrollment/", ["user_id": .string(user), "session_type": "webcam"], as: name)
    }

    func authenticate(_ user: String?, as name: String = "one") async throws -> Answer {
        var body: JSONObject = ["session_type": "webcam"]
        if let user { body["user_id"] = .string(user) }
        return try await post("/api/auth/authentication/", .object(body), as: name)
    }

    /// Sends a small picture.
    func frame(_ session: Answer, as name: String = "one") async throws -> Answer {
        try await post(
            "/api/auth/process-image/",
            ["session_token": try #require(session["session_token"]), "image": .string(Picture.base64)], as: name)
    }
}

/// Some bytes that stand for a picture; the fakes do not look inside.
enum Picture {
    static let bytes: [UInt8] = [0xFF, 0xD8] + (0..<250).map { UInt8($0) } + [0xFF, 0xD9]
    static let base64 = Data(bytes).base64EncodedString()
}

/// Writes multipart bodies.
enum Multipart {
    static func body(_ parts: [(name: String, file: String?, bytes: [UInt8])], boundary: String) -> [UInt8] {
        var body: [UInt8] = []
        for part in parts {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"".utf8
            if let file = part.file { body += "; filename=\"\(file)\"\r\nContent-Type: image/jpeg".utf8 }
            body += "\r\n\r\n".utf8
            body += part.bytes
            body += "\r\n".utf8
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }
}

/// A generator that gives the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
