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

    /// What somebody does to the key's file.
    enum Touch: CaseIterable {
        case changed, removed, pipe

        func act(on path: String) throws {
            if self == .changed {
                var bytes = try Data(contentsOf: URL(filePath: path))
                bytes[40] ^= 1
                return try bytes.write(to: URL(filePath: path))
            }
            try FileManager.default.removeItem(atPath: path)
            if self == .pipe { #expect(mkfifo(path, 0o600) == 0) }
        }
    }

    private var path: String { fixture.path + "/audit.tail" }

    @Test(
        "a key whose file is touched under a running daemon is found before it is needed, and the status is right at once",
        arguments: Touch.allCases)
    func touched(touch: Touch) async throws {
        let store = try await fixture.open()
        _ = try await store.beginAuditTail()
        try await fill(store, 1)
        #expect(try await store.verify().isWhole)
        try touch.act(on: path)
        #expect(try await store.verify().alarms.map(\.kind) == [.tail])
        #expect(fixture.health.current.map(\.code) == ["audit.tail.lost"])
        try await store.acceptContents()
        #expect(try await store.verify().isWhole)
        #expect(fixture.health.current.map(\.code) == ["audit.tail.off"])
        #expect(try await store.newest(2).map(\.action) == ["store.accepted", "audit.tail.lost"])
        await store.close()
    }

    @Test(
        "neither the next interval nor the end in order wipes away that the key's file was touched",
        arguments: Touch.allCases)
    func notWiped(touch: Touch) async throws {
        for ends in [false, true] {
            var store = try await fixture.open()
            if ends { try await store.acceptContents() }
            if touch == .pipe, ends { try FileManager.default.removeItem(atPath: path) }
            _ = try await store.beginAuditTail()
            try await fill(store, 1)
            try touch.act(on: path)
            if !ends {
                try await store.advanceTail()
                #expect(try await store.newest(1).map(\.action) == ["audit.tail.lost"])
                #expect(try await store.auditTailStatus() == nil)
            }
            await store.close()
            store = try await fixture.open()
            #expect(try await store.verify().alarms.map(\.kind) == [.tail])
            #expect(fixture.health.current.contains { $0.code == "audit.tail.lost" })
            await store.close()
        }
    }

    @Test("something else in the place of the key's file is named, and waited for by nobody")
    func pipe() async throws {
        let store = try await fixture.open()
        #expect(mkfifo(path, 0o600) == 0)
        let error = await #expect(throws: EdgeError.self) { try await store.beginAuditTail() }
        #expect(error?.code == .storeUnavailable && error?.detail.contains("a pipe stands in the place") == true)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("a file that holds the present key alone is not written again")
    func writesNothing() async throws {
        let store = try await fixture.open()
        _ = try await store.beginAuditTail()
        await store.close()
        let file = TailFile(directory: fixture.path, fixture.vault)
        let key = try #require(try file.keys().first)
        let longAgo = Date(timeIntervalSince1970: 1000)
        try FileManager.default.setAttributes([.modificationDate: longAgo], ofItemAtPath: path)
        try file.keepOnly(key)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == longAgo)
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
