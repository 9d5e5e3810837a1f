import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Clients of the first version")
struct ClientMigrationTests {
    let fixture: StoreFixture
    private let kiosk = ClientID()
    private let door = ClientID()
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    init() throws { fixture = try StoreFixture() }

    @Test("keep keys, secrets and rights, may be changed, and the trail and the lock-outs go on")
    func migrates() async throws {
        try await makeFirstVersion()
        let store = try await fixture.open()
        let clients = try await store.clients()
        #expect(clients.map(\.id) == [kiosk, door])
        #expect(clients.map(\.status) == [.active, .inactive])
        #expect(clients.allSatisfy { $0.scope == .integrator && $0.tier == .enterprise && $0.tokenEpoch == 0 })
        #expect(clients.allSatisfy { $0.features == ClientTier.enterprise.features && $0.rateLimit == .standard })
        #expect(clients.allSatisfy { $0.createdAt == start && $0.updatedAt == start && $0.lastActivityAt == nil })
        #expect(clients.allSatisfy { $0.profile == ClientProfile() && !$0.hasWebhookSecret })
        #expect(try await store.client(apiKey: "frapi_kiosk")?.id == kiosk)
        #expect(try await store.client(apiKey: "frapi_door") == nil)
        let claim = ClientClaim(name: .apiKey("frapi_kiosk"), apiSecret: "secret of kiosk")
        #expect(try await store.check(claim) == .accepted(clients[0]))
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: kiosk) != nil)
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 2, firstBroken: nil))

        let changed = try await store.updateClient(kiosk) { client throws(EdgeError) in
            client.scope = .kiosk
            client.profile.contactName = "Somebody"
        }
        #expect(changed.scope == .kiosk && changed.tokenEpoch == 1 && changed.profile.contactName == "Somebody")
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 3, firstBroken: nil))
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.client(kiosk) == changed)
        await again.close()
    }

    private func makeFirstVersion() async throws {
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: "\(fixture.path)/\(DatabaseFile.name)")
        let check = Data(try fixture.vault.digest("edged store", purpose: "store.keys"))
        let clients = [(kiosk, "kiosk", 1), (door, "door", 0)]
        try await queue.write { db in
            try db.execute(sql: Schema.version1)
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 1")
            try db.execute(sql: "INSERT INTO meta (name, value) VALUES ('key_check', ?)", arguments: [check])
            for (id, name, isActive) in clients { try insertClient(id, name, isActive: isActive, db) }
            try db.execute(
                sql: """
                    INSERT INTO lockouts (client_id, external_id_digest, misses, locked_until, last_miss_at)
                    VALUES (?, ?, 5, ?, ?)
                    """,
                arguments: [
                    kiosk.column, Data(fixture.vault.digest("\(kiosk.place):E-1", purpose: "person.external_id")),
                    fixture.clock.wall.addingTimeInterval(20).column, fixture.clock.wall.column,
                ])
            try insertTrail(db)
        }
        try queue.close()
    }

    private func insertClient(_ id: ClientID, _ name: String, isActive: Int, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO clients (id, public_id, name, key_digest, secret_digest, is_active, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id.column, "FR_\(name)", name, Data(fixture.vault.digest("frapi_\(name)", purpose: "client.api_key")),
                Data(fixture.vault.digest("secret of \(name)", purpose: "client.api_secret")), isActive, start.column,
            ])
    }

    private func insertTrail(_ db: Database) throws {
        var previous = AuditLine.origin
        for (number, client) in zip(1..., [kiosk, door]) {
            let line = AuditLine(
                sequence: Int64(number),
                record: AuditRecord(action: "client.created", client: client, succeeded: true, at: start),
                bootID: "boot", monotonic: 1, previousHash: previous)
            let hash = try line.hash(fixture.vault)
            try db.execute(
                sql: """
                    INSERT INTO audit (sequence, action, client_id, succeeded, details, at, boot_id, monotonic,
                        previous_hash, hash) VALUES (?, 'client.created', ?, 1, '{}', ?, 'boot', 1, ?, ?)
                    """, arguments: [number, client.column, start.column, Data(previous), Data(hash)])
            previous = hash
        }
        let head = try AuditWalk.head(sequence: 2, hash: previous, fixture.vault)
        try db.execute(sql: "INSERT INTO meta (name, value) VALUES ('audit_head', ?)", arguments: [Data(head)])
    }
}
