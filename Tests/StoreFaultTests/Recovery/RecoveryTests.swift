import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("A damaged store is mended")
struct RecoveryTests {
    private let fixture: RecoveryFixture

    init() throws { fixture = try RecoveryFixture() }

    @Test("a torn end of the log is no damage: what was answered before it is there, and nothing is set aside")
    func tornLog() async throws {
        let store = try await fixture.base.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<5 { try await fixture.base.enroll("E-\(number)", of: client, in: store, seed: number) }
        let files = try fixture.base.files()
        await store.close()
        let names = ["edged.sqlite", "edged.sqlite-wal", Anchor.name]
        for name in names { try #require(files[name]).write(to: URL(filePath: "\(fixture.base.path)/\(name)")) }
        let log = Damage(path: "\(fixture.file)-wal")
        try log.overwrite(at: log.size - 700, Data(repeating: 0x5A, count: 700))
        let again = try await fixture.base.open()
        #expect(try await fixture.names(again).isSuperset(of: ["E-0", "E-1", "E-2", "E-3"]))
        // The disk had confirmed what is torn now, and the anchor knows of it.
        let found = try await again.verify()
        #expect(found.alarms.map(\.kind) == [.rolledBack])
        #expect(found.audit.firstBroken == nil && found.fileFaults.isEmpty && found.editedTables.isEmpty)
        #expect(try fixture.kept() == [])
        #expect(!fixture.codes.contains("store.recovered"))
        await again.close()
    }

    @Test("salvage goes around pages of garbage in the middle, keeps everybody else, and tells what is gone")
    func salvage() async throws {
        try await fixture.fill()
        let pages = try fixture.damage.pages(of: "templates")
        try fixture.damage.overwrite([pages[pages.count / 3], pages[pages.count / 2], pages[pages.count - 2]])
        let damaged = try Data(contentsOf: URL(filePath: fixture.file))

        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        let names = try await fixture.names(store)
        let all = fixture.people * 3
        #expect(report.rung == .salvage)
        #expect(report.kept["people"] == fixture.people)
        #expect(report.kept["clients"] == 1)
        #expect(report.kept["templates", default: 0] + report.lost["templates", default: 0] == all)
        #expect((1...30).contains(report.lost["templates", default: 0]))
        #expect(report.lost["audit"] == nil)
        #expect(names.count >= fixture.people - 10)
        #expect(try await fixture.epochReasons(store) == ["corrupt"])
        #expect(try await fixture.isWholeOnceAccepted(store))
        #expect(fixture.codes.contains("store.recovered"))

        let kept = try fixture.kept()
        #expect(kept.count == 1)
        #expect(try Data(contentsOf: URL(filePath: "\(fixture.base.path)/\(kept[0])")) == damaged)
        #expect(try fixture.leftovers() == [])
        let client = try #require(try await store.clients().first?.id)
        try await fixture.base.enroll("E-new", of: client, in: store, seed: 900)
        await store.close()

        let again = try await fixture.base.open()
        #expect(try await fixture.epochReasons(again) == ["corrupt"], "it is told once")
        #expect(fixture.codes.contains("store.recovered"), "the condition stays while the damaged file is there")
        await again.close()
        try FileManager.default.removeItem(atPath: "\(fixture.base.path)/\(kept[0])")
        let last = try await fixture.base.open()
        #expect(!fixture.codes.contains("store.recovered"))
        await last.close()
    }

    @Test("device and lock-outs outlive a salvage")
    func staysItself() async throws {
        try await fixture.fill()
        let before = try await fixture.base.open()
        let (device, epoch) = (before.device, before.epoch)
        await before.close()
        try fixture.damage.forgetStop()
        let pages = try fixture.damage.pages(of: "sessions")
        try fixture.damage.overwrite([pages[pages.count / 2]])
        let store = try await fixture.base.open()
        #expect(store.device == device)
        #expect(store.epoch != epoch)
        let misses = try await store.read { db in try Int.fetchOne(db, sql: "SELECT misses FROM lockouts") }
        #expect(misses == 3)
        #expect(try await fixture.names(store).count == fixture.people)
        await store.close()
    }

    @Test("where nobody lost anything, the salvaged file is taken before a backup of yesterday")
    func salvageFirst() async throws {
        try await fixture.fill(backsUp: true)
        let pages = try fixture.damage.pages(of: "sessions")
        try fixture.damage.overwrite([pages[pages.count / 2]])
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .salvage)
        #expect(try await fixture.names(store).count == fixture.people)
        await store.close()
    }

    @Test("records that do not open are left out, with what hangs on them")
    func brokenSeals() async throws {
        try await fixture.fill()
        let queue = try DatabaseQueue(path: fixture.file)
        try await queue.write { db in
            try db.execute(sql: "UPDATE people SET personal = zeroblob(60) WHERE key = 7")
            try db.execute(sql: "UPDATE templates SET vector = zeroblob(540) WHERE key = 1")
        }
        try queue.close()
        try fixture.damage.overwrite([try #require(fixture.damage.pages(of: "sessions").last)])
        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        #expect(report.lost["people"] == 1)
        #expect(report.lost["templates"] == 4)
        #expect(try await store.verify().brokenSeals == [:])
        #expect(try await fixture.names(store).count == fixture.people - 1)
        await store.close()
    }

    @Test("people whose digest was edited are found by their external id again, and the report says how many")
    func misfiled() async throws {
        try await fixture.fill()
        let queue = try DatabaseQueue(path: fixture.file)
        try await queue.write { db in
            try db.execute(sql: "UPDATE people SET external_id_digest = zeroblob(32) WHERE key = 7")
        }
        try queue.close()
        try fixture.damage.overwrite([try #require(fixture.damage.pages(of: "sessions").last)])
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.refiled == 1)
        let client = try #require(try await store.clients().first?.id)
        #expect(try await store.person(externalID: "E-6", of: client)?.externalID == "E-6")
        #expect(try await store.verify().misfiledPeople == 0)
        await store.close()
    }

    @Test("where people are gone that the newest backup has, the backup takes the file's place")
    func backup() async throws {
        try await fixture.fill(backsUp: true)
        let pages = try fixture.damage.pages(of: "people")
        try fixture.damage.overwrite(Array(pages.dropLast(1)))
        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        #expect(report.rung == .backup)
        #expect(report.kept["people"] == fixture.people - 10)
        #expect(report.backupMadeAt != nil)
        #expect(try await fixture.names(store) == Set((0..<fixture.people - 10).map { "E-\($0)" }))
        #expect(try await fixture.epochReasons(store) == ["corrupt"])
        #expect(try await fixture.isWholeOnceAccepted(store))
        #expect(try fixture.kept().count == 1)
        await store.close()
    }

    @Test(
        "where the file is gone, with its anchor or without, the newest backup takes its place and says so",
        arguments: [true, false])
    func fileIsGone(anchorToo: Bool) async throws {
        try await fixture.fill(backsUp: true)
        for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: fixture.file + suffix) }
        if anchorToo { try FileManager.default.removeItem(atPath: "\(fixture.base.path)/\(Anchor.name)") }
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .backup)
        #expect(try await fixture.names(store).count == fixture.people - 10)
        #expect(try await store.verify().alarms.map(\.kind) == [.mended])
        #expect(try fixture.kept().isEmpty)
        await store.close()
    }

    @Test("a backup from before an erasure that somebody put back does not bring the erased person with it")
    func backupFromBeforeAnErasure() async throws {
        try await fixture.fill(backsUp: true)
        let backup = try #require(EdgeStore.backups(in: fixture.base.path).first)
        let aside = "\(fixture.base.path).aside"
        try FileManager.default.copyItem(atPath: backup.path, toPath: aside)
        let first = try await fixture.base.open()
        let client = try #require(try await first.clients().first?.id)
        _ = try await first.removePerson(externalID: "E-3", of: client)
        await first.close()
        try fixture.damage.forgetStop()
        try FileManager.default.moveItem(atPath: aside, toPath: backup.path)
        // Not a page can be read: only the anchor knows of the erasure.
        try fixture.damage.overwrite(at: 0, Data(repeating: 0, count: 4096))
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .empty)
        #expect(try await store.clients().isEmpty)
        await store.close()
    }

    @Test(
        "nor where the store is gone and its anchor with it: only what the device made since the erasure is taken",
        arguments: [true, false])
    func copyAmongBackups(hasNewer: Bool) async throws {
        try await fixture.fill(backsUp: true)
        let backup = try #require(EdgeStore.backups(in: fixture.base.path).first)
        let aside = "\(fixture.base.path).aside"
        try FileManager.default.copyItem(atPath: backup.path, toPath: aside)
        let first = try await fixture.base.open()
        let client = try #require(try await first.clients().first?.id)
        _ = try await first.removePerson(externalID: "E-3", of: client)
        // `fill` took the note of the clean stop out of the table, and rows that were edited are not backed up.
        _ = try await first.verify()
        try await first.acceptContents()
        if hasNewer { _ = try await first.backUpGenerations() }
        await first.close()
        try FileManager.default.moveItem(
            atPath: aside, toPath: "\(fixture.base.path)/backups/edged-9999999999.sqlite")
        for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: fixture.file + suffix) }
        try FileManager.default.removeItem(atPath: "\(fixture.base.path)/\(Anchor.name)")
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == (hasNewer ? .backup : .empty))
        #expect(try await fixture.names(store).count == (hasNewer ? fixture.people - 1 : 0))
        #expect(try await store.person(externalID: "E-3", of: client) == nil)
        await store.close()
    }

    @Test("what a power cut kept an erasure from removing is removed at the next start")
    func copiesOfTheErased() async throws {
        try await fixture.fill(backsUp: true)
        let backup = try #require(EdgeStore.backups(in: fixture.base.path).first)
        let aside = "\(fixture.base.path).aside"
        try FileManager.default.copyItem(atPath: backup.path, toPath: aside)
        let first = try await fixture.base.open()
        let client = try #require(try await first.clients().first?.id)
        _ = try await first.removePerson(externalID: "E-3", of: client)
        #expect(EdgeStore.backups(in: fixture.base.path).isEmpty)
        await first.close()
        try FileManager.default.moveItem(atPath: aside, toPath: backup.path)
        let second = try await fixture.base.open()
        #expect(EdgeStore.backups(in: fixture.base.path).isEmpty)
        // `fill` took the note of the clean stop out of the table, and rows that were edited are not backed up.
        _ = try await second.verify()
        try await second.acceptContents()
        // One that was made since knows of the erasure, and stays.
        let made = try await second.backUpGenerations()
        await second.close()
        let third = try await fixture.base.open()
        #expect(third.backups().map(\.path) == [made.path])
        await third.close()
    }

    @Test("a damaged backup is passed over for the one before it")
    func olderBackup() async throws {
        try await fixture.fill(backsUp: true)
        fixture.base.clock.advance(by: .seconds(90_000))
        let good = try #require(EdgeStore.backups(in: fixture.base.path).first)
        let newer = "\(fixture.base.path)/backups/edged-99999999999.sqlite"
        try FileManager.default.copyItem(atPath: good.path, toPath: newer)
        try Damage(path: newer).overwrite([2, 3, 4, 5, 6])
        try fixture.damage.overwrite(at: 0, Data(repeating: 0, count: 100))
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .backup)
        #expect(try await fixture.names(store).count == fixture.people - 10)
        await store.close()
    }

    @Test("a file whose end is missing keeps what stands before it")
    func truncated() async throws {
        try await fixture.fill()
        try fixture.damage.cut(to: fixture.damage.size * 2 / 3 / 4096 * 4096)
        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        #expect(report.rung == .salvage)
        #expect(report.kept["clients"] == 1)
        let names = try await fixture.names(store)
        #expect(!names.isEmpty && names.count < fixture.people)
        let found = try await store.verify()
        #expect(found.fileFaults == [] && found.brokenSeals == [:])
        await store.close()
    }

    @Test("without a header, a readable row or a backup an empty store begins, and says so", arguments: [0, 1])
    func empty(kind: Int) async throws {
        try await fixture.fill()
        if kind == 0 {
            try fixture.damage.overwrite(at: 0, Data(repeating: 0, count: 4096))
        } else {
            try fixture.damage.cut(to: 0)
            try Data(
                "not a database, and longer than a header is, by some more words and a full stop. And another sentence."
                    .utf8
            )
            .write(to: URL(filePath: fixture.file))
        }
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .empty)
        #expect(try await store.clients().isEmpty)
        #expect(try await fixture.epochReasons(store) == ["corrupt"])
        #expect(fixture.codes.contains("store.recovered"))
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.base.enroll("E-1", of: client, in: store)
        #expect(try await fixture.isWholeOnceAccepted(store))
        await store.close()
        #expect(try fixture.kept().count == 1)
    }

    @Test(
        "a store that is gone with its log, its anchor and its backups is no beginning while something else tells of it",
        arguments: [TailFile.name, DiskRoom.fileName, "backups/made", "edged.sqlite.damaged-1700000000", "key ring"])
    func gone(trace: String) async throws {
        try await fixture.fill()
        let beside = try FileManager.default.contentsOfDirectory(atPath: fixture.base.path)
        for name in beside { try FileManager.default.removeItem(atPath: "\(fixture.base.path)/\(name)") }
        var options = StoreOptions()
        options.isExpected = trace == "key ring"
        try FileManager.default.createDirectory(
            atPath: "\(fixture.base.path)/backups", withIntermediateDirectories: true)
        if !options.isExpected { try Data([1]).write(to: URL(filePath: "\(fixture.base.path)/\(trace)")) }
        // Also after a cut behind the file's creation.
        for isMade in [false, true] {
            if isMade { try Data().write(to: URL(filePath: fixture.file)) }
            let store = try await fixture.base.open(options: options)
            #expect(try await fixture.report(store)?.rung == .empty)
            #expect(try await store.verify().alarms.map(\.kind) == [.mended])
            await store.close()
            for name in [DatabaseFile.name, Anchor.name] {
                try FileManager.default.removeItem(atPath: "\(fixture.base.path)/\(name)")
            }
        }
    }

    @Test("damage after a clean stop that shows while the store opens is mended as well")
    func afterCleanStop() async throws {
        try await fixture.fill(backsUp: true)
        await (try await fixture.base.open()).close()
        try fixture.damage.overwrite(try fixture.damage.pages(of: "clients"))
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .backup)
        #expect(try await store.clients().map(\.name) == ["kiosk"])
        #expect(!fixture.codes.contains("store.corrupt"))
        await store.close()
    }

    @Test("an exchange that a power cut has interrupted is ended by whoever opens the store next")
    func interrupted() async throws {
        try await fixture.fill()
        // Decided, the old log not yet removed, the file not yet in its place.
        try FileManager.default.moveItem(atPath: fixture.file, toPath: "\(fixture.file).ready")
        try Data(repeating: 0xEE, count: 9000).write(to: URL(filePath: fixture.file))
        try Data(repeating: 0xEE, count: 9000).write(to: URL(filePath: "\(fixture.file)-wal"))
        let store = try await fixture.base.open()
        #expect(try await fixture.names(store).count == fixture.people)
        #expect(try fixture.leftovers() == [])
        await store.close()
    }

    @Test("not more than three damaged files are kept")
    func keptFiles() async throws {
        for _ in 0..<5 {
            try await fixture.base.open().close()
            try fixture.damage.overwrite(at: 0, Data(repeating: 0, count: 4096))
            fixture.base.clock.advance(by: .seconds(60))
        }
        try await fixture.base.open().close()
        #expect(try fixture.kept().count == 3)
    }
}
