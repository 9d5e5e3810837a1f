import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("After an unclean stop")
struct UncleanStopTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func filled() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<40 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        await store.close()
    }

    /// Takes the note of a clean stop away, as a power cut leaves the file.
    private func forgetStop() throws {
        let queue = try DatabaseQueue(path: "\(fixture.path)/edged.sqlite")
        try queue.write { try $0.execute(sql: "DELETE FROM meta WHERE name = 'stop'") }
        try queue.close()
    }

    /// Overwrites a page that holds templates.
    private func damage() throws { try damage("\(fixture.path)/edged.sqlite") }

    private func damage(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        let page = try queue.read { db in
            try Int.fetchOne(db, sql: "SELECT max(pageno) FROM dbstat WHERE name = 'templates' AND pagetype = 'leaf'")
        }
        try queue.close()
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: UInt64((try #require(page) - 1) * 4096))
        try file.write(contentsOf: Data(repeating: 0xFF, count: 4096))
        try file.close()
    }

    @Test("a sound file is opened as ever")
    func sound() async throws {
        try await filled()
        try forgetStop()
        let store = try await fixture.open()
        #expect(try await store.gallery().count == 40)
        await store.close()
    }

    @Test("a damaged page is found before anybody relies on the file, and the file is left as it is")
    func damaged() async throws {
        try await filled()
        try forgetStop()
        try damage()
        let before = try Data(contentsOf: URL(filePath: "\(fixture.path)/edged.sqlite"))
        let error = await #expect(throws: EdgeError.self) { try await fixture.openUnmended() }
        #expect(error?.code == .storeCorrupt)
        #expect(try Data(contentsOf: URL(filePath: "\(fixture.path)/edged.sqlite")) == before)
    }

    @Test("damage to a store that was stopped in order is found at its next opening, or by the proof")
    func damagedLater() async throws {
        try await filled()
        try damage()
        let store = try await fixture.open()
        let found = try? await store.verify()
        let wasMended = fixture.health.current.contains { $0.code == "store.recovered" }
        #expect(wasMended || found?.isWhole != true)
        await store.close()
    }

    @Test("a damaged file of an earlier version is refused before it is brought forward")
    func earlierVersion() throws {
        let source = try ReleasedFile.fixture(1)
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: true)
        let path = "\(fixture.path)/edged.sqlite"
        try FileManager.default.copyItem(atPath: source.appending(path: "edged.sqlite").path, toPath: path)
        try damage(path)
        let before = try Data(contentsOf: URL(filePath: path))
        let error = #expect(throws: (any Error).self) {
            _ = try DatabaseFile.open(directory: fixture.path, sums: TableSums(fixture.vault))
        }
        #expect(error.map { storeError($0).code } == .storeCorrupt)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }
}
