import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("A disk that fails", .serialized)
struct DiskFaultTests {
    private let fixture: StoreFixture
    private var options = StoreOptions()

    init() throws {
        fixture = try StoreFixture()
        options.reopening = .milliseconds(20)...(.milliseconds(80))
    }

    private var file: String { "\(fixture.path)/edged.sqlite" }
    private var holds: Bool { fixture.health.current.contains { $0.code == "store.io" } }

    /// While this stands nobody can open the store's file.
    private func block() throws {
        try FileManager.default.moveItem(atPath: file, toPath: "\(file).away")
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
    }

    private func unblock() throws {
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.moveItem(atPath: "\(file).away", toPath: file)
    }

    @Test("a sync that failed is never answered with yes, and the file is opened again")
    func sync() async throws {
        let store = try await fixture.open(options: options)
        let kept = try await store.createClient(name: "kept").client
        try OpenFile("\(file)-wal").become("/dev/null")
        let error = await #expect(throws: EdgeError.self) { try await store.createClient(name: "lost") }
        #expect(error?.code == .storeUnavailable)
        await store.settle()
        #expect(!holds)
        #expect(try await store.clients().map(\.id) == [kept.id])
        try await fixture.enroll("E-1", of: kept.id, in: store)
        #expect(try await store.verify().isWhole)
        await store.close()

        let again = try await fixture.open()
        #expect(try await again.clients().map(\.name) == ["kept"])
        #expect(try await again.peopleCount() == 1)
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    @Test("who keeps a copy is told that the file was opened again, when it can be read")
    func tells() async throws {
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "kiosk").client
        let seen = Mutex<[String?]>([])
        store.whenReopened { [weak store] in
            let name = try? await store?.clients().first?.name
            seen.withLock { $0.append(name) }
        }
        try OpenFile("\(file)-wal").become("/dev/null")
        await #expect(throws: EdgeError.self) { try await store.createClient(name: "lost") }
        await store.settle()
        #expect(seen.withLock { $0 } == [client.name])
        await store.close()
    }

    @Test("until it can be opened again everybody is refused and the condition holds; then all goes on")
    func staysAway() async throws {
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "kiosk").client
        let device = store.device
        try OpenFile("\(file)-wal").become("/dev/null")
        try block()
        await #expect(throws: EdgeError.self) { try await store.createClient(name: "lost") }
        #expect(holds)
        for _ in 0..<3 {
            let write = await #expect(throws: EdgeError.self) { try await store.createClient(name: "lost") }
            #expect(write?.code == .storeUnavailable)
            let read = await #expect(throws: EdgeError.self) { try await store.peopleCount() }
            #expect(read?.code == .storeUnavailable)
        }
        #expect(holds)
        try unblock()
        await store.settle()
        #expect(!holds)
        #expect(store.device == device)
        try await fixture.enroll("E-1", of: client.id, in: store)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("a store that is closed meanwhile gives up, and the next one opens the file")
    func closed() async throws {
        let store = try await fixture.open(options: options)
        _ = try await store.createClient(name: "kiosk")
        try OpenFile("\(file)-wal").become("/dev/null")
        try block()
        await #expect(throws: EdgeError.self) { try await store.createClient(name: "lost") }
        await store.close()
        let error = await #expect(throws: EdgeError.self) { try await store.peopleCount() }
        #expect(error?.detail == "The store is closed.")
        try unblock()
        let again = try await fixture.open()
        #expect(try await again.clients().map(\.name) == ["kiosk"])
        await again.close()
    }

    @Test("a page that cannot be read has the file opened again as well")
    func unreadable() async throws {
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "kiosk").client
        for number in 0..<30 { try await fixture.enroll("E-\(number)", of: client.id, in: store, seed: number) }
        try await store.withoutTransaction { db in
            try DatabaseFile.emptyLog(db)
            try db.execute(sql: "PRAGMA cache_size = 1; PRAGMA shrink_memory")
        }
        try OpenFile(file).become("/dev/null", O_WRONLY)
        let error = await #expect(throws: EdgeError.self) { try await store.gallery() }
        #expect(error?.code == .storeUnavailable)
        await store.settle()
        #expect(!holds)
        #expect(try await store.gallery().count == 30)
        await store.close()
    }

    @Test("none of those that share the failed commit is told yes, and nobody is tried again on that connection")
    func group() throws {
        let path = fixture.directory.path("group.sqlite")
        let queue = try DatabaseFile.connect(path, TableSums(fixture.vault))
        try queue.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE notes (name TEXT)") }
        try OpenFile("\(path)-wal").become("/dev/null")
        let hooks = CommitHooks()
        let group = CommitGroup(limit: 3, hooks: hooks)
        let told = Mutex<[String]>([])
        for name in ["a", "b", "c", "waits"] {
            let member = CommitGroup.Member(
                body: { db in
                    told.withLock { $0.append("body \(name)") }
                    hooks.add(onCommit: { told.withLock { $0.append("committed") } })
                    try db.execute(sql: "INSERT INTO notes (name) VALUES (?)", arguments: [name])
                },
                finish: { error in
                    told.withLock { $0.append("\(name): \(error.map { storeError($0).code.rawValue } ?? "yes")") }
                })
            _ = group.enter(member)
        }
        let goesOn = queue.writeWithoutTransaction { db in
            group.run(db) { _ in told.withLock { $0.append("fault") } }
        }
        #expect(!goesOn)
        let refused = ["a", "b", "c", "waits"].map { "\($0): store.unavailable" }
        #expect(told.withLock { $0 } == ["body a", "body b", "body c", "fault"] + refused)
        try? queue.close()
    }

    @Test("damage that is met at work is reported, and the next start looks through the file")
    func damage() async throws {
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "kiosk").client
        for number in 0..<30 { try await fixture.enroll("E-\(number)", of: client.id, in: store, seed: number) }
        let page = try await store.read { db in
            try DatabaseFile.emptyLog(db)
            let page = try Int.fetchOne(
                db, sql: "SELECT max(pageno) FROM dbstat WHERE name = 'templates' AND pagetype = 'leaf'")
            try db.execute(sql: "PRAGMA cache_size = 1; PRAGMA shrink_memory")
            return page
        }
        // Opened and closed in this process it would take SQLite's lock along, which no other process asks for here.
        let handle = try FileHandle(forUpdating: URL(filePath: file))
        try handle.seek(toOffset: UInt64((try #require(page) - 1) * 4096))
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 4096))
        try handle.close()
        let error = await #expect(throws: EdgeError.self) { try await store.gallery() }
        #expect(error?.code == .storeCorrupt)
        #expect(fixture.health.current.map(\.code).contains("store.corrupt"))
        await store.close()
        #expect(throws: (any Error).self) {
            try DatabaseFile.open(directory: fixture.path, sums: TableSums(fixture.vault)).close()
        }
    }

    @Test("nothing is answered into a file that was moved away; once it is back all goes on")
    func moved() async throws {
        let store = try await fixture.open(options: options)
        _ = try await store.createClient(name: "before")
        try FileManager.default.moveItem(atPath: file, toPath: "\(file).away")
        for _ in 0..<3 {
            let error = await #expect(throws: EdgeError.self) { try await store.createClient(name: "lost") }
            #expect(error?.code == .storeUnavailable)
        }
        #expect(holds)
        #expect(!FileManager.default.fileExists(atPath: file), "no empty store is begun in its place")
        try FileManager.default.moveItem(atPath: "\(file).away", toPath: file)
        await store.settle()
        #expect(!holds)
        _ = try await store.createClient(name: "after")
        #expect(try await store.verify().isWhole)
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.clients().map(\.name) == ["before", "after"])
        await again.close()
    }

    @Test("a file that was moved away is noticed also while nobody writes")
    func movedIdle() async throws {
        let store = try await fixture.open(options: options)
        _ = try await store.createClient(name: "before")
        try FileManager.default.moveItem(atPath: file, toPath: "\(file).away")
        for chore in EdgeStore.chores where chore.name == "room" { await store.perform(chore) }
        #expect(holds)
        try FileManager.default.moveItem(atPath: "\(file).away", toPath: file)
        await store.settle()
        #expect(!holds)
        await store.close()
    }
}
