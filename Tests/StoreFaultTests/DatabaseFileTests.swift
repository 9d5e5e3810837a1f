import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Logging
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Database file")
struct DatabaseFileTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("is for this user alone, and has no shared-memory file beside it")
    func permissions() async throws {
        let previous = umask(0)
        defer { umask(previous) }
        let store = try await fixture.open()
        _ = try await store.createClient(name: "kiosk")
        for name in try fixture.files().keys {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(fixture.path)/\(name)")[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
        #expect(try Set(fixture.files().keys) == ["edged.sqlite", "edged.sqlite-wal", Anchor.name])
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        await store.close()
        #expect(try Set(fixture.files().keys) == ["edged.sqlite", Anchor.name])
    }

    @Test("a pipe in its place is waited for by nobody")
    func pipe() async throws {
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: true)
        #expect(mkfifo("\(fixture.path)/\(DatabaseFile.name)", 0o600) == 0)
        let error = await #expect(throws: EdgeError.self) { _ = try await fixture.open() }
        #expect(error?.code == .storeUnavailable)
    }

    @Test(
        "runs with the settings that a power cut asks for",
        arguments: [
            ("locking_mode", "exclusive"), ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"),
            ("secure_delete", "1"), ("temp_store", "2"), ("trusted_schema", "0"), ("cell_size_check", "1"),
            ("mmap_size", "0"), ("page_size", "4096"), ("auto_vacuum", "2"), ("wal_autocheckpoint", "1000"),
            ("application_id", "1162102596"), ("user_version", "3"),
        ])
    func pragmas(name: String, value: String) async throws {
        let store = try await fixture.open()
        let actual = try await store.read { db in
            try Row.fetchOne(db, sql: "PRAGMA \(name)").map { "\($0[0] ?? "" as any DatabaseValueConvertible)" }
        }
        #expect(actual == value)
        await store.close()
    }

    @Test("says in its header that it has a log, also where a power cut brought back the journal of that change")
    func headerOfLog() async throws {
        let path = fixture.directory.path("file.sqlite")
        let versions = { () throws -> [UInt8] in
            Array(try Data(contentsOf: URL(filePath: path))[18..<20])
        }
        let sums = try TableSums(fixture.vault)
        let first = try DatabaseFile.connect(path, sums)
        try await first.write { try $0.execute(sql: "CREATE TABLE notes (text)") }
        try first.close()
        #expect(try versions() == [2, 2])
        // What the journal has put back, beside a log that was just made.
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes.replaceSubrange(18..<20, with: [1, 1])
        try bytes.write(to: URL(filePath: path))
        try Data().write(to: URL(filePath: "\(path)-wal"))
        let again = try DatabaseFile.connect(path, sums)
        try await again.write { try $0.execute(sql: "INSERT INTO notes VALUES ('kept')") }
        #expect(try await again.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        try again.close()
        #expect(try versions() == [2, 2])
        let last = try DatabaseFile.connect(path, sums)
        #expect(try await last.read { try String.fetchAll($0, sql: "SELECT text FROM notes") } == ["kept"])
        try last.close()
    }

    @Test("has strict tables only")
    func strict() async throws {
        let store = try await fixture.open()
        let lax = try await store.read { db in
            try String.fetchAll(
                db, sql: "SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'")
        }
        #expect(lax == [])
        await store.close()
    }

    @Test("is refused to a second opener in the same process")
    func secondOpener() async throws {
        let store = try await fixture.open()
        await #expect(throws: EdgeError(.storeBusy)) { try await fixture.open() }
        await store.close()
        try await fixture.open().close()
    }

    @Test("is refused to a second process")
    func secondProcess() async throws {
        let store = try await fixture.open()
        let path = fixture.path
        await #expect(processExitsWith: .exitCode(77)) { [path = path as String] in
            do {
                _ = try DatabaseFile.open(directory: path, sums: TableSums(PlainSecrets()))
                exit(0)
            } catch { exit(storeError(error).code == .storeBusy ? 77 : 1) }
        }
        await store.close()
    }

    @Test("of a later schema is refused and left as it is")
    func newerSchema() async throws {
        let store = try await fixture.open()
        try await store.withoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        await store.close()
        let before = try fixture.files()
        let error = await #expect(throws: EdgeError.self) { try await fixture.open() }
        #expect(error?.code == .storeSchemaNewer)
        #expect(error?.detail.contains("99") == true)
        #expect(try fixture.files()["edged.sqlite"] == before["edged.sqlite"])
    }

    @Test("that is another program's is refused")
    func foreignFile() async throws {
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: false)
        let foreign = try DatabaseQueue(path: "\(fixture.path)/edged.sqlite")
        try await foreign.write { try $0.execute(sql: "CREATE TABLE music (title TEXT)") }
        try foreign.close()
        await #expect(throws: EdgeError.self) { try await fixture.open() }
    }

    @Test("that is no database is corrupt, not a crash")
    func garbage() async throws {
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: false)
        try Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) })
            .write(to: URL(filePath: "\(fixture.path)/edged.sqlite"))
        let error = await #expect(throws: EdgeError.self) { try await fixture.openUnmended() }
        #expect(error?.code == .storeCorrupt)
    }

    @Test("where no directory can be made is unavailable, with the reason")
    func noDirectory() async throws {
        let error = await #expect(throws: EdgeError.self) {
            try await EdgeStore.open(
                directory: "/proc/nowhere/store", sealer: fixture.vault, secrets: fixture.vault, signer: fixture.vault,
                clock: fixture.clock, log: .init(label: "test"))
        }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.detail.contains("No such file or directory") == true)
    }

    @Test("begun with other keys is refused at once")
    func otherKeys() async throws {
        try await fixture.open().close()
        let other = try StoreFixture()
        await #expect(throws: EdgeError(.keyUnavailable, "The store was sealed with other keys than those given.")) {
            try await fixture.open(sealer: other.vault, secrets: other.vault)
        }
    }

    @Test("answers as closed after close")
    func closed() async throws {
        let store = try await fixture.open()
        await store.close()
        let calls: [() async throws -> Void] = [
            { _ = try await store.clients() }, { _ = try await store.createClient(name: "kiosk") },
            { _ = try await store.gallery() }, { _ = try await store.removePerson(externalID: "E-1", of: ClientID()) },
        ]
        for call in calls {
            #expect(await #expect(throws: EdgeError.self) { try await call() }?.code == .storeUnavailable)
        }
        await store.close()
    }

    @Test("that is full says so, loses nothing, and goes on when there is room again")
    func full() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        try await fixture.enroll("E-1", of: client.id, in: store)
        try await store.withoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Row.fetchAll(db, sql: "PRAGMA max_page_count = \(pages)")
        }
        var enrolled = 1
        let error = await #expect(throws: EdgeError.self) {
            for number in 2..<200 {
                try await fixture.enroll("E-\(number)", of: client.id, in: store, samples: 5)
                enrolled = number
            }
        }
        #expect(error == EdgeError(.storeFull))
        #expect(try await store.peopleCount() == enrolled)
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        try await store.withoutTransaction { db in
            _ = try Row.fetchAll(db, sql: "PRAGMA max_page_count = 1073741823")
        }
        try await fixture.enroll("E-900", of: client.id, in: store)
        #expect(try await store.peopleCount() == enrolled + 1)
        await store.close()
    }
}
