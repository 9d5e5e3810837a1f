import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Logging
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("What is not mended")
struct RecoveryRefusalTests {
    private let fixture: RecoveryFixture

    init() throws { fixture = try RecoveryFixture() }

    private func damageTemplates() throws {
        try fixture.damage.overwrite([try #require(fixture.damage.pages(of: "templates").last)])
    }

    /// The store refuses to open with this code, and everything lies as it lay.
    private func expectRefusal(_ code: ErrorCode, _ open: () async throws -> EdgeStore) async throws {
        let before = try Data(contentsOf: URL(filePath: fixture.file))
        let error = await #expect(throws: EdgeError.self) { _ = try await open() }
        #expect(error?.code == code)
        #expect(try Data(contentsOf: URL(filePath: fixture.file)) == before)
        #expect(try fixture.kept() == [])
        #expect(try fixture.leftovers() == [])
    }

    @Test("a store under other keys, damaged or not")
    func otherKeys() async throws {
        try await fixture.fill(backsUp: true)
        try damageTemplates()
        let other = try KeyVault.open(keyFile: fixture.base.directory.path("other"))
        try await expectRefusal(.keyUnavailable) { try await fixture.base.open(sealer: other, secrets: other) }
    }

    @Test("a store under other keys whose own notes are gone: nothing in it opens")
    func otherKeysUnknown() async throws {
        try await fixture.fill()
        try fixture.damage.overwrite(try fixture.damage.pages(of: "meta"))
        let other = try KeyVault.open(keyFile: fixture.base.directory.path("other"))
        try await expectRefusal(.keyUnavailable) { try await fixture.base.open(sealer: other, secrets: other) }
    }

    @Test("a damaged store of a later version")
    func laterVersion() async throws {
        try await fixture.fill()
        let queue = try DatabaseQueue(path: fixture.file)
        try await queue.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        try queue.close()
        try damageTemplates()
        try await expectRefusal(.storeSchemaNewer) { try await fixture.base.open() }
    }

    @Test("a damaged file that somebody has open")
    func busy() async throws {
        try await fixture.fill()
        let holder = try DatabaseFile.connect(fixture.file, TableSums(fixture.base.vault))
        #expect(throws: EdgeError(.storeBusy)) { try RecoveryLock.requireNobody(has: fixture.file) }
        try? holder.close()
    }

    @Test("a store that another process is mending")
    func mending() async throws {
        try await fixture.fill()
        try damageTemplates()
        let error = try RecoveryLock.held(in: fixture.base.path) {
            #expect(throws: EdgeError.self) {
                _ = try StoreRecovery(
                    directory: fixture.base.path, sealer: fixture.base.vault, secrets: fixture.base.vault,
                    signer: fixture.base.vault, moment: fixture.base.clock.wall, log: .init(label: "test")
                ).open(TableSums(fixture.base.vault))
            }
        }
        #expect(error?.code == .storeBusy)
    }

    @Test("a damaged store where that was forbidden")
    func forbidden() async throws {
        try await fixture.fill(backsUp: true)
        try damageTemplates()
        try await expectRefusal(.storeCorrupt) { try await fixture.base.openUnmended() }
    }

    @Test("erased people stay erased: a backup that knows of fewer erasures is passed over")
    func erased() async throws {
        try await fixture.fill(backsUp: true)
        let backup = try #require(EdgeStore.backups(in: fixture.base.path).first).path
        let aside = fixture.base.directory.path("aside.sqlite")
        try FileManager.default.copyItem(atPath: backup, toPath: aside)
        let store = try await fixture.base.open()
        let client = try #require(try await store.clients().first?.id)
        _ = try await store.removePerson(externalID: "E-5", of: client)
        await store.close()
        #expect(EdgeStore.backups(in: fixture.base.path).isEmpty)
        // Somebody puts it back.
        try FileManager.default.copyItem(atPath: aside, toPath: backup)
        try fixture.damage.forgetStop()
        try fixture.damage.overwrite(Array(try fixture.damage.pages(of: "people").dropLast(1)))
        let again = try await fixture.base.open()
        #expect(try await fixture.report(again)?.rung == .salvage)
        #expect(try await !fixture.names(again).contains("E-5"))
        await again.close()
    }

    @Test("an empty store does not know who was erased, so no other backup comes back unasked")
    func unknownErasures() async throws {
        try await fixture.fill(backsUp: true)
        let backup = try #require(EdgeStore.backups(in: fixture.base.path).first).path
        let aside = fixture.base.directory.path("aside.sqlite")
        try FileManager.default.moveItem(atPath: backup, toPath: aside)
        try fixture.damage.overwrite(at: 0, Data(repeating: 0, count: 4096))
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .empty)
        await store.close()
        let refused = #expect(throws: EdgeError.self) {
            _ = try StoreRestore.restore(
                aside, into: fixture.base.path, sealer: fixture.base.vault, secrets: fixture.base.vault,
                at: fixture.base.clock.wall)
        }
        #expect(refused?.code == .storeBackupOutdated)
        _ = try StoreRestore.restore(
            aside, into: fixture.base.path, sealer: fixture.base.vault, secrets: fixture.base.vault,
            at: fixture.base.clock.wall, acceptsUnknownErasures: true)
        let again = try await fixture.base.open()
        #expect(try await fixture.names(again).count == fixture.people - 10)
        await again.close()
    }

    @Test("a backup whose rows were changed stands in nobody's way: the one before it is taken")
    func changedBackup() async throws {
        try await fixture.fill(backsUp: true)
        let good = try #require(EdgeStore.backups(in: fixture.base.path).first)
        let changed = "\(fixture.base.path)/backups/edged-9999999999.sqlite"
        try FileManager.default.copyItem(atPath: good.path, toPath: changed)
        let queue = try DatabaseQueue(path: changed)
        try await queue.write { try $0.execute(sql: "UPDATE clients SET name = 'kiosx'") }
        try queue.close()
        try fixture.damage.overwrite([1], with: 0)
        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        #expect(report.rung == .backup && report.kept["people"] == fixture.people - 10)
        #expect(try await store.clients().map(\.name) == ["kiosk"])
        await store.close()
    }

    @Test("where every backup was changed an empty store is better than a door that never opens")
    func allChanged() async throws {
        try await fixture.fill(backsUp: true)
        let only = try #require(EdgeStore.backups(in: fixture.base.path).first)
        let queue = try DatabaseQueue(path: only.path)
        try await queue.write { try $0.execute(sql: "UPDATE clients SET name = 'kiosx'") }
        try queue.close()
        try fixture.damage.overwrite([1], with: 0)
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .empty)
        #expect(fixture.codes.contains("store.recovered"))
        await store.close()
    }

    @Test("an empty file is no new store while backups or an anchor tell of one", arguments: [0, 1, 99])
    func emptied(bytes: Int) async throws {
        try await fixture.fill(backsUp: true)
        try fixture.damage.cut(to: bytes)
        let error = await #expect(throws: EdgeError.self) { try await fixture.base.openUnmended() }
        #expect(error?.code == .storeCorrupt)
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .backup)
        #expect(try await store.peopleCount() == fixture.people - 10)
        await store.close()
    }

    @Test("an empty file alone is what a power cut in the first start leaves, and a store is begun")
    func first() async throws {
        try FileManager.default.createDirectory(atPath: fixture.base.path, withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: fixture.file, contents: nil))
        let store = try await fixture.base.open()
        #expect(try await store.verify().isWhole)
        #expect(!fixture.codes.contains("store.recovered"))
        await store.close()
    }

    @Test(
        "a page that leads back to itself is gone round once, and keeps no start waiting",
        arguments: ["audit", "templates"])
    func cycle(table: String) async throws {
        try await fixture.fill()
        let page = try #require(try fixture.damage.pages(of: table, kind: "internal").first)
        // The pointer to the last child stands in the head of an inner page, four bytes from its eighth on.
        let number = withUnsafeBytes(of: UInt32(page).bigEndian) { Data($0) }
        try fixture.damage.overwrite(at: (page - 1) * 4096 + 8, number)
        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        #expect(report.rung == .salvage && report.kept["clients"] == 1)
        #expect(report.kept[table, default: 0] > 0)
        await store.close()
    }
}
