import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Transactions that share a commit")
struct GroupCommitTests {
    private let directory: TemporaryDirectory
    private let queue: DatabaseQueue
    private let commits = CommitCounter()
    private let journal = Journal()

    init() throws {
        directory = try TemporaryDirectory()
        queue = try DatabaseQueue(path: directory.path("group.sqlite"))
        try queue.writeWithoutTransaction { [commits] db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    CREATE TABLE parents (id INTEGER PRIMARY KEY);
                    CREATE TABLE notes (
                        name TEXT NOT NULL, filling BLOB,
                        parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED
                    );
                    """)
            db.add(transactionObserver: commits)
        }
    }

    /// Lets all wait before the first is served, then serves until nobody waits; what it returns is how often.
    private func serve(_ members: [CommitGroup.Member], limit: Int = 32, hooks: CommitHooks) -> Int {
        let group = CommitGroup(limit: limit, hooks: hooks)
        let calls = members.map { group.enter($0) }
        // Only the first one has to call; else two would be under way at once.
        #expect(calls == [true] + Array(repeating: false, count: members.count - 1))
        return queue.writeWithoutTransaction { db in
            var runs = 1
            while group.run(db) { runs += 1 }
            #expect(!db.isInsideTransaction)
            return runs
        }
    }

    /// Writes a note, asks for both hooks, then does `more`; everything that happens to it stands in the journal.
    private func member(
        _ name: String, hooks: CommitHooks, more: @escaping @Sendable (Database) throws -> Void = { _ in }
    ) -> CommitGroup.Member {
        CommitGroup.Member(
            body: { [journal] db in
                journal.add("body \(name)")
                hooks.add(
                    onCommit: { journal.add("committed \(name)") }, onRollback: { journal.add("undone \(name)") })
                try db.execute(sql: "INSERT INTO notes (name) VALUES (?)", arguments: [name])
                try more(db)
            },
            finish: { [journal] error in
                journal.add(error.map { "failed \(name): \(storeError($0).code.rawValue)" } ?? "told \(name)")
            })
    }

    private func notes() throws -> [String] {
        try queue.writeWithoutTransaction { try String.fetchAll($0, sql: "SELECT name FROM notes ORDER BY rowid") }
    }

    @Test("those that wait together are committed once, in the order in which they came, and told after it")
    func together() throws {
        let hooks = CommitHooks()
        let members = ["a", "b", "c"].map { member($0, hooks: hooks) }
        #expect(serve(members, hooks: hooks) == 1)
        #expect(commits.count == 1)
        #expect(try notes() == ["a", "b", "c"])
        #expect(
            journal.lines == [
                "body a", "body b", "body c", "committed a", "committed b", "committed c", "told a", "told b", "told c",
            ])
    }

    @Test("nobody is told while the commit is not there")
    func toldAfterwards() throws {
        let hooks = CommitHooks()
        let seen = Mutex<[Int]>([])
        let members = (0..<4).map { number in
            CommitGroup.Member(
                body: { try $0.execute(sql: "INSERT INTO notes (name) VALUES (?)", arguments: ["\(number)"]) },
                finish: { [commits] _ in seen.withLock { $0.append(commits.count) } })
        }
        _ = serve(members, hooks: hooks)
        #expect(seen.withLock { $0 } == [1, 1, 1, 1])
    }

    @Test("a body that throws takes back its own work only, and gets its own error")
    func neighbours() throws {
        let hooks = CommitHooks()
        let failing = member("b", hooks: hooks) { _ in throw EdgeError(.sealBroken) }
        #expect(serve([member("a", hooks: hooks), failing, member("c", hooks: hooks)], hooks: hooks) == 1)
        #expect(commits.count == 1)
        #expect(try notes() == ["a", "c"])
        #expect(
            journal.lines == [
                "body a", "body b", "undone b", "body c", "committed a", "committed c", "told a", "told c",
                "failed b: vault.seal.broken",
            ])
    }

    @Test("a full disk in one body undoes the group; each of the others is then committed for itself, once")
    func full() throws {
        let hooks = CommitHooks()
        try queue.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Row.fetchAll(db, sql: "PRAGMA max_page_count = \(pages)")
        }
        let large = member("b", hooks: hooks) { db in
            try db.execute(sql: "INSERT INTO notes (name, filling) VALUES ('large', zeroblob(1000000))")
        }
        _ = serve([member("a", hooks: hooks), large, member("c", hooks: hooks)], hooks: hooks)
        #expect(try notes() == ["a", "c"])
        // The first two ran in the group that was undone; "c" had not begun.
        #expect(
            journal.lines == [
                "body a", "body b", "undone b", "undone a", "body a", "committed a", "told a", "body c", "committed c",
                "told c", "failed b: store.disk.full",
            ])
        #expect(commits.count == 2)
    }

    @Test("when the commit itself fails nothing is on disk, and everybody is told so")
    func commitFails() throws {
        let hooks = CommitHooks()
        // Found by SQLite only at COMMIT.
        let orphan = member("b", hooks: hooks) { db in
            try db.execute(sql: "INSERT INTO notes (name, parent) VALUES ('orphan', 7)")
        }
        _ = serve([member("a", hooks: hooks), orphan, member("c", hooks: hooks)], hooks: hooks)
        #expect(commits.count == 0)
        #expect(try notes() == [])
        #expect(
            journal.lines == [
                "body a", "body b", "body c", "undone a", "undone b", "undone c", "failed a: internal.fault",
                "failed b: internal.fault", "failed c: internal.fault",
            ])
    }

    @Test("when the transaction cannot even begin, everybody is told so", arguments: [1, 32])
    func begin(limit: Int) throws {
        let hooks = CommitHooks()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.path("group.sqlite"), configuration: configuration)
        try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        _ = serve(["a", "b", "c"].map { member($0, hooks: hooks) }, limit: limit, hooks: hooks)
        #expect(journal.lines == ["a", "b", "c"].map { "failed \($0): store.busy" })
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try other.close()
    }

    @Test("what a failed transaction asked for is never done for the next one", arguments: [1, 32])
    func hooksStayApart(limit: Int) throws {
        let hooks = CommitHooks()
        let failing = member("a", hooks: hooks) { _ in throw EdgeError(.sealBroken) }
        _ = serve([failing, member("b", hooks: hooks)], limit: limit, hooks: hooks)
        let ends = journal.lines.filter { $0.hasPrefix("committed") || $0.hasPrefix("undone") }
        #expect(ends == ["undone a", "committed b"])
    }

    @Test("no more than the limit share a commit", arguments: [(1, 7), (3, 3), (7, 1), (0, 7)])
    func limit(limit: Int, expected: Int) throws {
        let hooks = CommitHooks()
        let names = (0..<7).map { "\($0)" }
        #expect(serve(names.map { member($0, hooks: hooks) }, limit: limit, hooks: hooks) == expected)
        #expect(commits.count == expected)
        #expect(try notes() == names)
    }

    @Test("one that comes while a group is being committed is served by the next, without a call of its own")
    func latecomer() throws {
        let hooks = CommitHooks()
        let group = CommitGroup(limit: 32, hooks: hooks)
        let late = member("late", hooks: hooks)
        let called = Mutex<Bool?>(nil)
        let first = member("first", hooks: hooks) { _ in
            let mustCall = group.enter(late)
            called.withLock { $0 = mustCall }
        }
        #expect(group.enter(first))
        queue.writeWithoutTransaction { db in
            #expect(group.run(db))
            #expect(!group.run(db))
        }
        #expect(called.withLock { $0 } == false)
        #expect(commits.count == 2)
        #expect(try notes() == ["first", "late"])
        #expect(group.enter(member("again", hooks: hooks)))
    }
}

@Suite("Transactions of a store that share a commit")
struct StoreGroupCommitTests {
    @Test("of many at once every fifth fails: the others are there, each once, and the audit chain is whole")
    func many() async throws {
        let fixture = try StoreFixture()
        let store = try await fixture.open()
        let committed = Journal()
        let failures = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await store.write { db in
                            store.onCommit { committed.add("test.\(number)") }
                            let line = AuditRecord(action: "test.\(number)", succeeded: true, at: store.clock.wall)
                            try store.audit(line, db)
                            if number.isMultiple(of: 5) { throw EdgeError(.sealBroken) }
                        }
                        return 0
                    } catch {
                        #expect(storeError(error) == EdgeError(.sealBroken))
                        return 1
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(failures == 40)
        let lines = try await store.newest(1000).map(\.action).filter { $0.hasPrefix("test.") }
        let expected = (0..<200).filter { !$0.isMultiple(of: 5) }
        #expect(lines.sorted() == expected.map { "test.\($0)" }.sorted())
        #expect(committed.lines.sorted() == lines.sorted())
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        await store.close()
    }

    @Test("a caller that is cancelled while it waits has its transaction all the same")
    func cancelled() async throws {
        let fixture = try StoreFixture()
        let store = try await fixture.open()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            #expect(Task.isCancelled)
            return try await store.createClient(name: "kiosk").client.id
        }
        let id = try await task.value
        #expect(try await store.clients().map(\.id) == [id])
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.clients().map(\.id) == [id])
        await again.close()
    }
}

/// What happened, in order.
private final class Journal: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
}

/// Counts what SQLite committed.
private final class CommitCounter: TransactionObserver, Sendable {
    private let kept = Mutex(0)
    var count: Int { kept.withLock { $0 } }
    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { kept.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
}
