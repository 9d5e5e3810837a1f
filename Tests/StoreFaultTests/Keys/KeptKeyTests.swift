import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("A key that the credential keeps")
struct KeptKeyTests {
    private let fixture: StoreFixture
    private let credential: String

    /// A credential that was made before the keys were exchanged, as a plain copy of the key file.
    init() throws {
        fixture = try StoreFixture()
        credential = fixture.directory.path("credential")
        try FileManager.default.moveItem(atPath: fixture.directory.path("key"), toPath: credential)
    }

    private func vault() throws -> KeyVault {
        try KeyVault.open(
            credential: credential, besides: fixture.directory.path("key"),
            isFirstStart: !EdgeStore.isThere(in: fixture.path))
    }

    private func open(_ vault: KeyVault) async throws -> EdgeStore {
        var options = StoreOptions()
        options.rotation = vault
        return try await EdgeStore.open(
            directory: fixture.path, sealer: vault, secrets: vault, signer: vault, clock: fixture.clock,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), health: fixture.health,
            options: options)
    }

    private var isTold: Bool { fixture.health.current.contains { $0.code == "vault.key.kept" } }

    private func eraseSomebody(_ store: EdgeStore) async throws -> (receipt: ErasureRecord, client: ClientID) {
        let client = try await store.createClient(name: "kiosk").client.id
        let person = try #require(await fixture.enroll("E-1", of: client, in: store)).person.id
        return (try await store.erasePerson(person, of: client), client)
    }

    @Test("never wrapped anything on a device that began with it: an erasure ends as it does with a key file")
    func fromTheFirstDay() async throws {
        let vault = try vault()
        let store = try await open(vault)
        let (erased, client) = try await eraseSomebody(store)
        #expect(erased.receipt.keyDestructionDue != nil && !isTold)
        #expect(try await store.rotateKeys(vault).destroyed == 1)
        #expect(try await store.erasure(erased.receipt.id, of: client)?.completion != nil)
        await store.close()
        // So too at later starts.
        let again = try await open(try self.vault())
        #expect(!isTold)
        await again.close()
    }

    @Test("a ring that was made because the store was away for a moment locks nobody out")
    func storeAway() async throws {
        let first = try KeyVault.open(credential: credential, besides: fixture.directory.path("key"))
        let store = try await open(first)
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        let backup = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: backup)
        await store.close()
        let aside = fixture.directory.path("aside")
        try FileManager.default.moveItem(atPath: fixture.path, toPath: aside)
        let between = try vault()
        await (try await open(between)).close()
        try FileManager.default.removeItem(atPath: fixture.path)
        try FileManager.default.moveItem(atPath: aside, toPath: fixture.path)
        let back = try await open(try vault())
        #expect(try await back.gallery().map(\.person.externalID) == ["E-1"] && isTold)
        await back.close()
        for name in [DatabaseFile.name, Anchor.name] {
            try FileManager.default.removeItem(atPath: "\(fixture.path)/\(name)")
        }
        _ = try StoreRestore.restore(
            backup, into: fixture.path, sealer: between, secrets: between, at: fixture.clock.wall,
            acceptsUnknownErasures: true)
        let restored = try await open(try vault())
        #expect(try await restored.gallery().map(\.person.externalID) == ["E-1"] && isTold)
        await restored.close()
    }

    @Test("a ring that is lost, and a store that begins anew in the place of another, are no reason to trust a receipt")
    func lostRing() async throws {
        await (try await open(try vault())).close()
        try FileManager.default.removeItem(atPath: fixture.directory.path("key.ring"))
        let vault = try KeyVault.open(credential: credential, besides: fixture.directory.path("key"))
        let store = try await open(vault)
        #expect(isTold)
        let (erased, client) = try await eraseSomebody(store)
        _ = try await store.rotateKeys(vault)
        #expect(try await store.erasure(erased.receipt.id, of: client)?.completion == nil)
        await store.close()
        try Data(count: 4096).write(to: URL(filePath: "\(fixture.path)/\(DatabaseFile.name)"))
        let again = try await open(try self.vault())
        #expect(isTold)
        await again.close()
    }

    @Test("once used is told and exchanged, and no receipt says that it is destroyed until it is out of there")
    func used() async throws {
        // Written under the key itself, by an earlier version for example.
        let first = try KeyVault.open(credential: credential, besides: fixture.directory.path("key"))
        let former = first.wrappingKeyID
        let early = try await open(first)
        #expect(isTold)
        let (erased, client) = try await eraseSomebody(early)
        #expect(erased.receipt.keyDestructionDue == nil)
        try await early.rotateKeysWhenDue()
        #expect(first.wrappingKeyID != former && !first.isRotating, "exchanged by itself")
        await early.close()

        let vault = try vault()
        let store = try await open(vault)
        #expect(isTold)
        fixture.clock.advance(by: .seconds(86_400))
        try await store.rotateKeysWhenDue()
        #expect(try await store.rotateKeys(vault).destroyed == 1)
        #expect(try await store.erasure(erased.receipt.id, of: client)?.completion == nil)
        await store.close()

        let content = Array(try Data(contentsOf: URL(filePath: credential)))
        try Data(KeyVault.withoutKeyEncryptionKey(content)).write(to: URL(filePath: credential))
        let trimmed = try self.vault()
        let last = try await open(trimmed)
        #expect(!isTold)
        try await last.rotateKeysWhenDue()
        #expect(try await last.erasure(erased.receipt.id, of: client)?.completion != nil)
        #expect(try await last.verify().isWhole)
        await last.close()
    }
}
