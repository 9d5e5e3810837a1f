import EdgeCore
import EdgeTesting
import Foundation
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("The list of the device's own backups")
struct BackupLedgerTests {
    private let fixture: StoreFixture
    private var list: String { BackupLedger.path(in: fixture.path) }

    init() throws { fixture = try StoreFixture() }

    private func lists(_ backup: String, of other: StoreFixture? = nil) throws -> Bool {
        try BackupLedger(in: fixture.path, (other ?? fixture).vault).lists(backup)
    }

    @Test("names a backup by its bytes, and nothing once it was changed or is read with another device's keys")
    func named() async throws {
        let store = try await fixture.open()
        let first = try await store.backUpGenerations().path
        fixture.clock.advance(by: .seconds(1))
        let second = try await store.backUpGenerations().path
        #expect(try lists(first) && lists(second))
        #expect(try !lists(first, of: StoreFixture()))
        _ = try await store.createClient(name: "kiosk")
        let elsewhere = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: elsewhere)
        #expect(try !lists(elsewhere), "only what the device keeps of itself")
        await store.close()
        var bytes = try Data(contentsOf: URL(filePath: second))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(filePath: second))
        #expect(try lists(first) && !lists(second))
        var entries = try Data(contentsOf: URL(filePath: list))
        entries[10] ^= 1
        try entries.write(to: URL(filePath: list))
        #expect(try !lists(first))
    }

    @Test("goes with an erasure, and one that a power cut kept goes at the next start, with the backups that it lists")
    func erased() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        let backup = try await store.backUpGenerations().path
        let before = try [backup, list].map { try Data(contentsOf: URL(filePath: $0)) }
        _ = try await store.removePerson(externalID: "E-1", of: client)
        #expect(!FileManager.default.fileExists(atPath: list))
        await store.close()
        for (bytes, path) in zip(before, [backup, list]) { try bytes.write(to: URL(filePath: path)) }
        let again = try await fixture.open()
        #expect(again.backups().isEmpty && !FileManager.default.fileExists(atPath: list))
        fixture.clock.advance(by: .seconds(1))
        let made = try await again.backUpGenerations().path
        #expect(try lists(made))
        await again.close()
    }

    @Test("where the store is gone, a copy from before an erasure among the backups needs an operator's word")
    func restored() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        let backup = try await store.backUpGenerations().path
        let bytes = try Data(contentsOf: URL(filePath: backup))
        _ = try await store.removePerson(externalID: "E-1", of: client)
        await store.close()
        try bytes.write(to: URL(filePath: backup))
        try FileManager.default.removeItem(atPath: "\(fixture.path)/\(DatabaseFile.name)")
        let error = #expect(throws: EdgeError.self) { try restore(backup) }
        #expect(error?.code == .storeBackupOutdated)
        #expect(try restore(backup, acceptsUnknownErasures: true) == nil)
        let again = try await fixture.open()
        #expect(try await again.gallery().map(\.person.externalID) == ["E-1"])
        await again.close()
    }

    private func restore(_ path: String, acceptsUnknownErasures: Bool = false) throws -> String? {
        try StoreRestore.restore(
            path, into: fixture.path, sealer: fixture.vault, secrets: fixture.vault, at: fixture.clock.wall,
            acceptsUnknownErasures: acceptsUnknownErasures)
    }

    @Test("housekeeping makes a backup at once where none of those that are there is listed")
    func unlisted() async throws {
        let store = try await fixture.open()
        _ = try await store.backUpGenerations()
        try FileManager.default.removeItem(atPath: list)
        fixture.clock.advance(by: .seconds(1))
        try await store.backUpWhenDue()
        #expect(store.backups().count == 2)
        let newest = try #require(store.backups().first?.path)
        #expect(try lists(newest))
        await store.close()
    }
}
