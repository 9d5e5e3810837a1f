import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("A file of an earlier version")
struct ReleasedSchemaTests {
    @Test("is brought forward with everybody, every session, lock-out and audit line", arguments: [1, 2, 3])
    func forward(version: Int) async throws {
        let file = try ReleasedFile(version)
        let store = try await file.open()
        try await check(store)
        #expect(try await store.verify().isWhole)
        #expect(try await store.auditTailStatus() != nil || version < 3, "the tail goes on with its key")
        #expect(try await store.rotateKeys(file.vault).unreadable == 0)
        try await check(store)
        await store.close()
    }

    @Test("leaves a copy of itself among the backups, from which it can be brought forward again", arguments: [1, 2])
    func wayBack(version: Int) async throws {
        let file = try ReleasedFile(version)
        await (try await file.open()).close()
        let backups = EdgeStore.backups(in: file.directory.path("store"))
        #expect(backups.count == 1)
        let copy = try #require(backups.first).path
        let queue = try DatabaseQueue(path: copy)
        #expect(try await queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == version)
        try queue.close()
        _ = try StoreRestore.restore(
            copy, into: file.directory.path("store"), sealer: file.vault, secrets: file.vault, at: Date())
        let store = try await file.open()
        #expect(try await store.gallery().count == 5)
        await store.close()
        await (try await file.open()).close()
        #expect(EdgeStore.backups(in: file.directory.path("store")).count == 1, "a file of this version is not copied")
    }

    private func check(_ store: EdgeStore) async throws {
        let clients = try await store.clients()
        #expect(Set(clients.map(\.name)) == ["kiosk", "door"])
        let kiosk = try #require(clients.first { $0.name == "kiosk" }).id
        let people = try await store.people(of: nil, limit: .max, offset: 0)
        #expect(people.map(\.externalID).sorted() == ["E-1", "E-1", "E-2", "E-3", "E-4"])
        #expect(people.map(\.templateCount).sorted() == [1, 3, 3, 3, 3])
        #expect(Set(people.map(\.displayName)) == ["Person 1", "Person 2", "Person 3", "Person 4", "Other"])
        let gallery = try await store.gallery()
        #expect(gallery.count == 5)
        #expect(gallery.allSatisfy { $0.templates.allSatisfy { $0.values.count == 128 } })
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        let lockouts = try await store.read { try Int.fetchOne($0, sql: "SELECT misses FROM lockouts") }
        #expect(lockouts == 6)
        let sessions = try await store.sessions(of: kiosk, SessionFilter(), page: PageRequest())
        #expect(sessions.total == 12)
        #expect(sessions.items.contains { $0.state == .active && $0.metadataJSON == #"{"gate":7}"# })
    }

    @Test("whose rows do not fit together is mended first, without those that point nowhere", arguments: [1, 2])
    func orphans(version: Int) async throws {
        let file = try ReleasedFile(version)
        let queue = try DatabaseQueue(path: file.directory.path("store/edged.sqlite"))
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: "DELETE FROM people WHERE rowid = (SELECT min(rowid) FROM people)")
        }
        try queue.close()
        let store = try await file.open()
        #expect(try await store.peopleCount() == 4)
        #expect(try await store.verify().fileFaults.isEmpty)
        await store.close()
    }
}
