import EdgeCore
import EdgeTesting
import Foundation
import GRDB

@testable import Store
@testable import StoreTesting

/// A store in which a little of everything has happened.
struct StoreLife {
    let fixture: StoreFixture
    let kiosk: ClientID

    /// Opens a store and lives a while in it; the store stays open.
    static func begin(
        people: Int = 4, fixture: StoreFixture? = nil, options: StoreOptions = StoreOptions()
    ) async throws -> (life: StoreLife, store: EdgeStore) {
        let fixture = try fixture ?? StoreFixture()
        let store = try await fixture.open(options: options)
        let life = StoreLife(
            fixture: fixture, kiosk: try await store.createClient(name: "kiosk \(UUID().uuidString)").client.id)
        let draft = WebhookEndpointDraft(name: "hook", url: "https://hook.example/in")
        _ = try await store.createWebhookEndpoint(draft, of: life.kiosk)
        for number in 0..<max(people, 3) { try await life.enroll(number, in: store) }
        try await life.goOn(in: store)
        return (life, store)
    }

    func enroll(_ number: Int, in store: EdgeStore) async throws {
        try await fixture.enroll("E-\(number)", name: "Name \(number)", of: kiosk, in: store, seed: number)
    }

    /// Misses, a success, deliveries, a removal and a return.
    func goOn(in store: EdgeStore) async throws {
        for _ in 0..<3 {
            let session = fixture.session(.verification, of: kiosk, user: "E-0")
            try await store.begin(session)
            _ = try await store.finish(fixture.miss(session))
        }
        var session = fixture.session(.verification, of: kiosk, user: "E-1")
        try await store.begin(session)
        session.matchedPerson = try await store.person(externalID: "E-1", of: kiosk)
            .map { MatchedPerson(id: $0.id, externalID: "E-1") }
        _ = try await store.finish(fixture.outcome(session))
        for (number, shipment) in try await store.takeDue(at: fixture.clock.wall, limit: 3).enumerated() {
            try await store.record(
                number == 0 ? .delivered : .retry(60), of: shipment.delivery, at: fixture.clock.wall)
        }
        _ = try await store.removePerson(externalID: "E-2", of: kiosk)
        try await enroll(2, in: store)
        fixture.clock.advance(by: .seconds(61))
        try await store.checkpointAudit()
    }

    var file: String { "\(fixture.path)/\(DatabaseFile.name)" }

    /// Changes the file as anybody can who has SQLite.
    func edit(_ sql: String) throws { try Self.edit(file, sql) }

    static func edit(_ file: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: file)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: sql)
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }
}

/// The files of a store as they were at one moment.
struct StoreCopy {
    private let directory: String
    private let files: [String: Data]

    init(of life: StoreLife) throws {
        directory = life.fixture.path
        files = try life.fixture.files()
    }

    /// Puts them all in their places, and nothing else there; or some of them, beside what is there.
    func putBack(only names: Set<String>? = nil) throws {
        if names == nil {
            for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
                try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
            }
        }
        for (name, bytes) in files where names?.contains(name) ?? true {
            try bytes.write(to: URL(filePath: "\(directory)/\(name)"))
        }
    }
}
