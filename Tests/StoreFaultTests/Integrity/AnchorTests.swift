import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("The anchor beside the store")
struct AnchorTests {
    private func stopped(people: Int = 2) async throws -> StoreLife {
        let (life, store) = try await StoreLife.begin(people: people)
        await store.close()
        return life
    }

    /// Opens the store, checks what it tells, and closes it.
    private func found(
        _ life: StoreLife, recovers: Bool = true
    ) async throws -> (kinds: [StoreAlarm.Kind], found: StoreVerification) {
        var options = StoreOptions()
        options.recovers = recovers
        let store = try await life.fixture.open(options: options)
        let found = try await store.verify()
        let conditions = Set(life.fixture.health.current.map(\.code))
        for alarm in found.alarms { #expect(conditions.contains(alarm.kind.rawValue)) }
        await store.close()
        return (found.alarms.map(\.kind), found)
    }

    private func lines(_ life: StoreLife, _ action: String) async throws -> Int {
        let store = try await life.fixture.open()
        let lines = try await store.newest(1000).filter { $0.action == action }.count
        await store.close()
        return lines
    }

    @Test("says nothing of a store that nobody touched, however it was stopped and started")
    func honest() async throws {
        let life = try await stopped()
        for _ in 0..<4 { #expect(try await found(life).found.isWhole) }
        // A copy taken while the store was open is what a kill leaves: file, log and anchor as they were.
        let store = try await life.fixture.open()
        try await life.goOn(in: store)
        let copy = try StoreCopy(of: life)
        await store.close()
        try copy.putBack()
        #expect(try await found(life).found.isWhole)
        #expect(try await found(life).found.isWhole)
    }

    @Test("notices an older copy of the database, says how much is missing, and begins an epoch")
    func rolledBack() async throws {
        let life = try await stopped()
        let copy = try StoreCopy(of: life)
        let before = try await life.fixture.open()
        let epoch = before.epoch
        try await life.goOn(in: before)
        await before.close()
        try copy.putBack(only: [DatabaseFile.name])
        let store = try await life.fixture.open()
        #expect(store.epoch != epoch)
        let alarms = try await store.verify().alarms
        #expect(alarms.map(\.kind) == [.rolledBack])
        #expect(alarms.first?.detail.contains("audit lines are missing") == true)
        try await life.goOn(in: store)
        await store.close()
        #expect(try await found(life).kinds == [.rolledBack])
        #expect(try await lines(life, "store.rolled_back") == 1)
        #expect(try await lines(life, "store.epoch") == 1)
    }

    @Test("is missed by a copy from the store's first moment on")
    func firstMoment() async throws {
        let fixture = try StoreFixture()
        let first = try await fixture.open()
        let client = try await first.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: first)
        var copies = [try fixture.files()]
        _ = try await first.removePerson(externalID: "E-1", of: client)
        copies.append(try fixture.files())
        await first.close()
        for (number, files) in copies.enumerated() {
            for name in try fixture.files().keys {
                try FileManager.default.removeItem(atPath: "\(fixture.path)/\(name)")
            }
            for (name, bytes) in files where name != Anchor.name {
                try bytes.write(to: URL(filePath: "\(fixture.path)/\(name)"))
            }
            let store = try await fixture.open()
            #expect(try await store.verify().alarms.map(\.kind) == [.anchor], "copy \(number)")
            await store.close()
        }
    }

    @Test("a missing one is still missed after a power cut while a new one is made")
    func missedAgain() async throws {
        let life = try await stopped()
        try FileManager.default.removeItem(atPath: "\(life.fixture.path)/\(Anchor.name)")
        // What the opening makes in its place, and nothing of its transaction.
        let database = try Data(contentsOf: URL(filePath: life.file))
        await (try await life.fixture.open()).close()
        let sums = try TableSums(life.fixture.vault, anchor: DiskAnchorFile("\(life.fixture.path)/\(Anchor.name)"))
        try FileManager.default.removeItem(atPath: "\(life.fixture.path)/\(Anchor.name)")
        _ = sums.anchor?.begin(with: AnchorRecord(), else: 0)
        try database.write(to: URL(filePath: life.file))
        #expect(try await found(life).kinds == [.anchor])
    }

    @Test("notices an older copy that was never closed, and one that lost its log")
    func olderLog() async throws {
        let life = try await stopped()
        let store = try await life.fixture.open()
        try await life.goOn(in: store)
        let copy = try StoreCopy(of: life)
        try await life.goOn(in: store)
        let later = try StoreCopy(of: life)
        await store.close()
        try later.putBack()
        try FileManager.default.removeItem(atPath: "\(life.file)-wal")
        #expect(try await found(life).kinds == [.rolledBack])
        try copy.putBack()
        try later.putBack(only: [Anchor.name])
        #expect(try await found(life).kinds == [.rolledBack])
    }

    @Test("notices a database that was taken away")
    func gone() async throws {
        let life = try await stopped()
        try FileManager.default.removeItem(atPath: life.file)
        #expect(try await found(life).kinds == [.rolledBack])
    }

    @Test("is missed when it is gone, changed or an older one")
    func anchorTouched() async throws {
        let life = try await stopped()
        let old = try StoreCopy(of: life)
        let store = try await life.fixture.open()
        try await life.goOn(in: store)
        await store.close()
        let good = try StoreCopy(of: life)
        let path = "\(life.fixture.path)/\(Anchor.name)"
        try FileManager.default.removeItem(atPath: path)
        #expect(try await found(life).kinds == [.anchor])
        try good.putBack()
        try old.putBack(only: [Anchor.name])
        #expect(try await found(life).kinds == [.anchor])
        try good.putBack()
        let bytes = try Data(contentsOf: URL(filePath: path))
        for place in [0, 9, 100, 200, 511, 512, 4095, 4096, 4200, 8191] {
            try good.putBack()
            var edited = try Data(contentsOf: URL(filePath: path))
            edited[place] ^= 0x10
            try edited.write(to: URL(filePath: path))
            #expect(try await found(life).kinds == [.anchor], "byte \(place)")
        }
        for edited in [Data(), bytes.prefix(4096), bytes + Data([0])] {
            try good.putBack()
            try edited.write(to: URL(filePath: path))
            #expect(try await found(life).kinds == [.anchor])
        }
        try good.putBack()
        #expect(try await found(life).found.isWhole)
    }

    @Test("is looked at while the store is open")
    func whileOpen() async throws {
        let (life, store) = try await StoreLife.begin(people: 1)
        #expect(try await store.verify().isWhole)
        let path = "\(life.fixture.path)/\(Anchor.name)"
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
        #expect(try await store.verify().alarms.map(\.kind) == [.anchor])
        await store.close()
    }

    /// What somebody does to the anchor.
    enum Touch: CaseIterable {
        case changed, removed, exchanged, pipe

        func act(on path: String) throws {
            var bytes = try Data(contentsOf: URL(filePath: path))
            if self == .changed {
                bytes[20] ^= 1
                return try bytes.write(to: URL(filePath: path))
            }
            try FileManager.default.removeItem(atPath: path)
            if self == .exchanged { try Data(count: 8192).write(to: URL(filePath: path)) }
            if self == .pipe { #expect(mkfifo(path, 0o600) == 0) }
        }
    }

    @Test(
        "touched while the store is open it is told before it is written over, until that is accepted",
        arguments: Touch.allCases)
    func notWiped(touch: Touch) async throws {
        let (life, store) = try await StoreLife.begin(people: 1)
        try touch.act(on: "\(life.fixture.path)/\(Anchor.name)")
        try await life.goOn(in: store)
        await store.close()
        #expect(try await lines(life, "store.anchor") == 1)
        #expect(try await found(life).kinds == [.anchor])
        let again = try await life.fixture.open()
        try await again.acceptContents()
        #expect(try await again.verify().isWhole)
        try await life.goOn(in: again)
        await again.close()
        #expect(try await found(life).found.isWhole)
        #expect(try await lines(life, "store.anchor") == 1)
    }

    @Test("touched while the store is open it is looked for from time to time, and told once")
    func lookedFor() async throws {
        let (life, store) = try await StoreLife.begin(people: 1)
        for chore in EdgeStore.chores where chore.name == "files beside" { await store.perform(chore) }
        #expect(!life.fixture.health.current.contains { $0.code == "store.anchor" })
        try Touch.changed.act(on: "\(life.fixture.path)/\(Anchor.name)")
        for _ in 0..<2 {
            for chore in EdgeStore.chores where chore.name == "files beside" { await store.perform(chore) }
        }
        #expect(life.fixture.health.current.contains { $0.code == "store.anchor" })
        #expect(try await store.newest(1000).filter { $0.action == "store.anchor" }.count == 1)
        await store.close()
    }

    @Test("a store that was edited while it was closed is accepted by nobody who was not shown it")
    func acceptedUnseen() async throws {
        let life = try await stopped()
        try life.edit("UPDATE lockouts SET misses = 1")
        let store = try await life.fixture.openUnmended()
        let error = await #expect(throws: EdgeError.self) { try await store.acceptContents() }
        #expect(error?.code == .storeUnseen && error?.detail.contains("lockouts") == true)
        await store.close()
        let shown = try await found(life)
        #expect(shown.kinds == [.edited] && shown.found.editedTables == ["lockouts"])
        let again = try await life.fixture.openUnmended()
        try await again.acceptContents()
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    @Test("any byte of a file that was closed in order counts, also where no row stands")
    func anyByte() async throws {
        let life = try await stopped()
        let good = try StoreCopy(of: life)
        let size = try Data(contentsOf: URL(filePath: life.file)).count
        for place in [27, 43, 71, 4096 + 2000, size / 2, size - 1] {
            try good.putBack()
            var bytes = try Data(contentsOf: URL(filePath: life.file))
            bytes[place] ^= 1
            try bytes.write(to: URL(filePath: life.file))
            do {
                // Damage that is mended is told as such; here the file is looked at as it is.
                #expect(try await found(life, recovers: false).kinds == [.edited], "byte \(place)")
            } catch let error as EdgeError {
                #expect(error.code == .storeCorrupt)
            }
        }
    }

    @Test("a restored backup is no roll back; the backup put back by hand is; an edited backup is refused")
    func restored() async throws {
        let (life, store) = try await StoreLife.begin(people: 2)
        let backup = life.fixture.directory.path("backup.sqlite")
        _ = try await store.backUp(to: backup)
        let epoch = store.epoch
        try await store.append(AuditRecord(action: "test.note", succeeded: true, at: life.fixture.clock.wall))
        await store.close()
        func restore() throws {
            _ = try StoreRestore.restore(
                backup, into: life.fixture.path, sealer: life.fixture.vault, secrets: life.fixture.vault,
                at: life.fixture.clock.wall.addingTimeInterval(.random(in: 1...1e6)), acceptsUnknownErasures: true)
        }
        let pristine = try Data(contentsOf: URL(filePath: backup))
        try restore()
        let again = try await life.fixture.open()
        #expect(try await again.verify().isWhole)
        #expect(again.epoch != epoch)
        await again.close()
        try FileManager.default.removeItem(atPath: life.file)
        try FileManager.default.copyItem(atPath: backup, toPath: life.file)
        #expect(try await found(life).kinds == [.rolledBack])
        try StoreLife.edit(backup, "UPDATE lockouts SET misses = 1")
        #expect(throws: EdgeError(.storeCorrupt, "The backup was changed since it was made.")) { try restore() }
        try pristine.write(to: URL(filePath: backup))
        for name in [DatabaseFile.name, Anchor.name] {
            try FileManager.default.removeItem(atPath: "\(life.fixture.path)/\(name)")
        }
        try restore()
        #expect(try await found(life).found.isWhole)
    }

    @Test("alarms stand until they are accepted, with a line that says so")
    func accepted() async throws {
        let life = try await stopped()
        try life.edit("UPDATE lockouts SET misses = 1")
        let store = try await life.fixture.open()
        #expect(try await store.verify().editedTables == ["lockouts"])
        try await store.acceptContents()
        let found = try await store.verify()
        #expect(found.isWhole)
        #expect(!life.fixture.health.current.contains { $0.code == "store.edited" })
        try await life.goOn(in: store)
        await store.close()
        #expect(try await self.found(life).found.isWhole)
        #expect(try await lines(life, "store.accepted") == 1)
    }

    @Test("one that cannot be written stops nobody, is told, and is no alarm later")
    func unwritable() async throws {
        let fixture = try StoreFixture()
        let anchor = FailingAnchor(DiskAnchorFile(fixture.directory.path("anchor")))
        var options = StoreOptions()
        options.anchor = anchor
        let (life, store) = try await StoreLife.begin(people: 1, fixture: fixture, options: options)
        try await store.syncAnchor()
        anchor.fails.store(true, ordering: .relaxed)
        try await life.goOn(in: store)
        try await store.syncAnchor()
        #expect(fixture.health.current.contains { $0.code == "store.anchor.unwritten" })
        await store.close()
        anchor.fails.store(false, ordering: .relaxed)
        let again = try await fixture.open(options: options)
        #expect(try await again.verify().isWhole)
        try await again.syncAnchor()
        #expect(!fixture.health.current.contains { $0.code == "store.anchor.unwritten" })
        await again.close()
    }
}

/// An anchor's file that fails on demand, as one on a full or a broken disk does.
private final class FailingAnchor: AnchorFile {
    let fails = Atomic(false)
    private let file: DiskAnchorFile

    init(_ file: DiskAnchorFile) { self.file = file }

    private func check() throws(EdgeError) {
        if fails.load(ordering: .relaxed) { throw EdgeError(.storeUnavailable, "injected") }
    }

    func read() throws(EdgeError) -> [UInt8]? { try file.read() }

    func create(_ bytes: [UInt8]) throws(EdgeError) {
        try check()
        try file.create(bytes)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(EdgeError) {
        try check()
        try file.write(bytes, at: offset)
    }

    func sync() throws(EdgeError) {
        try check()
        try file.sync()
    }
}
