import EdgeCore
import EdgeTesting
import Foundation
import Testing
import Vault

@testable import Store
@testable import StoreTesting

/// What becomes of a trail whose tail's key is gone.
extension AuditTailTests {
    @Test("a lost key is told in the trail and as a condition, and the first key finds the place")
    func lost() async throws {
        var store = try await fixture.open()
        let key = try await store.beginAuditTail()
        try await fill(store, 1)
        await store.close()
        try FileManager.default.removeItem(atPath: fixture.path + "/audit.tail")
        store = try await fixture.open()
        #expect(fixture.health.current.map(\.code) == ["audit.tail.lost"])
        #expect(try await store.verify().alarms.map(\.kind) == [.tail], "before anything else is written")
        try await fill(store, 2)
        #expect(fixture.health.current.map(\.code) == ["audit.tail.lost"])
        #expect(try await store.verify().alarms.map(\.kind) == [.tail])
        #expect(try await store.newest(3).map(\.action) == ["test.1", "test.0", "audit.tail.lost"])
        let found = try await check(store, key)
        #expect(!found.isProven && found.faults.count == 1 && found.tail?.last == 3)
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        let next = try await store.beginAuditTail()
        #expect(try await check(store, next).tail?.holds == true)
        #expect(fixture.health.current.map(\.code) == ["audit.tail.lost"], "until somebody has looked into it")
        try await store.acceptContents()
        #expect(fixture.health.current.isEmpty)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test(
        "a key whose file is changed or removed under a running daemon is found before it is needed",
        arguments: [true, false])
    func touched(isRemoved: Bool) async throws {
        let store = try await fixture.open()
        _ = try await store.beginAuditTail()
        try await fill(store, 1)
        #expect(try await store.verify().isWhole)
        let path = fixture.path + "/audit.tail"
        if isRemoved {
            try FileManager.default.removeItem(atPath: path)
        } else {
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes[40] ^= 1
            try bytes.write(to: URL(filePath: path))
        }
        #expect(try await store.verify().alarms.map(\.kind) == [.tail])
        try await store.acceptContents()
        #expect(try await store.verify().isWhole)
        #expect(fixture.health.current.isEmpty)
        #expect(try await store.newest(2).map(\.action) == ["store.accepted", "audit.tail.lost"])
        await store.close()
    }

    @Test("a restored backup is not alarmed at the key that went on without it")
    func restored() async throws {
        var store = try await fixture.open()
        _ = try await store.beginAuditTail()
        let backup = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: backup)
        try await fill(store, 1)
        try await store.advanceTail()
        await store.close()
        _ = try StoreRestore.restore(
            backup, into: fixture.path, sealer: fixture.vault, secrets: fixture.vault, at: fixture.clock.wall)
        store = try await fixture.open()
        #expect(try await store.newest(9).map(\.action).contains("audit.tail.lost"))
        #expect(try await store.verify().isWhole)
        await store.close()
    }
}
