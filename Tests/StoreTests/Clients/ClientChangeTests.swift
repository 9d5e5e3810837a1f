import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Changes of clients")
struct ClientChangeTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("are there after a restart, and what people know about a client is never plain on disk")
    func keeps() async throws {
        var store = try await fixture.open()
        var draft = ClientDraft(name: "kiosk")
        draft.scope = .kiosk
        draft.tier = .basic
        draft.rateLimit = RateLimit(perHour: 7, perDay: 70)
        draft.profile.contactEmail = "canary@contact.example"
        let made = try await store.createClient(draft).client
        #expect(made.features == ClientTier.basic.features && made.hasWebhookSecret)
        fixture.clock.advance(by: .seconds(10))
        let changed = try await store.updateClient(made.id) { client throws(EdgeError) in
            client.name = "kiosk 2"
            client.features.maximumUsers = 3
            client.profile.metadataJSON = #"{"canary":"in metadata"}"#
            client.profile.allowedDomains = ["kiosk.example"]
            // Not a caller's to change.
            client.publicID = "FR_0"
            client.tokenEpoch = 99
        }
        #expect(changed.publicID == made.publicID && changed.tokenEpoch == 0)
        #expect(changed.updatedAt == fixture.clock.wall && changed.createdAt == made.createdAt)
        #expect(changed.profile.contactEmail == "canary@contact.example")
        await store.close()
        store = try await fixture.open()
        #expect(try await store.client(made.id) == changed)
        #expect(try !fixture.onDisk(Data("canary".utf8)))
        await store.close()
    }

    @Test("of a name that another has, without a name, or refused by the caller change nothing and are not recorded")
    func refuses() async throws {
        let store = try await fixture.open()
        _ = try await store.createClient(name: "door")
        let kiosk = try await store.createClient(name: "kiosk").client
        let lines = try await store.newest(100).count
        await #expect(throws: EdgeError(.clientExists)) {
            try await store.updateClient(kiosk.id) { client throws(EdgeError) in client.name = "door" }
        }
        let error = await #expect(throws: EdgeError.self) {
            try await store.updateClient(kiosk.id) { client throws(EdgeError) in client.name = " " }
        }
        #expect(error?.code == .requestInvalid)
        await #expect(throws: EdgeError(.credentialsForbidden)) {
            try await store.updateClient(kiosk.id) { client throws(EdgeError) in
                client.tier = .basic
                throw EdgeError(.credentialsForbidden)
            }
        }
        await #expect(throws: EdgeError(.clientUnknown)) {
            try await store.updateClient(ClientID()) { _ throws(EdgeError) in }
        }
        #expect(try await store.client(kiosk.id) == kiosk)
        #expect(try await store.newest(100).count == lines)
        await store.close()
    }

    @Test(
        "end all tokens when the right or the scope goes, and only then",
        arguments: [
            (ClientStatus.suspended, ClientScope.integrator, 1, "client.deactivated"),
            (.trial, .integrator, 0, "client.updated"), (.active, .door, 1, "client.updated"),
        ])
    func endsTokens(status: ClientStatus, scope: ClientScope, epoch: Int, action: String) async throws {
        let store = try await fixture.open()
        let kiosk = try await store.createClient(name: "kiosk").client
        let changed = try await store.updateClient(kiosk.id) { client throws(EdgeError) in
            (client.status, client.scope) = (status, scope)
        }
        #expect(changed.tokenEpoch == epoch)
        let line = try #require(await store.newest(1).first)
        #expect(line.action == action && line.client == kiosk.id)
        await store.close()
    }

    @Test("of secrets make the old ones worthless at once and say which they were")
    func resets() async throws {
        let store = try await fixture.open()
        let made = try await store.createClient(name: "kiosk")
        let key = try #require(await store.resetSecrets([.apiKey], of: made.client.id)[.apiKey]).reveal()
        #expect(key.wholeMatch(of: /frapi_[A-Za-z0-9_-]{43}/) != nil)
        #expect(try await store.client(apiKey: made.apiKey.reveal()) == nil)
        #expect(try await store.client(apiKey: key)?.tokenEpoch == 1)
        let secret = try #require(await store.resetSecrets([.apiSecret], of: made.client.id)[.apiSecret]).reveal()
        let old = ClientClaim(name: .apiKey(key), apiSecret: made.apiSecret.reveal())
        #expect(try await store.check(old) == .refused(made.client.id))
        guard case .accepted(let client) = try await store.check(ClientClaim(name: .apiKey(key), apiSecret: secret))
        else { return #expect(Bool(false), "the new secret is not taken") }
        #expect(client.tokenEpoch == 2)
        let webhook = try #require(await store.resetSecrets([.webhookSecret], of: made.client.id)[.webhookSecret])
        #expect(webhook.reveal().wholeMatch(of: /whsec_[A-Za-z0-9_-]{43}/) != nil)
        #expect(try await store.client(made.client.id)?.tokenEpoch == 2)
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "client.credentials_reset" && line.detailsJSON.contains("webhook_secret"))
        await #expect(throws: EdgeError(.clientUnknown)) { try await store.resetSecrets([.apiKey], of: ClientID()) }
        for text in [key, secret, webhook.reveal()] { #expect(try !fixture.onDisk(Data(text.utf8))) }
        await store.close()
    }

    @Test("that remove one take everything of it from the file at once, and nothing of another")
    func deletes() async throws {
        let store = try await fixture.open()
        let gone = try await store.createClient(name: "gone")
        let kept = try await store.createClient(name: "kept")
        for client in [gone.client.id, kept.client.id] { try await fill(client, store) }
        try await store.deleteClient(gone.client.id)
        #expect(try await store.clients() == [kept.client])
        #expect(try await store.client(apiKey: gone.apiKey.reveal()) == nil)
        #expect(try await store.gallery().map(\.client) == [kept.client.id])
        let id = gone.client.id.column
        let left = try await store.read { db in try Self.tables(holding: id, db) }
        // The receipt and what central is still to be told outlive the client and name nobody.
        #expect(left == ["audit", "erasure_receipts", "outbox"])
        let orphans = try await store.read { db in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count }
        #expect(orphans == 0)
        #expect(try await store.userCounts(of: kept.client.id) == UserCounts(users: 1, enrolled: 1, active: 1))
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "client.deleted" && line.client == gone.client.id)
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        await #expect(throws: EdgeError(.clientUnknown)) { try await store.deleteClient(gone.client.id) }
        await store.close()
    }

    /// Something of a tenant in as many tables as can be.
    private func fill(_ client: ClientID, _ store: EdgeStore) async throws {
        try await fixture.enroll("E-1", of: client, in: store)
        let session = fixture.session(.verification, of: client)
        try await store.begin(session)
        _ = try await store.finish(fixture.miss(session))
        try await store.begin(fixture.session(.identification, of: client, user: nil))
        try await store.beginFamily(
            TokenFamily(id: TokenFamilyID(), client: client, expiresAt: fixture.clock.wall), refreshID: "r")
        try await store.keep(
            KeptAnswer(
                requestDigest: [UInt8](repeating: 0, count: 32), externalUserID: nil, status: 201, contentType: nil,
                body: []), for: IdempotencyKey(client: client, operation: "o", text: "k"))
        try await store.record([
            UsageRecord(
                client: client, category: .analytics, operation: "o", method: "GET", route: "/", status: 200,
                milliseconds: 1, at: fixture.clock.wall)
        ])
        _ = try await store.createWebhookEndpoint(
            WebhookEndpointDraft(name: "hook", url: "https://hook.example"), of: client)
    }

    /// Tables with the 16 bytes in any column.
    private static func tables(holding id: Data, _ db: Database) throws -> [String] {
        let tables = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        return try tables.filter { table in
            let columns = try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info('\(table)')")
            let condition = columns.map { "\($0) = :id" }.joined(separator: " OR ")
            return try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE \(condition))", arguments: ["id": id])
                ?? false
        }
    }

    @Test("are seen at once without the disk, and a damaged profile closes the door to nobody")
    func cache() async throws {
        var store = try await fixture.open()
        let made = try await store.createClient(name: "kiosk")
        _ = try await store.updateClient(made.client.id) { client throws(EdgeError) in
            client.profile.allowedDomains = ["kiosk.example"]
        }
        try await store.write { db in try db.execute(sql: "UPDATE clients SET profile = randomblob(64)") }
        #expect(try await store.client(made.client.id)?.allowedDomains == ["kiosk.example"])
        await store.close()
        await #expect(throws: EdgeError.self) { try await store.client(made.client.id) }
        store = try await fixture.open()
        #expect(try await store.client(apiKey: made.apiKey.reveal())?.allowedDomains == [])
        await store.close()
    }

    @Test("the last activity is known at once and written down every five minutes")
    func activity() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let first = fixture.clock.wall
        await store.noteActivity(of: client)
        fixture.clock.advance(by: .seconds(299))
        await store.noteActivity(of: client)
        #expect(try await store.client(client)?.lastActivityAt == fixture.clock.wall)
        #expect(try await recorded(store) == first)
        fixture.clock.advance(by: .seconds(1))
        await store.noteActivity(of: client)
        #expect(try await recorded(store) == fixture.clock.wall)
        await store.close()
    }

    @Test("the use of credentials is audited, once for each clock hour")
    func auditsUse() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for _ in 0..<24 {
            await store.noteActivity(of: client)
            fixture.clock.advance(by: .seconds(300))
        }
        // Two hours, which may begin in the middle of one.
        let lines = try await store.newest(100).filter { $0.action == "credentials.used" && $0.client == client }
        #expect((2...3).contains(lines.count))
        await store.close()
    }

    private func recorded(_ store: EdgeStore) async throws -> Date? {
        try await store.read { db in
            try Row.fetchOne(db, sql: "SELECT last_activity_at FROM clients")?.optionalDate("last_activity_at")
        }
    }
}
