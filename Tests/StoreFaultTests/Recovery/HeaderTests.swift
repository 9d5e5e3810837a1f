import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("A wrong bit at the beginning of the file")
struct HeaderTests {
    private let fixture: RecoveryFixture

    init() throws { fixture = try RecoveryFixture() }

    /// The bytes of a store that was closed in order.
    private func closed() async throws -> Data {
        let store = try await fixture.base.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<3 { try await fixture.base.enroll("E-\(number)", of: client, in: store, seed: number) }
        await store.close()
        return try Data(contentsOf: URL(filePath: fixture.file))
    }

    private func lay(_ bytes: Data) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.base.path) {
            try FileManager.default.removeItem(atPath: "\(fixture.base.path)/\(name)")
        }
        try bytes.write(to: URL(filePath: fixture.file))
    }

    /// SQLite's header is 100 bytes long; those from 100 to 107 begin the schema's own page and are the one place where a
    /// backup is needed.
    @Test("costs nobody, whichever bit of the header it is and without a backup")
    func everyByte() async throws {
        let good = try await closed()
        for place in 0..<FileHeader.size {
            var bytes = good
            bytes[place] ^= 1 << UInt8((place * 5 + 3) % 8)
            try lay(bytes)
            do {
                let store = try await fixture.base.open()
                #expect(try await fixture.names(store) == ["E-0", "E-1", "E-2"], "byte \(place)")
                #expect(try await store.clients().map(\.name) == ["kiosk"], "byte \(place)")
                _ = try await store.createClient(name: "second")
                #expect(try await store.verify().fileFaults == [], "byte \(place)")
                await store.close()
            } catch { Issue.record("byte \(place): \(error)") }
        }
    }

    @Test(
        "is mended by salvage, which says so, and is refused where nothing is to be mended",
        arguments: [3, 16, 18, 21, 47, 59, 60])
    func mended(place: Int) async throws {
        var bytes = try await closed()
        bytes[place] ^= 4
        try lay(bytes)
        await #expect(throws: EdgeError.self) { try await fixture.base.openUnmended() }
        #expect(try Data(contentsOf: URL(filePath: fixture.file)) == bytes, "evidence stays as it was found")
        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        #expect(report.rung == .salvage && report.lost == [:])
        #expect(try await store.verify().alarms.map(\.kind).contains(.mended))
        #expect(try fixture.kept().count == 1)
        await store.close()
    }

    @Test("of another program's file is no matter of ours: it stays as it is")
    func foreign() async throws {
        try FileManager.default.createDirectory(atPath: fixture.base.path, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: fixture.file)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = 77; CREATE TABLE notes (text TEXT)")
        }
        try queue.close()
        let bytes = try Data(contentsOf: URL(filePath: fixture.file))
        let error = await #expect(throws: EdgeError.self) { try await fixture.base.open() }
        #expect(error?.code == .storeCorrupt)
        #expect(try Data(contentsOf: URL(filePath: fixture.file)) == bytes)
    }

    @Test("a store of a later version is refused and stays as it is")
    func later() async throws {
        _ = try await closed()
        try StoreLife.edit(fixture.file, "CREATE TABLE later (x); PRAGMA user_version = 4")
        let bytes = try Data(contentsOf: URL(filePath: fixture.file))
        let error = await #expect(throws: EdgeError.self) { try await fixture.base.open() }
        #expect(error?.code == .storeSchemaNewer)
        #expect(try Data(contentsOf: URL(filePath: fixture.file)) == bytes)
    }
}
