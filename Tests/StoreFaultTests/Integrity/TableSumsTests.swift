import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Sums over all tables")
struct TableSumsTests {
    @Test("stay in step through everything that a store does, over restarts and a rotation")
    func inStep() async throws {
        let (life, store) = try await StoreLife.begin()
        #expect(try await store.verify().editedTables == [])
        _ = try await store.rotateKeys(life.fixture.vault)
        for chore in EdgeStore.chores { await store.perform(chore) }
        #expect(try await store.verify().editedTables == [])
        try await store.deleteClient(life.kiosk)
        await store.close()
        let again = try await life.fixture.open()
        let found = try await again.verify()
        #expect(found.isWhole)
        await again.close()
    }

    @Test("a trigger that somebody put into the file does nothing, before and after it was accepted")
    func trigger() async throws {
        let (life, store) = try await StoreLife.begin()
        await store.close()
        try life.edit(
            "CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM templates; UPDATE clients SET scope = 'admin'; END"
        )
        let again = try await life.fixture.open()
        let known = try await again.gallery()
        for _ in 0..<2 {
            try await again.append(AuditRecord(action: "test", succeeded: true, at: life.fixture.clock.wall))
            let edited = try await again.verify().editedTables
            #expect(edited == ["sqlite_schema"] || edited.isEmpty)
            #expect(try await again.gallery().map(\.templates.count) == known.map(\.templates.count))
            #expect(try await again.clients().allSatisfy { $0.scope != .admin })
            try await again.acceptContents()
        }
        await again.close()
    }

    @Test(
        "an edit past the store names the table, now and after more was written",
        arguments: [
            ("lockouts", "UPDATE lockouts SET misses = 1"),
            ("lockouts", "DELETE FROM lockouts"),
            ("sessions", "UPDATE sessions SET state = 'cancelled' WHERE key = 1"),
            ("sessions", "UPDATE sessions SET similarity_score = 1.0 WHERE key = 1"),
            ("clients", "UPDATE clients SET rate_per_hour = 1"),
            ("webhook_events", "DELETE FROM webhook_events WHERE sequence = 1"),
            ("webhook_deliveries", "UPDATE webhook_deliveries SET attempts = 0"),
            ("people", "UPDATE people SET generation = generation + 1 WHERE key = 1"),
            ("templates", "UPDATE templates SET created_at = created_at + 1 WHERE key = 2"),
            ("meta", "UPDATE meta SET value = x'32' WHERE name = 'erasures'"),
            ("meta", "INSERT INTO meta VALUES ('more', x'00')"),
            ("audit_checkpoints", "DELETE FROM audit_checkpoints"),
            ("sqlite_sequence", "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'webhook_events'"),
            ("sqlite_schema", "DROP INDEX sessions_of_person"),
            ("sqlite_schema", "CREATE TRIGGER t AFTER DELETE ON lockouts BEGIN DELETE FROM people; END"),
            ("table_sums", "UPDATE table_sums SET sum = zeroblob(32) WHERE name = 'people'"),
            ("table_sums", "DELETE FROM table_sums"),
            ("table_sums", "DELETE FROM table_sums WHERE name = 'audit'"),
        ])
    func edited(table: String, sql: String) async throws {
        let (life, store) = try await StoreLife.begin()
        await store.close()
        try life.edit(sql)
        let again = try await life.fixture.open()
        func isTold() async throws -> Bool {
            let found = try await again.verify()
            // Sums that were changed are begun anew, and the alarm stands.
            let tables = table == "table_sums" ? found.alarms.map(\.detail).joined() : found.editedTables.joined()
            return !found.isWhole && tables.contains(table)
        }
        #expect(try await isTold())
        try await life.enroll(9, in: again)
        #expect(try await isTold())
        await again.close()
    }

    @Test("an older row and the older sum of its table are found together, and so are two rows that changed places")
    func olderRow() async throws {
        let (life, store) = try await StoreLife.begin()
        await store.close()
        // Not beside the store, where an erasure would remove it.
        let kept = life.fixture.directory.path("kept")
        try FileManager.default.copyItem(atPath: life.file, toPath: kept)
        let more = try await life.fixture.open()
        try await life.goOn(in: more)
        await more.close()
        try life.edit(
            """
            ATTACH '\(kept)' AS kept;
            DELETE FROM lockouts;
            INSERT INTO lockouts SELECT * FROM kept.lockouts;
            DELETE FROM table_sums WHERE name = 'lockouts';
            INSERT INTO table_sums SELECT * FROM kept.table_sums WHERE name = 'lockouts';
            DETACH kept;
            """)
        let again = try await life.fixture.open()
        #expect(try await again.verify().alarms.first?.detail.contains("table_sums") == true)
        await again.close()
    }

    @Test("count a body that failed, and a statement of it, not at all; its neighbours they count")
    func failures() async throws {
        let (life, store) = try await StoreLife.begin()
        struct Unwanted: Error {}
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try? await store.write { db in
                        try db.execute(sql: "INSERT INTO meta VALUES (?, x'00')", arguments: ["note \(number)"])
                        if number % 3 == 0 { throw Unwanted() }
                        if number % 5 == 0 { try db.execute(sql: "UPDATE people SET client_id = x'00'") }
                    }
                }
            }
        }
        #expect(try await store.verify().isWhole)
        #expect(
            try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM meta WHERE name LIKE 'note %'") }
                == 21)
        await store.close()
        let again = try await life.fixture.open()
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    @Test(
        "count rows that SQLite drops and changes by itself",
        arguments: [
            "INSERT OR REPLACE INTO meta SELECT name, x'00' FROM meta WHERE name = 'erasures'",
            "INSERT INTO meta VALUES ('erasures', x'31') ON CONFLICT (name) DO UPDATE SET value = x'39'",
            "UPDATE meta SET name = 'renamed' WHERE name = 'erasures'",
            "REPLACE INTO templates SELECT key + 100, id, person_key, model_id, model_version, sample_number, 1, vector, 7 "
                + "FROM templates",
            "UPDATE OR REPLACE templates SET sample_number = 1",
            "UPDATE OR IGNORE templates SET sample_number = 1",
            "UPDATE templates SET quality = 1",
            "UPDATE templates SET quality = 0.5 + 0.5",
            "UPDATE templates SET quality = -0.0",
            "UPDATE templates SET quality = 1e300",
            "UPDATE lockouts SET misses = misses + 1",
            "UPDATE people SET key = key + 50",
            "DELETE FROM webhook_events",
            "DELETE FROM templates",
            "UPDATE webhook_deliveries SET log = 'ä€😀' || char(0) || 'x', reply = zeroblob(0)",
        ])
    func byItself(sql: String) async throws {
        let (life, store) = try await StoreLife.begin()
        try await store.write { db in
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            try db.execute(sql: sql)
            try db.execute(sql: "DELETE FROM person_images WHERE person_key NOT IN (SELECT key FROM people)")
            try db.execute(sql: "DELETE FROM templates WHERE person_key NOT IN (SELECT key FROM people)")
        }
        #expect(try await store.verify().editedTables == [])
        await store.close()
        let again = try await life.fixture.open()
        #expect(try await again.verify().editedTables == [])
        await again.close()
    }

    @Test("every row of a file that was brought forward goes out as it was counted in", arguments: [1, 2])
    func broughtForward(version: Int) async throws {
        let fixture = try ReleasedFile(version)
        let store = try await fixture.open()
        #expect(try await store.verify().editedTables == [])
        try await store.write { db in
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            for table in try SummedTable.all(db) where !table.name.hasPrefix("sqlite_") {
                try db.execute(sql: "DELETE FROM \(table.name)")
            }
        }
        let left = try await store.read { [sums = store.sums] _ in
            sums.known?.sums.filter { !$0.value.isZero }.keys.sorted()
        }
        #expect(left?.filter { $0 != "sqlite_sequence" } == ["sqlite_schema"])
        await store.close()
    }

    @Test("a row that is edited on disk while the store is open is found by the proof")
    func editedUnderneath() async throws {
        let fixture = try StoreFixture()
        let store = try await fixture.open()
        _ = try await store.createClient(name: "kiosk-canary")
        try await store.write { db in try db.execute(sql: "SELECT 1") }
        for chore in EdgeStore.chores where chore.name == "log" { await store.perform(chore) }
        try await store.withoutTransaction { try DatabaseFile.emptyLog($0) }
        #expect(try await store.verify().isWhole)
        let path = "\(fixture.path)/edged.sqlite"
        // Opened for writing only and never closed before the store is: closing would drop SQLite's locks.
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let bytes = try #require(try file.readToEnd())
        let place = try #require(bytes.range(of: Data("kiosk-canary".utf8)))
        try file.seek(toOffset: UInt64(place.lowerBound))
        try file.write(contentsOf: Data("kiosk-cunary".utf8))
        #expect(try await store.verify().editedTables == ["clients"])
        await store.close()
        try file.close()
    }
}
