import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("A rotation with damaged subject keys")
struct HeldRotationTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func open() async throws -> (EdgeStore, ClientID) {
        var options = StoreOptions()
        options.rotation = fixture.vault
        let store = try await fixture.open(options: options)
        return (store, try await store.createClient(name: "kiosk").client.id)
    }

    private func damage(_ store: EdgeStore) async throws -> Data {
        try await store.write { db in
            let query = "SELECT key, subject_key FROM people ORDER BY key LIMIT 1"
            let row = try #require(try Row.fetchOne(db, sql: query))
            var key: Data = row["subject_key"]
            key[key.count - 1] ^= 1
            try db.execute(
                sql: "UPDATE people SET subject_key = ? WHERE key = ?", arguments: [key, row["key"] as Int64])
            return row["subject_key"]
        }
    }

    private var isHeld: Bool { fixture.health.current.contains { $0.code == "vault.rotation.held" } }

    @Test("keeps the former key, so that the subject key from elsewhere still opens, and says so")
    func held() async throws {
        let (store, client) = try await open()
        for number in 1...2 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        let sound = try await damage(store)
        let report = try await store.rotateKeys(fixture.vault)
        #expect(report.isHeld && report.unreadable == 1 && report.destroyed == 0 && report.rewrapped > 2)
        #expect(fixture.vault.isRotating && isHeld)
        #expect(try await store.keysRotatedAt() == nil)
        // What a backup has of the key still helps.
        #expect(try !fixture.vault.rewrap(Array(sound)).isEmpty)
        // Everybody else works on, and the exchange ends by itself once the key is mended.
        #expect(try await store.gallery().map(\.person.externalID) == ["E-2"])
        try await store.write { db in
            try db.execute(
                sql: "UPDATE people SET subject_key = ? WHERE key = (SELECT min(key) FROM people)", arguments: [sound])
        }
        try await store.rotateKeysWhenDue()
        #expect(!fixture.vault.isRotating && !isHeld)
        #expect(try await store.gallery().count == 2)
        await store.close()
    }

    @Test("ends once who cannot be opened is erased")
    func erased() async throws {
        let (store, client) = try await open()
        for number in 1...2 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        _ = try await damage(store)
        #expect(try await store.rotateKeys(fixture.vault).isHeld)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        try await store.rotateKeysWhenDue()
        #expect(!fixture.vault.isRotating && !isHeld)
        // It came after the exchange had begun and waits for the next.
        #expect(try await store.erasureWaitsSince() != nil)
        await store.close()
    }

    @Test("ends where somebody gives the damaged keys up, and these hold up no later one")
    func discarded() async throws {
        let (store, client) = try await open()
        for number in 1...2 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        let sound = try await damage(store)
        #expect(try await store.rotateKeys(fixture.vault).isHeld)
        let report = try await store.rotateKeys(fixture.vault, discardsUnreadable: true)
        #expect(!report.isHeld && report.unreadable == 1 && report.destroyed == 1)
        #expect(!fixture.vault.isRotating && !isHeld)
        #expect(throws: EdgeError.self) { try fixture.vault.rewrap(Array(sound)) }
        let next = try await store.rotateKeys(fixture.vault)
        #expect(next.unreadable == 0 && next.destroyed == 1)
        await store.close()
    }
}
