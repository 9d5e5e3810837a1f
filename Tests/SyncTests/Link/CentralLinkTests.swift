import EdgeCore
import EdgeTesting
import Foundation
import HTTPTypes
import Hummingbird
import NIOSSL
import Synchronization
import SyncCore
import Testing
import Vault

@testable import Sync

/// A desk that answers what a test says.
private struct ScriptedDesk: CentralDesk {
    var refusal: SyncRefusal?
    let incarnation = Incarnation(rawValue: UUID())

    private func check() throws(SyncRefusal) { if let refusal { throw refusal } }

    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        try check()
        return OpenAnswer(
            isKnown: true, incarnation: incarnation,
            lanes: [LaneEnd(lane: .audit, acknowledged: 7, head: .start)], model: request.model)
    }

    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        try check()
        return PushAnswer(
            incarnation: incarnation, acknowledged: UInt64(request.records.count), head: request.head,
            refused: [RefusedRecord(sequence: 1, reason: request.records.first?.payload ?? "")], time: 5)
    }

    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        try check()
        return PullAnswer(
            incarnation: incarnation, time: Int64(request.waitMilliseconds), scopes: [],
            tenants: [FleetTenant(id: device.rawValue, name: "Café")], lease: "lease", hasMore: true)
    }

    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer {
        try check()
        return ConsentAnswer(consent: .max)
    }
}

@Suite("The link to central", .timeLimit(.minutes(10)))
struct CentralLinkTests {
    private let device = DeviceID()
    private let facts = MemberFacts(model: ModelName(id: "sface", version: "1"), software: "9.9")

    private func membership(_ url: String, roots: String? = nil, secret: String = "secret") -> Membership {
        let grant = ProvisionAnswer(
            apiKey: "key", apiSecret: secret, pseudonymKey: "p", centralKey: "c",
            incarnation: Incarnation(rawValue: UUID()), name: "door")
        return Membership(url: url, device: device, grant: grant, pinnedRoots: roots)
    }

    /// Asks over a link to `server`.
    private func ask<Outcome: Sendable>(
        _ server: LinkServer, secret: String = "secret", clock: ManualClock = ManualClock(),
        _ body: @Sendable (CentralLink) async throws -> Outcome
    ) async throws -> Outcome {
        try await server.serve { url in
            let link = try CentralLink(membership(url + "/", secret: secret), software: "9.9", clock: clock)
            let outcome: Result<Outcome, any Error>
            do { outcome = .success(try await body(link)) } catch { outcome = .failure(error) }
            await link.close()
            return try outcome.get()
        }
    }

    private func push(_ payload: String) -> PushRequest {
        let record = OutboxRecord(
            head: RecordHead(
                position: RecordPosition(LaneAddress(device: device, epoch: Epoch(), lane: .audit), sequence: 1),
                kind: "test", tenant: UUID(), person: nil, moment: RecordMoment(wall: 3, boot: nil)),
            digest: .start, hash: .start, payload: .withheld)
        return PushRequest(
            epoch: Epoch(), lane: .audit, first: 1, previous: .start, head: .start, lostFrom: nil,
            records: [WireRecord(record, payload: payload)])
    }

    private var question: PullRequest { PullRequest(incarnation: nil, cursors: [], waitMilliseconds: 17) }

    @Test("questions and answers pass whole, and long ones packed")
    func whole() async throws {
        let desk = ScriptedDesk()
        let server = LinkServer(desk, device: device)
        let device = device
        let long = String(repeating: "{\"ü\":1}", count: 4000)
        try await ask(server) { link in
            let opening = OpenRequest(
                opening: EpochOpening(epoch: Epoch(), history: [Epoch()], reason: .rolledBack), model: facts.model,
                software: "9.9")
            #expect(try await link.open(opening, of: device) == desk.open(opening, of: device))
            #expect(try await link.push(push(long), of: device).refused.first?.reason == long)
            #expect(try await link.pull(question, of: device) == desk.pull(question, of: device))
            let consent = try await link.consent(ConsentRequest(subject: SubjectKey(rawValue: UUID())), of: device)
            #expect(consent.consent == .max)
        }
        let seen = server.seen.withLock { $0 }
        let pushed = try #require(seen.first { $0.path.hasSuffix("push/") })
        #expect(pushed.isPacked && pushed.bytes < long.utf8.count / 10)
        #expect(seen.filter { $0.path.hasSuffix("pull/") }.allSatisfy { !$0.isPacked })
        #expect(seen.count { $0.path.hasSuffix("auth/client/") } == 1)
    }

    @Test("a push that was made ready goes as it would have gone, packed, and again under a fresh token")
    func madeReady() async throws {
        let server = LinkServer(ScriptedDesk(), device: device)
        let device = device
        let long = String(repeating: "{\"ü\":1}", count: 4000)
        try await ask(server) { link in
            let request = push(long)
            let ready = await link.ready(request)
            guard case .bytes(let bytes, true) = ready else {
                Issue.record("it is not packed")
                return
            }
            #expect(bytes.count < long.utf8.count / 10)
            let first = try await link.send(ready, of: device)
            server.newToken()
            let second = try await link.send(ready, of: device)
            let third = try await link.send(.message(request), of: device)
            for answer in [first, second, third] { #expect(answer.refused.first?.reason == long) }
        }
        let pushed = server.seen.withLock { $0.filter { $0.path.hasSuffix("push/") } }
        #expect(pushed.count == 4 && Set(pushed.prefix(3).map(\.bytes)).count == 1 && pushed.allSatisfy(\.isPacked))
    }

    @Test("a token that is not taken any more is exchanged once, and one that is nearly over before it is refused")
    func tokens() async throws {
        let server = LinkServer(ScriptedDesk(), device: device)
        let (device, clock) = (device, ManualClock())
        try await ask(server, clock: clock) { link in
            _ = try await link.pull(question, of: device)
            server.newToken()
            _ = try await link.pull(question, of: device)
            // Without words of its own a token is held for five minutes, and exchanged after four.
            clock.advance(by: .seconds(241))
            _ = try await link.pull(question, of: device)
        }
        #expect(server.seen.withLock { $0.count { $0.path.hasSuffix("auth/client/") } } == 3)
        #expect(server.seen.withLock { $0.count { $0.path.hasSuffix("pull/") } } == 4)
    }

    @Test("a token says itself for how long it was issued", arguments: [(3600, 3600), (0, 1), (9_999_999, 86_400)])
    func life(issued: Int, held: Int) {
        let claims = Data(#"{"exp":\#(1_000_000 + issued).5,"iat":1000000.5,"sub":"x"}"#.utf8)
        let middle = claims.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        #expect(TokenLife.of("e30.\(middle).x") == .seconds(held))
        #expect(TokenLife.of("e30.e30.x") == nil && TokenLife.of("not a token") == nil)
    }

    @Test("a secret that central does not take makes the device unknown")
    func wrongSecret() async throws {
        let device = device
        let server = LinkServer(ScriptedDesk(), device: device)
        await #expect(throws: SyncRefusal.deviceUnknown) {
            try await ask(server, secret: "another") { link in _ = try await link.pull(question, of: device) }
        }
    }

    @Test(
        "each refusal arrives as it was meant",
        arguments: [
            SyncRefusal.deviceUnknown, .quarantined, .revoked, .epochNeeded, .epochEnded, .gap(expected: 17),
            .fork(at: 3), .malformed("why"), .certificateNeeded,
            .certificateRefused("over"), .busy(retryMilliseconds: 250),
        ])
    func refusals(_ refusal: SyncRefusal) async throws {
        let device = device
        let server = LinkServer(ScriptedDesk(refusal: refusal), device: device)
        await #expect(throws: refusal) {
            try await ask(server) { link in _ = try await link.pull(question, of: device) }
        }
    }

    @Test("what is no answer of central says only that it is not reached, or that it is to be asked later")
    func nonsense() async throws {
        let device = device
        let answers: [Response] = [
            Response(status: .ok, body: .init(byteBuffer: .init(string: "<html>"))),
            Response(status: .internalServerError), Response(status: .movedPermanently, headers: [.location: "/"]),
            Response(status: .notFound),
        ]
        for answer in answers {
            let server = LinkServer(ScriptedDesk(), device: device) { path, _ in path.hasSuffix("pull/") ? answer : nil
            }
            do {
                try await ask(server) { link in _ = try await link.pull(question, of: device) }
                Issue.record("\(answer.status) was an answer")
            } catch {
                guard case .unreachable? = error as? SyncRefusal else { throw error }
            }
            #expect(server.seen.withLock { $0.count { $0.path.hasSuffix("pull/") } } == 1)
        }
        let busy = LinkServer(ScriptedDesk(), device: device) { path, _ in
            path.hasSuffix("pull/") ? Response(status: .serviceUnavailable, headers: [.retryAfter: "7"]) : nil
        }
        await #expect(throws: SyncRefusal.busy(retryMilliseconds: 7000)) {
            try await ask(busy) { link in _ = try await link.pull(question, of: device) }
        }
    }

    @Test("nobody at the address is not reached, and no secret is in what is said of it")
    func nobody() async throws {
        let link = try CentralLink(membership(try await LoopbackCentral.deserted()), software: "9.9")
        do {
            _ = try await link.pull(question, of: device)
            Issue.record("somebody answered")
        } catch {
            #expect(error == .unreachable("There is no connection to central."))
        }
        await link.close()
    }

    @Test("over TLS only the pinned roots are trusted")
    func pinned() async throws {
        let directory = try TemporaryDirectory()
        let made = try DeviceCertificate.open(
            directory: directory.path("tls"), names: [.host("localhost")], now: Date())
        let other = try DeviceCertificate.open(
            directory: directory.path("other"), names: [.host("localhost")], now: Date())
        let chain = try NIOSSLCertificate.fromPEMFile(made.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(try NIOSSLPrivateKey(file: made.keyFile, format: .pem)))
        let (own, foreign) = (
            try String(contentsOfFile: made.certificateFile, encoding: .utf8),
            try String(contentsOfFile: other.certificateFile, encoding: .utf8)
        )
        let device = device
        let server = LinkServer(ScriptedDesk(), device: device)
        try await server.serve(tls: tls) { url in
            for (roots, isTrusted) in [(own, true), (foreign, false), (nil, false)] as [(String?, Bool)] {
                let link = try CentralLink(membership(url, roots: roots), software: "9.9")
                do throws(SyncRefusal) {
                    _ = try await link.pull(question, of: device)
                    #expect(isTrusted)
                } catch {
                    #expect(!isTrusted, "\(error)")
                    guard case .unreachable = error else {
                        Issue.record("\(error)")
                        continue
                    }
                }
                await link.close()
            }
        }
        #expect(throws: EdgeError.self) {
            try CentralLink(membership("https://127.0.0.1", roots: "none"), software: "9.9")
        }
        #expect(throws: EdgeError.self) { try CentralLink(membership("ftp://c"), software: "9.9") }
    }

    @Test("in plain text nothing leaves this machine")
    func plainText() async throws {
        for host in ["central.example", "10.0.0.1", "127.1.example", "127.0.0.1.example", "128.0.0.1"] {
            #expect(throws: EdgeError.self) { try CentralLink(membership("http:" + "//\(host)"), software: "9.9") }
        }
        for host in ["127.0.0.1:8080", "127.9.9.9", "localhost", "[::1]:80"] {
            await (try CentralLink(membership("http:" + "//\(host)"), software: "9.9")).close()
        }
    }

    @Test("a device is taken in with a token and a proof that it has its key")
    func provision() async throws {
        let directory = try TemporaryDirectory()
        let vault = try KeyVault.open(keyFile: directory.path("key"))
        let (device, facts) = (device, facts)
        let server = LinkServer(ScriptedDesk(), device: device)
        try await server.serve { url in
            let provisioner = Provisioner(signer: vault, facts: facts)
            let good = try await provisioner.provision(
                JoinOrder(url: url, token: Redacted("good"), name: "Door 3"), device: device)
            #expect(good.url == url && good.device == device && good.grant.name == "Door 3")
            do throws(EdgeError) {
                _ = try await provisioner.provision(
                    JoinOrder(url: url, token: Redacted("used"), name: "Door 3"), device: device)
                Issue.record("a used token was taken")
            } catch { #expect(error.code == .provisionRefused) }
        }
        let request = try #require(server.provisions.withLock { $0.first })
        #expect(request.device == device && request.model == facts.model && request.software == "9.9")
        let key = try #require(Data(base64Encoded: request.publicKey))
        let proof = try #require(Data(base64Encoded: request.proof))
        let statement = ProvisionRequest.statement(token: "good", device: device, publicKey: request.publicKey)
        #expect(Array(key) == vault.publicKey)
        #expect(vault.verify(Array(proof), of: statement, publicKey: Array(key)))
        let deserted = try await LoopbackCentral.deserted()
        do throws(EdgeError) {
            _ = try await Provisioner(signer: vault, facts: facts).provision(
                JoinOrder(url: deserted, token: Redacted("good"), name: ""), device: device)
            Issue.record("nobody took the device in")
        } catch { #expect(error.code == .centralUnreachable) }
    }
}
