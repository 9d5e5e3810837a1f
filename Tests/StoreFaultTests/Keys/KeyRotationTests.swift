import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Rotation of the keys in the store")
struct KeyRotationTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private static func options(_ rotation: any KeyRotation) -> StoreOptions {
        var options = StoreOptions()
        options.rotation = rotation
        return options
    }

    /// A store that exchanges its keys by itself, with one client.
    private func open(_ rotation: any KeyRotation) async throws -> (EdgeStore, ClientID) {
        let store = try await fixture.open(options: Self.options(rotation))
        return (store, try await store.createClient(name: "kiosk").client.id)
    }

    private func wrappedKeys(_ store: EdgeStore) async throws -> [Data] {
        try await store.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
                    WHERE m.type = 'table' AND c.name = 'subject_key'
                    """
            ).flatMap { try Data.fetchAll(db, sql: "SELECT subject_key FROM \($0) WHERE subject_key IS NOT NULL") }
        }
    }

    @Test("wraps every subject key of every table anew and loses nobody")
    func everything() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<7 { try await fixture.enroll("E-\(number)", name: "N", of: client, in: store, seed: number) }
        let before = try await store.gallery()
        let old = try await wrappedKeys(store)
        #expect(old.count > 14)
        let report = try await store.rotateKeys(fixture.vault)
        #expect(report == KeyRotationReport(rewrapped: old.count, unreadable: 0, destroyed: 1))
        let now = try await wrappedKeys(store)
        #expect(Set(now).isDisjoint(with: old))
        for each in old { #expect(throws: EdgeError.self) { try fixture.vault.rewrap(Array(each)) } }
        let after = try await store.gallery()
        #expect(after.map(\.person.externalID) == before.map(\.person.externalID))
        #expect(after.map(\.templates) == before.map(\.templates))
        #expect(try await store.newest(1).first?.action == "keys.rotated")
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        #expect(try await store.keysRotatedAt() != nil)
        await store.close()
    }

    @Test("a client can be changed after a rotation, and keeps its profile")
    func clients() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for round in 1...2 {
            _ = try await store.rotateKeys(fixture.vault)
            let changed = try await store.updateClient(client) { record throws(EdgeError) in
                record.name = "kiosk \(round)"
            }
            #expect(changed.name == "kiosk \(round)")
        }
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.clients().map(\.name) == ["kiosk 2"])
        await again.close()
    }

    @Test("an erased person's copied file cannot be opened once the keys were rotated")
    func erased() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await fixture.enroll("E-2", of: client, in: store, seed: 2)
        let (id, key, sealed) = try await store.read { db in
            let query = "SELECT id, subject_key, personal FROM people ORDER BY key LIMIT 1"
            let row = try #require(try Row.fetchOne(db, sql: query))
            return (try row.id("id") as PersonID, row.bytes("subject_key"), row.bytes("personal"))
        }
        let place = SealPlace.person(id, of: client)
        #expect(try !fixture.vault.open(sealed, subjectKey: key, context: place).isEmpty)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        #expect(try await store.erasureWaitsSince() == fixture.clock.wall)
        _ = try await store.rotateKeys(fixture.vault)
        #expect(try await store.erasureWaitsSince() == nil)
        #expect(throws: EdgeError.self) {
            try fixture.vault.open(sealed, subjectKey: key, context: place)
        }
        #expect(try await store.gallery().map(\.person.externalID) == ["E-2"])
        await store.close()
    }

    @Test("comes by itself within a day of an erasure, and not at once")
    func due() async throws {
        let (store, client) = try await open(fixture.vault)
        try await fixture.enroll("E-1", of: client, in: store)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        let id = fixture.vault.wrappingKeyID
        fixture.clock.advance(by: .seconds(23 * 3600 - 1))
        try await store.rotateKeysWhenDue()
        #expect(fixture.vault.wrappingKeyID == id)
        // Housekeeping looks once an hour: from here on it is done within the day.
        fixture.clock.advance(by: .seconds(1))
        try await store.rotateKeysWhenDue()
        #expect(fixture.vault.wrappingKeyID != id)
        #expect(!fixture.vault.isRotating)
        await store.close()
    }

    @Test("that was broken off is ended at the next housekeeping, with both keys in use meanwhile")
    func brokenOff() async throws {
        let (store, client) = try await open(fixture.vault)
        try await fixture.enroll("E-1", of: client, in: store)
        let id = try fixture.vault.beginRotation()
        try await fixture.enroll("E-2", of: client, in: store, seed: 2)
        await store.close()
        let again = try await fixture.open(options: Self.options(fixture.vault))
        #expect(try await again.gallery().count == 2)
        try await again.rotateKeysWhenDue()
        #expect(fixture.vault.wrappingKeyID == id)
        #expect(!fixture.vault.isRotating)
        #expect(try await again.gallery().count == 2)
        await again.close()
    }

    @Test("that cannot begin leaves the erasure waiting, and comes once it can")
    func cannotBegin() async throws {
        let stuck = StuckRotation(fixture.vault)
        let (store, client) = try await open(stuck)
        for number in 1...2 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        _ = try await store.removePerson(externalID: "E-1", of: client)
        let first = fixture.clock.wall
        fixture.clock.advance(by: .seconds(86_401))
        for user in [nil, "E-2"] {
            if let user { _ = try await store.removePerson(externalID: user, of: client) }
            let error = await #expect(throws: EdgeError.self) { try await store.rotateKeysWhenDue() }
            #expect(error?.code == .keyUnavailable)
            #expect(try await store.erasureWaitsSince() == first)
        }
        let id = fixture.vault.wrappingKeyID
        stuck.free()
        try await store.rotateKeysWhenDue()
        #expect(fixture.vault.wrappingKeyID != id)
        #expect(try await store.erasureWaitsSince() == nil)
        await store.close()
    }

    @Test("is due after a client was removed too, and its people's backups go")
    func removedClient() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        _ = try await store.backUpGenerations()
        #expect(!store.backups().isEmpty)
        try await store.deleteClient(client)
        #expect(try await store.erasureWaitsSince() == fixture.clock.wall)
        #expect(store.backups().isEmpty)
        await store.close()
    }

    @Test("a store written under a key that the ring does not hold is refused at once")
    func lostRing() async throws {
        let key = fixture.directory.path("key")
        let early = try Data(contentsOf: URL(filePath: key))
        let store = try await fixture.open()
        _ = try await store.createClient(name: "kiosk")
        _ = try await store.rotateKeys(fixture.vault)
        await store.close()
        // A key file from before the rotation put back, without the ring.
        try early.write(to: URL(filePath: key))
        try FileManager.default.removeItem(atPath: "\(key).ring")
        let other = try KeyVault.open(keyFile: key)
        let error = await #expect(throws: EdgeError.self) { try await fixture.open(sealer: other, secrets: other) }
        #expect(error?.code == .keyUnavailable)
    }

    @Test("ten thousand subjects take seconds")
    func many() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let key = Data(try fixture.vault.makeSubjectKey())
        try await store.write { db in
            for _ in 0..<10_000 {
                try db.execute(
                    sql: """
                        INSERT INTO people (id, client_id, external_id_digest, subject_key, personal, generation,
                            created_at) VALUES (?, ?, randomblob(32), ?, x'00', 1, 0)
                        """, arguments: [PersonID().column, client.column, key])
            }
        }
        let started = ContinuousClock.now
        #expect(try await store.rotateKeys(fixture.vault).rewrapped >= 10_000)
        let took = ContinuousClock.now - started
        print("10,000 subjects rewrapped in \(took)")
        // Some 3 s on two idle processors.
        #expect(took < .seconds(300))
        await store.close()
    }
}

/// A ring that cannot be written until it is freed.
private final class StuckRotation: KeyRotation {
    private let vault: KeyVault
    private let isStuck = Mutex(true)

    init(_ vault: KeyVault) { self.vault = vault }

    var isRotating: Bool { vault.isRotating }

    func free() { isStuck.withLock { $0 = false } }

    func beginRotation() throws(EdgeError) -> UInt32 {
        guard !isStuck.withLock({ $0 }) else { throw EdgeError(.keyUnavailable) }
        return try vault.beginRotation()
    }

    func finishRotation() throws(EdgeError) -> [UInt32] { try vault.finishRotation() }
}
