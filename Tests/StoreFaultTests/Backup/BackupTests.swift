import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Backup and restore")
struct BackupTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func filled() async throws -> (EdgeStore, ClientID) {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<3 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        return (store, client)
    }

    private func restore(_ path: String, acceptsUnknownErasures: Bool = false) throws -> String? {
        try StoreRestore.restore(
            path, into: fixture.path, sealer: fixture.vault, secrets: fixture.vault, at: fixture.clock.wall,
            acceptsUnknownErasures: acceptsUnknownErasures)
    }

    @Test("a backup made at work restores everybody who was enrolled until then, and the present file is kept aside")
    func roundTrip() async throws {
        let (store, client) = try await filled()
        let path = fixture.directory.path("copy.sqlite")
        let made = try await store.backUp(to: path)
        #expect(made.bytes > 100_000)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try await fixture.enroll("E-later", of: client, in: store, seed: 9)
        await store.close()
        let kept = try #require(try restore(path))
        #expect(FileManager.default.fileExists(atPath: kept))
        let second = try #require(try restore(path), "also within the same second")
        #expect(FileManager.default.fileExists(atPath: second) && second != kept)
        let again = try await fixture.open()
        #expect(try await again.gallery().map(\.person.externalID).sorted() == ["E-0", "E-1", "E-2"])
        #expect(try await again.verify().isWhole)
        await again.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.path).filter { $0.hasSuffix(".restored") } == []
        )
    }

    @Test("transactions go on while backups are made, and each backup is whole")
    func atWork() async throws {
        let (store, client) = try await filled()
        let fixture = fixture
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 10..<40 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
            }
            for number in 0..<5 {
                group.addTask {
                    _ = try await store.backUp(to: fixture.directory.path("copy-\(number).sqlite"))
                }
            }
            try await group.waitForAll()
        }
        await store.close()
        for number in 0..<5 {
            _ = try restore(fixture.directory.path("copy-\(number).sqlite"))
            let again = try await fixture.open()
            #expect(try await again.verify().isWhole)
            #expect(try await again.gallery().count >= 3)
            await again.close()
            fixture.clock.advance(by: .seconds(1))
        }
    }

    @Test("the device keeps two of itself, a day apart")
    func generations() async throws {
        let (store, _) = try await filled()
        for _ in 0..<4 {
            _ = try await store.backUpGenerations()
            fixture.clock.advance(by: .seconds(86_400))
        }
        #expect(store.backups().count == 2)
        #expect(store.backups().map(\.path) == store.backups().map(\.path).sorted().reversed())
        await store.close()
    }

    @Test("an erasure takes the device's own backups with it, and an older copy cannot bring the person back")
    func erasure() async throws {
        let (store, client) = try await filled()
        let path = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: path)
        _ = try await store.backUpGenerations()
        _ = try await store.removePerson(externalID: "E-1", of: client)
        #expect(store.backups().isEmpty)
        await store.close()
        let early = #expect(throws: EdgeError.self) { try restore(path) }
        #expect(early?.code == .storeBackupOutdated)
        let again = try await fixture.open()
        #expect(try await again.gallery().map(\.person.externalID).sorted() == ["E-0", "E-2"])
        _ = try await again.rotateKeys(fixture.vault)
        await again.close()
        let late = #expect(throws: EdgeError.self) { try restore(path) }
        #expect(late?.code == .keyUnavailable)
    }

    @Test("backups that lie on another disk, behind a link, go with an erasure too")
    func linkedBackups() async throws {
        let (store, client) = try await filled()
        let elsewhere = fixture.directory.path("elsewhere")
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        let folder = "\(fixture.path)/backups"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: elsewhere)
        _ = try await store.backUpGenerations()
        #expect(!store.backups().isEmpty)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).filter { $0.hasSuffix(".sqlite") } == [])
        await store.close()
    }

    @Test("at a start before the keys are exchanged copies from before an erasure go, and a pipe holds up nothing")
    func outdatedCopies() async throws {
        let (store, client) = try await filled()
        let path = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: path)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        await store.close()
        let aside = "\(fixture.path)/\(DatabaseFile.name).aside"
        try FileManager.default.copyItem(atPath: path, toPath: aside)
        #expect(mkfifo("\(fixture.path)/\(DatabaseFile.name).pipe", 0o600) == 0)
        let again = try await fixture.open()
        #expect(!FileManager.default.fileExists(atPath: aside))
        await again.close()
    }

    @Test("what is no backup, is damaged, or is another device's is refused, and nothing has changed")
    func refused() async throws {
        let (store, _) = try await filled()
        let path = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: path)
        let busy = #expect(throws: EdgeError.self) { try restore(path) }
        #expect(busy?.code == .storeBusy)
        await store.close()
        let good = try Data(contentsOf: URL(filePath: path))
        var holed = good
        holed.replaceSubrange(8192..<16384, with: Data(repeating: 0xA5, count: 8192))
        let text = fixture.directory.path("text")
        for content in [Data("no database".utf8), holed, good.prefix(good.count / 2)] {
            try content.write(to: URL(filePath: text))
            let error = #expect(throws: EdgeError.self) { try restore(text) }
            #expect(error?.code == .storeCorrupt)
        }
        let none = #expect(throws: EdgeError.self) { try restore(fixture.directory.path("nowhere")) }
        #expect(none?.code == .storeUnavailable && none?.description.contains("No such file") == true)
        let folder = #expect(throws: EdgeError.self) { try restore(fixture.path) }
        #expect(folder?.description.contains("not a file") == true)
        let other = try StoreFixture()
        let theirs = try await other.open()
        let foreign = fixture.directory.path("foreign.sqlite")
        _ = try await theirs.backUp(to: foreign)
        await theirs.close()
        let error = #expect(throws: EdgeError.self) { try restore(foreign) }
        #expect(error?.code == .keyUnavailable)
        let again = try await fixture.open()
        #expect(try await again.gallery().count == 3)
        await again.close()
    }

    @Test(
        "where the present store is damaged or gone, an older copy from elsewhere needs an operator's word",
        arguments: [true, false])
    func unknownErasures(isDamaged: Bool) async throws {
        let (store, client) = try await filled()
        let path = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: path)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        let own = try await store.backUpGenerations().path
        await store.close()
        let file = "\(fixture.path)/edged.sqlite"
        let damage = Data(repeating: 7, count: 20_000)
        if isDamaged {
            try damage.write(to: URL(filePath: file))
        } else {
            try FileManager.default.removeItem(atPath: file)
        }
        let error = #expect(throws: EdgeError.self) { try restore(path) }
        #expect(error?.code == .storeBackupOutdated)
        #expect(FileManager.default.contents(atPath: file) == (isDamaged ? damage : nil))
        // The device's own was made after the erasure.
        #expect(try (restore(own) != nil) == isDamaged)
        let again = try await fixture.open()
        #expect(try await again.gallery().map(\.person.externalID).sorted() == ["E-0", "E-2"])
        await again.close()
        try damage.write(to: URL(filePath: file))
        fixture.clock.advance(by: .seconds(1))
        _ = try restore(path, acceptsUnknownErasures: true)
        let last = try await fixture.open()
        #expect(try await last.gallery().count == 3)
        await last.close()
    }

    private func refusalOfBackup(_ store: EdgeStore) async -> ErrorCode? {
        do throws(EdgeError) {
            _ = try await store.backUpGenerations()
            return nil
        } catch { return error.code }
    }

    @Test("an erasure that comes while a backup is made leaves none that could bring the person back")
    func erasedMeanwhile() async throws {
        let (store, client) = try await filled()
        for number in 0..<12 {
            let user = "E-x\(number)"
            try await fixture.enroll(user, of: client, in: store, seed: number)
            async let refusal = refusalOfBackup(store)
            _ = try await store.removePerson(externalID: user, of: client)
            #expect([nil, .storeBusy].contains(await refusal))
            let known = try await store.read { try BackupFile.Marks($0).erasures }
            for each in store.backups() { #expect(try BackupFile.check(each.path).erasures == known) }
            fixture.clock.advance(by: .seconds(1))
        }
        await store.close()
    }

    @Test("a damaged store is put aside with its log and its last backup takes its place")
    func damagedStore() async throws {
        let (store, _) = try await filled()
        let made = try await store.backUpGenerations()
        await store.close()
        try Data(repeating: 7, count: 20_000).write(to: URL(filePath: "\(fixture.path)/edged.sqlite"))
        let careful = {
            var options = StoreOptions()
            options.recovers = false
            return options
        }()
        let broken = await #expect(throws: EdgeError.self) { _ = try await fixture.open(options: careful) }
        #expect(broken?.code == .storeCorrupt)
        #expect(try restore(made.path) != nil)
        let again = try await fixture.open()
        #expect(try await again.gallery().count == 3)
        await again.close()
    }

    @Test("a backup that is made after the clock was set back is kept, and the older of the others goes")
    func clockSetBack() async throws {
        let (store, _) = try await filled()
        var made = try await store.backUpGenerations()
        fixture.clock.advance(by: .seconds(86_400))
        let second = try await store.backUpGenerations()
        for _ in 0..<3 {
            fixture.clock.advance(by: .seconds(-10 * 86_400))
            made = try await store.backUpGenerations()
            #expect(Set(store.backups().map(\.path)) == [made.path, second.path])
        }
        await store.close()
    }

    @Test("there is a store at every moment of a restore, so that a power cut does not begin an empty one")
    func neverWithout() async throws {
        let (store, _) = try await filled()
        let path = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: path)
        await store.close()
        let target = "\(fixture.path)/edged.sqlite"
        let present = try FileManager.default.attributesOfItem(atPath: target)[.systemFileNumber] as? Int
        let watch = Watch(target)
        for _ in 0..<20 {
            _ = try restore(path)
            fixture.clock.advance(by: .seconds(1))
        }
        #expect(watch.end() == 0)
        #expect(try FileManager.default.attributesOfItem(atPath: target)[.systemFileNumber] as? Int != present)
    }

    @Test("rows that were edited are not backed up: the copy could not be restored, and would push out a good one")
    func edited() async throws {
        let (store, _) = try await filled()
        let good = try await store.backUpGenerations()
        await store.close()
        let queue = try DatabaseQueue(path: "\(fixture.path)/edged.sqlite")
        try await queue.write { try $0.execute(sql: "UPDATE clients SET name = 'kiosx'") }
        try queue.close()
        let again = try await fixture.open()
        for _ in 0..<3 {
            let error = await #expect(throws: EdgeError.self) { try await again.backUpGenerations() }
            #expect(error?.code == .storeCorrupt)
        }
        #expect(again.backups().map(\.path) == [good.path])
        #expect(try await again.verify().editedTables == ["clients"])
        try await again.acceptContents()
        fixture.clock.advance(by: .seconds(5))
        #expect(try await again.backUpGenerations().bytes > 0)
        await again.close()
    }

    @Test("no backup takes the place of the store itself, nor of a file that the device did not write whole")
    func ownName() async throws {
        let (store, client) = try await filled()
        let other = fixture.directory.path("letter.txt")
        try Data("dear".utf8).write(to: URL(filePath: other))
        let stranger = try StoreFixture()
        await (try await stranger.open()).close()
        let damaged = fixture.directory.path("damaged.sqlite")
        _ = try await store.backUp(to: damaged)
        try Damage(path: damaged).overwrite(at: 8192, Data(repeating: 0x5A, count: 60_000))
        for path in [
            "\(fixture.path)/edged.sqlite", "\(fixture.path)/../store/edged.sqlite", other,
            "\(stranger.path)/edged.sqlite", damaged,
        ] {
            let before = try Data(contentsOf: URL(filePath: path))
            let error = await #expect(throws: EdgeError.self) { try await store.backUp(to: path) }
            #expect(error?.code == .requestInvalid, "\(path)")
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
        let copy = fixture.directory.path("copy.sqlite")
        try Data("draft".utf8).write(to: URL(filePath: "\(copy).new"))
        _ = try await store.backUp(to: copy)
        _ = try await store.backUp(to: copy)
        #expect(FileManager.default.contents(atPath: "\(copy).new") == Data("draft".utf8))
        try await fixture.enroll("E-9", of: client, in: store, seed: 9)
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.peopleCount() == 4)
        await again.close()
    }
}

/// Looks at a path again and again, from a thread of its own.
private final class Watch: Sendable {
    private let state = Mutex((isOver: false, misses: 0))

    init(_ path: String) {
        Thread { [self] in
            while !state.withLock({ $0.isOver }) {
                if access(path, F_OK) != 0 { state.withLock { $0.misses += 1 } }
            }
        }.start()
    }

    /// How often nothing was there.
    func end() -> Int {
        state.withLock { state in
            state.isOver = true
            return state.misses
        }
    }
}
