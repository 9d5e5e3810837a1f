import EdgeCore
import EdgeTesting
import Foundation
import SyncCore
import Testing

@testable import Central

/// What only PostgreSQL does: several processes over the same books.
@Suite(
    "Central over PostgreSQL",
    .enabled(
        if: Storage.postgres.isThere,
        "no PostgreSQL server is installed: skipped, and every suite of central ran over SQLite alone"))
struct PostgresTests {
    let fleet: Fleet
    let first: FleetDesk
    let second: FleetDesk

    init() async throws {
        fleet = try Storage.$current.withValue(.postgres) { try Fleet() }
        first = try await fleet.open()
        let other = fleet.directory.path("other")
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
        second = try await fleet.open(in: other)
    }

    @Test("two processes are one central: the same life, the same scopes, the same answer to a device that asks twice")
    func together() async throws {
        #expect(first.incarnation == second.incarnation)
        #expect(try await first.scopes() == second.scopes())
        let device = try TestDevice()
        let token = try await first.makeToken().text.reveal()
        let one = try await first.provision(device.request(token: token))
        let other = try await second.provision(device.request(token: token))
        #expect(one == other && one.pseudonymKey.reveal() == other.pseudonymKey.reveal())
    }

    @Test("a device that joined at one pushes to either, and nothing is there twice")
    func eitherWay() async throws {
        let device = try TestDevice()
        try await device.join(first)
        for number in 1...20 { try device.append("authentication.success", #"{"number":\#(number)}"#, to: .events) }
        for start in stride(from: 1, through: 20, by: 5) {
            let range = start...(start + 4)
            #expect(try await device.push(.events, range, to: second).acknowledged == UInt64(start + 4))
            #expect(try await device.push(.events, range, to: first).acknowledged == UInt64(start + 4))
        }
        #expect(try await first.counts().records[.events] == 20)
        #expect(try await second.counts() == first.counts())
    }

    @Test("who waits at one process is woken by what the other takes in")
    func wakes() async throws {
        let (door, office) = (try TestDevice(), try TestDevice())
        try await door.join(first)
        try await office.join(second)
        try await office.pull(second)
        let (request, id, second) = (office.pullRequest(wait: 60_000), office.id, second)
        async let waiting = answer(to: request, of: id, at: second)
        try door.enroll("ada", first)
        try await door.push(.enrollment, to: first)
        #expect(try await waiting.scopes.first?.entries.count == 1)
    }

    /// Asks until there is news, as a device does.
    private func answer(to request: PullRequest, of id: DeviceID, at desk: FleetDesk) async throws -> PullAnswer {
        while true {
            let answer = try await desk.pull(request, of: id)
            if answer.scopes.contains(where: { !$0.entries.isEmpty }) { return answer }
        }
    }

    @Test("enrollments at both processes at once get numbers without a gap, in one order for everybody")
    func numbers() async throws {
        let devices = try (0..<8).map { _ in try TestDevice() }
        for (place, device) in devices.enumerated() {
            try await device.join(place.isMultiple(of: 2) ? first : second)
            for number in 0..<5 { try device.enroll("user-\(place)-\(number)", first) }
        }
        let batches = try devices.map { device in
            (id: device.id, requests: try (1...5).map { number in try device.batch(.enrollment, number...number) })
        }
        let (first, second) = (first, second)
        try await withThrowingTaskGroup { group in
            for (place, batch) in batches.enumerated() {
                group.addTask {
                    for request in batch.requests {
                        _ = try await (place.isMultiple(of: 2) ? second : first).push(request, of: batch.id)
                    }
                }
            }
            try await group.waitForAll()
        }
        let part = try #require(try await devices[0].pull(first).scopes.first)
        #expect(part.entries.map(\.change) == Array(1...40))
        let other = try #require(try await devices[1].pull(second).scopes.first)
        #expect(other.entries == part.entries && other.root == part.root)
    }

    @Test("events of the same new person from many devices at once are sealed under one key")
    func keys() async throws {
        let devices = try (0..<6).map { _ in try TestDevice() }
        let event = #"{"user_id":"ada"}"#
        for (place, device) in devices.enumerated() {
            try await device.join(place.isMultiple(of: 2) ? first : second)
            try device.append("authentication.success", event, to: .events)
        }
        let batches = try devices.map { (id: $0.id, epoch: $0.epoch, request: try $0.batch(.events)) }
        let (first, second) = (first, second)
        try await withThrowingTaskGroup { group in
            for (place, batch) in batches.enumerated() {
                group.addTask {
                    _ = try await (place.isMultiple(of: 2) ? second : first).push(batch.request, of: batch.id)
                }
            }
            try await group.waitForAll()
        }
        for batch in batches {
            #expect(try await first.payload(of: batch.id, batch.epoch, .events, 1) == event)
        }
    }

    @Test("credentials that one process gave out are good at the other, and no others are")
    func credentials() async throws {
        let client = ClientID()
        try await first.keepCredentials(
            of: client, name: "device a", apiKey: Redacted("frapi_one"), apiSecret: Redacted("secret"))
        let found = try await second.member(apiKey: "frapi_one", apiSecret: Redacted("secret"))
        #expect(found?.client == client && found?.name == "device a")
        #expect(try await second.member(apiKey: "frapi_one", apiSecret: Redacted("other")) == nil)
        #expect(try await second.member(apiKey: "frapi_two", apiSecret: Redacted("secret")) == nil)
        try await second.keepCredentials(
            of: client, name: "device a", apiKey: Redacted("frapi_two"), apiSecret: Redacted("secret"))
        #expect(try await first.member(apiKey: "frapi_one", apiSecret: Redacted("secret")) == nil)
    }

    @Test("a transaction that failed leaves nothing, and the connection goes on")
    func rollsBack() async throws {
        await #expect(throws: EdgeError.self) {
            try await first.transaction { transaction in
                try transaction.db.execute("DELETE FROM scopes WHERE 1 = 1")
                throw EdgeError(.requestInvalid)
            }
        }
        let error = await #expect(throws: EdgeError.self) {
            try await first.transaction { transaction in try transaction.db.execute("DELETE FROM nowhere") }
        }
        #expect(error?.code == .storeUnavailable)
        #expect(try await first.scopes().count == 1)
    }

    @Test("connections that the server cut are made anew")
    func reconnects() async throws {
        let device = try TestDevice()
        try await device.join(first)
        try #require(fleet.database).cut()
        #expect(try await first.devices().map(\.id) == [device.id])
        #expect(try await second.devices().map(\.id) == [device.id])
    }

    @Test("who finds no connection in time is told so")
    func patience() async throws {
        var options = try #require(fleet.database).options
        (options.connections, options.patience) = (1, .seconds(1))
        let storage = try PostgresStorage(options)
        let (held, holding) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await storage.write(alone: false) { db in
                    holding.yield()
                    // Holds the only connection, on a thread that may wait, for longer than the other's patience.
                    _ = try db.rows("SELECT pg_sleep(4)")
                }
            }
            for await _ in held { break }
            let error = await #expect(throws: EdgeError.self) {
                try await storage.read { db in try db.rows("SELECT 1").count }
            }
            #expect(error?.code == .storeBusy)
            try await group.waitForAll()
        }
        await storage.close()
    }

    @Test("books that were put back are a new life for every process")
    func putBack() async throws {
        let device = try TestDevice()
        try await device.join(first)
        try device.enroll("ada", first)
        await second.close()
        let copied = try await fleet.keepCopy(of: first)
        try await device.push(.enrollment, to: copied)
        try await device.pull(copied)
        let before = copied.incarnation
        let restored = try #require(try await fleet.putBackCopy(closing: copied))
        #expect(restored.incarnation != before)
        let again = try await fleet.open(in: fleet.directory.path("other"))
        #expect(again.incarnation == restored.incarnation)
        #expect(try await device.open(again).lanes.first { $0.lane == .enrollment }?.acknowledged == 0)
        #expect(try await device.push(.enrollment, to: again).settled.count == 1)
    }

    @Test("a process that keeps running while the books are put back begins the new life at its next upkeep")
    func putBackWhileRunning() async throws {
        let device = try TestDevice()
        try await device.join(first)
        let before = first.incarnation
        try device.enroll("ada", first)
        try await device.push(.enrollment, to: first)
        try await first.tidy()
        try await second.tidy()
        // What a restored backup looks like: less than there was.
        try await first.transaction { transaction in
            try transaction.db.execute("UPDATE scopes SET newest = 0")
            try transaction.db.execute("UPDATE lanes SET acknowledged = 0")
        }
        try await first.tidy()
        #expect(first.incarnation != before)
        try await second.tidy()
        #expect(second.incarnation == first.incarnation)
    }
}

@Suite("What goes to PostgreSQL and comes from it")
struct PostgresTextTests {
    @Test("the schema has SQLite's tables in PostgreSQL's words, and spreads the records")
    func words() {
        let statements = PostgresSchema.statements(
            of: """
                CREATE TABLE records (key INTEGER PRIMARY KEY, body BLOB NOT NULL CHECK (length(body) = 32)) STRICT;
                CREATE INDEX one ON records (key) WHERE body IS NOT NULL;
                """)
        #expect(statements.count == 18)
        let table = "CREATE TABLE records (key BIGINT PRIMARY KEY, body BYTEA NOT NULL CHECK (length(body) = 32))"
        #expect(statements.first == table + " PARTITION BY HASH (lane_key)")
        #expect(statements.last == "CREATE INDEX one ON records (key) WHERE body IS NOT NULL")
    }

    @Test("question marks become numbers, except in texts")
    func placeholders() {
        #expect(PostgresValue.numbered("a = ? AND b = '?' AND c = ?") == "a = $1 AND b = '?' AND c = $2")
    }

    @Test("numbers are eight bytes, the greatest first, and a text loses its NUL")
    func values() {
        #expect(PostgresValue.bytes(.integer(-2)) == [255, 255, 255, 255, 255, 255, 255, 254])
        #expect(PostgresValue.bytes(.integer(258)) == [0, 0, 0, 0, 0, 0, 1, 2])
        #expect(PostgresValue.bytes(.text("a\0b")) == Array("a\u{2400}b".utf8))
        #expect(PostgresValue.bytes(.null) == nil)
    }

    @Test("what another process tells survives its way, however much it is")
    func notices() {
        let scopes = Set((0..<400).map { _ in ScopeID(rawValue: UUID()) })
        let notice = FleetNotice(sender: UUID(), scopes: scopes, devices: [DeviceID()])
        let heard = notice.parts.map { FleetNotice(text: $0) }
        #expect(heard.count == 3 && notice.parts.allSatisfy { $0.utf8.count < 8000 })
        #expect(heard.reduce(into: Set()) { $0.formUnion($1.scopes) } == scopes)
        #expect(heard.flatMap(\.devices) == Array(notice.devices))
        #expect(heard.allSatisfy { $0.sender == notice.sender && !$0.isEverything })
        #expect(FleetNotice(text: "what is this").isEverything)
    }
}
