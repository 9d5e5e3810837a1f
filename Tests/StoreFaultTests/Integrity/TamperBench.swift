import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Logging
import Vault

@testable import Store
@testable import StoreTesting

/// Stores of one device as they lie on a disk, and a place where one after the other is edited and opened.
final class TamperBench {
    /// One directory's files.
    typealias Files = [String: Data]

    /// The store closed in order, and the same after a kill: database, log and anchor.
    let stopped: Files
    let killed: Files
    /// Earlier moments of the same store, both closed in order.
    let earlier: [Files]
    /// A store of the same device that began apart, and one of another device.
    let others: [Files]
    let life: StoreLife
    /// What a killed store says when nothing was edited.
    private let killedContents: String?
    private let scratch: TemporaryDirectory

    init() async throws {
        scratch = try TemporaryDirectory()
        let (life, first) = try await StoreLife.begin(people: 3)
        await first.close()
        var moments: [Files] = [try life.fixture.files()]
        for round in 0..<2 {
            let store = try await life.fixture.open()
            try await life.enroll(10 + round, in: store)
            try await life.goOn(in: store)
            await store.close()
            moments.append(try life.fixture.files())
        }
        self.life = life
        stopped = moments[2]
        earlier = Array(moments[..<2])
        let open = try await life.fixture.open()
        try await life.goOn(in: open)
        killed = try life.fixture.files()
        await open.close()
        others = [
            try await Self.other(keysOf: life.fixture, scratch.path("other")),
            try await Self.other(keysOf: StoreFixture(), scratch.path("foreign")),
        ]
        killedContents = Self.contents(try Self.laidOut(killed, scratch.path("killed")))
    }

    private static func other(keysOf fixture: StoreFixture, _ path: String) async throws -> Files {
        let store = try await EdgeStore.open(
            directory: path, sealer: fixture.vault, secrets: fixture.vault, signer: fixture.vault, clock: fixture.clock,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let kiosk = try await store.createClient(name: "other").client.id
        for number in 0..<4 { try await fixture.enroll("O-\(number)", of: kiosk, in: store, seed: 50 + number) }
        await store.close()
        return try laidIn(path)
    }

    /// Puts these files where the store is, and nothing else.
    func lay(_ files: Files) throws { _ = try Self.laidOut(files, life.fixture.path) }

    var directory: String { life.fixture.path }
    var file: String { life.file }

    /// Writes a database's file where SQL can be attached to it.
    func aside(_ files: Files) throws -> String {
        let path = scratch.path("aside")
        return "\(try Self.laidOut(files, path))/\(DatabaseFile.name)"
    }

    private static func laidOut(_ files: Files, _ path: String) throws -> String {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, bytes) in files { try bytes.write(to: URL(filePath: "\(path)/\(name)")) }
        return path
    }

    private static func laidIn(_ path: String) throws -> Files {
        try FileManager.default.contentsOfDirectory(atPath: path).reduce(into: [:]) { files, name in
            files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
        }
    }

    /// Whether the store as it lies there is told to be edited: it is refused, or the proof is not whole.
    func isFound() async -> Bool {
        guard let store = try? await life.fixture.open() else { return true }
        let found = try? await store.verify()
        await store.close()
        life.fixture.health.clear("store.recovered")
        return found?.isWhole != true
    }

    /// Whether the files that lie there say in rows just what the killed store says.
    func saysTheSameAsKilled() throws -> Bool {
        let copy = try Self.laidOut(Self.laidIn(directory), scratch.path("same"))
        return killedContents != nil && Self.contents(copy) == killedContents
    }

    /// All rows of all tables as SQLite reads them; `nil` when it cannot.
    private static func contents(_ directory: String) -> String? {
        guard let queue = try? DatabaseQueue(path: "\(directory)/\(DatabaseFile.name)") else { return nil }
        defer { try? queue.close() }
        return try? queue.writeWithoutTransaction { db in
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            let rows = try tables.map { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table.quotedDatabaseIdentifier)").map { row in
                    row.databaseValues.map(\.description).joined(separator: "|")
                }.sorted().joined(separator: "\n")
            }
            let schema = try String.fetchAll(db, sql: "SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY name")
            return (rows + schema).joined(separator: "\n")
        }
    }
}
