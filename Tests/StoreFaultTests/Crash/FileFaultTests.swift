import CFaultVFS
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

@Suite("One failing call for a file beside the database")
struct FileFaultTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    /// The calls below the store's directory, which is there once the store was open.
    private func watched() throws -> WatchedCalls { try WatchedCalls(below: fixture.path) }

    @Test("hides no older copy of the store, when it is the anchor's read")
    func olderCopy() async throws {
        let (life, store) = try await StoreLife.begin(people: 1, fixture: fixture)
        await store.close()
        let copy = try StoreCopy(of: life)
        let next = try await fixture.open()
        try await life.goOn(in: next)
        await next.close()
        try copy.putBack(only: [DatabaseFile.name])
        let calls = try watched()
        calls.fail(FC_READ, at: 1, code: EIO)
        let again = try await fixture.open()
        #expect(calls.failed == "pread of \(Anchor.name)")
        #expect(try await again.verify().alarms.map(\.kind) == [.rolledBack])
        await again.close()
    }

    @Test("is no alarm at the next start, whichever part of the end in order is written by halves")
    func halfAnEnd() async throws {
        var failed: Set<String> = []
        for call in 1..<100 {
            let store = try await fixture.open()
            try await store.append(AuditRecord(action: "test.line", succeeded: true, at: fixture.clock.wall))
            let calls = try watched()
            calls.fail(FC_SHORT_WRITE, at: call, code: 0)
            await store.close()
            guard let what = calls.failed else { break }
            failed.insert(what)
            let again = try await fixture.open()
            #expect(try await again.verify().isWhole, "call \(call), \(what)")
            await again.close()
        }
        #expect(failed == ["pwrite of \(Anchor.name)"])
    }

    @Test(
        "leaves no backup after an erasure, or the condition that says so",
        arguments: [FC_OPEN, FC_READ, FC_SYNC, FC_UNLINK].map(\.rawValue))
    func erasure(kind: UInt32) async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let calls = try watched()
        var failures = 0
        for call in 1..<100 {
            try await fixture.enroll("E-1", of: client, in: store, seed: call)
            fixture.clock.advance(by: .seconds(1))
            _ = try await store.backUpGenerations()
            calls.fail(fc_kind(kind), at: call, code: EIO)
            _ = try await store.removePerson(externalID: "E-1", of: client)
            guard let what = calls.failed else { break }
            failures += 1
            let isTold = fixture.health.current.contains { $0.code == "store.copies" }
            #expect(store.backups().isEmpty || isTold, "call \(call), \(what)")
            // The anchor knows of it, whichever call of it failed.
            let anchor = try Anchor(DiskAnchorFile("\(fixture.path)/\(Anchor.name)"), fixture.vault)
            #expect(try anchor.read().record?.erasures == Int64(call), "call \(call), \(what)")
        }
        #expect(failures > 0)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("keeps no reserve in mind that is gone")
    func reserve() async throws {
        let store = try await fixture.open()
        try store.room.look()
        let calls = try watched()
        calls.fail(FC_RESIZE, at: 1, code: EIO)
        #expect(store.room.giveUpReserve())
        #expect(calls.failed == "ftruncate of \(DiskRoom.fileName) (deleted)")
        #expect(store.room.refusesUsualWrites)
        try store.room.look()
        #expect(!store.room.refusesUsualWrites)
        #expect(FileManager.default.fileExists(atPath: "\(fixture.path)/\(DiskRoom.fileName)"))
        await store.close()
    }

    @Test("leaves no device without an anchor: what the first start could not make is made with the next write")
    func firstAnchor() async throws {
        try FileManager.default.createDirectory(
            atPath: fixture.path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let calls = try watched()
        calls.fail(FC_NAME, at: 2, code: EIO)
        let store = try await fixture.open()
        #expect(calls.failed == "rename of \(Anchor.name)")
        try await store.syncAnchor()
        #expect(fixture.health.current.isEmpty)
        #expect(FileManager.default.fileExists(atPath: "\(fixture.path)/\(Anchor.name)"))
        #expect(try await store.verify().isWhole)
        await store.close()
    }
}
