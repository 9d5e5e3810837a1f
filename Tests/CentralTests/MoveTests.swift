import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Central

@Suite(
    "Moving central's books to PostgreSQL",
    .enabled(if: Storage.postgres.isThere, "no PostgreSQL server is installed: skipped"))
struct MoveTests {
    let fleet: Fleet
    let target: PostgresDatabase
    let door: TestDevice

    init() throws {
        fleet = try Fleet()
        target = try PostgresDatabase()
        door = try TestDevice()
    }

    private var directory: String { fleet.directory.url.path }

    private func move() async throws -> MoveReport {
        try await FleetMove(directory: directory, postgres: target.options, keys: FleetKeys(fleet.vault)).run()
    }

    /// Why the move is refused; `nil` when it is not.
    private func refusedMove() async throws -> ErrorCode? {
        do {
            _ = try await move()
            return nil
        } catch let error as EdgeError { return error.code }
    }

    /// Books with a device and a person, closed.
    private func makeBooks() async throws {
        let desk = try await fleet.open()
        try await door.join(desk)
        try door.enroll("ada", desk)
        try await door.push(.enrollment, to: desk)
        await desk.close()
    }

    /// Changes the file past central.
    private func edit(_ sql: String) throws {
        let queue = try DatabaseQueue(path: "\(directory)/central.sqlite")
        try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try queue.close()
    }

    private func script(_ statements: String...) throws {
        var connection = try PostgresConnection(target.options)
        for statement in statements { try connection.script(statement) }
    }

    private func isBare() throws -> Bool {
        var connection = try PostgresConnection(target.options)
        return try connection.script("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    }

    @Test("what was in the file is in the database: as many rows, the same devices, scopes and people, the same life")
    func everything() async throws {
        try await makeBooks()
        let desk = try await fleet.open()
        for number in 1...430 { try door.append("authentication.success", #"{"n":\#(number)}"#, to: .events) }
        try await door.push(.events, to: desk)
        let (life, counts) = (desk.incarnation, try await desk.counts())
        let (devices, scopes) = (try await desk.devices(), try await desk.scopes())
        await desk.close()
        let report = try await move()
        #expect(report.tables.first { $0.name == "records" }?.rows == 431 && !report.wasDone)
        let moved = try await fleet.open(over: target)
        #expect(moved.incarnation == life)
        #expect(try await moved.counts() == counts)
        #expect(try await moved.devices() == devices)
        #expect(try await moved.scopes() == scopes)
        #expect(try await moved.payload(of: door.id, door.epoch, .events, 430) == #"{"n":430}"#)
        await moved.close()
    }

    @Test("devices go on where they were, and who comes new collides with nobody")
    func goesOn() async throws {
        try await makeBooks()
        let office = try TestDevice()
        var desk = try await fleet.open()
        try await office.join(desk)
        try await office.pull(desk)
        for number in 1...20 { try door.append("authentication.success", #"{"n":\#(number)}"#, to: .events) }
        try await door.push(.events, 1...10, to: desk)
        await desk.close()
        _ = try await move()
        desk = try await fleet.open(over: target)
        let answer = try await office.pull(desk)
        #expect(answer.scopes.allSatisfy { !$0.isSnapshot && $0.entries.isEmpty })
        #expect(try await door.push(.events, 6...20, to: desk).acknowledged == 20)
        #expect(try await desk.counts().records[.events] == 20)
        let fresh = try TestDevice()
        try await fresh.join(desk)
        try fresh.enroll("bob", desk)
        #expect(try await fresh.push(.enrollment, to: desk).settled.count == 1)
        #expect(try await office.pull(desk).scopes.flatMap(\.entries).count == 1)
        #expect(try await desk.counts().people == 2)
        await desk.close()
    }

    @Test("no central begins on a file that was moved, and it is not moved twice")
    func marked() async throws {
        try await makeBooks()
        _ = try await move()
        let error = await #expect(throws: EdgeError.self) { try await fleet.open() }
        #expect(error?.code == .centralMoved)
        #expect(try await refusedMove() == .centralMoved)
    }

    @Test("a file that is taken back begins a new life")
    func takenBack() async throws {
        try await makeBooks()
        _ = try await move()
        let moved = try await fleet.open(over: target)
        let life = moved.incarnation
        await moved.close()
        try await FleetMove.takeBack(directory: directory)
        let desk = try await fleet.open()
        #expect(desk.incarnation != life)
        #expect(try await desk.devices().map(\.id) == [door.id])
        await desk.close()
    }

    @Test("a database that is not empty is refused, and the file stays in use")
    func occupied() async throws {
        try await makeBooks()
        let other = fleet.directory.path("other")
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
        await (try fleet.open(in: other, over: target)).close()
        #expect(try await refusedMove() == .centralTarget)
        await (try fleet.open()).close()
    }

    @Test("a database of somebody else, or of another version, is refused")
    func strange() async throws {
        try await makeBooks()
        try script("CREATE TABLE people (name TEXT)")
        #expect(try await refusedMove() == .centralTarget)
        try script(
            "DROP TABLE people", "CREATE TABLE central_schema (version BIGINT NOT NULL)",
            "INSERT INTO central_schema VALUES (1)")
        #expect(try await refusedMove() == .centralTarget)
    }

    @Test("the books of a central that runs are not moved")
    func running() async throws {
        try await makeBooks()
        let desk = try await fleet.open()
        #expect(try await refusedMove() == .storeBusy)
        #expect(try isBare())
        await desk.close()
    }

    @Test("nothing stays of a move that failed half way, and the next one comes through")
    func halfWay() async throws {
        try await makeBooks()
        let orphan = "zeroblob(16), zeroblob(16), 0, NULL"
        try edit("PRAGMA foreign_keys = OFF; INSERT INTO erasure_proofs VALUES (\(orphan))")
        #expect(try await refusedMove() == .internalFault)
        #expect(try isBare())
        await (try fleet.open()).close()
        try edit("DELETE FROM erasure_proofs")
        #expect(try await refusedMove() == nil)
    }

    @Test("a move that came through, and whose end nobody saw, is found to be done")
    func unseenEnd() async throws {
        try await makeBooks()
        let first = try await move()
        try edit("UPDATE meta SET name = 'moving' WHERE name = 'moved'")
        let error = await #expect(throws: EdgeError.self) { try await fleet.open() }
        #expect(error?.code == .centralMoved)
        let again = try await move()
        #expect(again.wasDone)
        #expect(again.tables.first { $0.name == "records" } == first.tables.first { $0.name == "records" })
        #expect(try await refusedMove() == .centralMoved)
    }

    @Test("a move that was cut off before its end came through is run again")
    func cutOff() async throws {
        try await makeBooks()
        try edit("INSERT INTO meta (name, value) VALUES ('moving', zeroblob(16))")
        let error = await #expect(throws: EdgeError.self) { try await fleet.open() }
        #expect(error?.code == .centralMoved)
        #expect(try await !move().wasDone)
    }

    @Test("over a new database no central begins while the books are still in the file")
    func forgotten() async throws {
        try await makeBooks()
        let error = await #expect(throws: EdgeError.self) { try await fleet.open(over: target) }
        #expect(error?.code == .centralUnmoved)
        #expect(try await refusedMove() == nil)
        await (try fleet.open(over: target)).close()
    }

    @Test("other keys than those of the books move nothing")
    func otherKeys() async throws {
        try await makeBooks()
        let other = try KeyVault.open(keyFile: fleet.directory.path("other.key"))
        let error = await #expect(throws: EdgeError.self) {
            try await FleetMove(directory: directory, postgres: target.options, keys: FleetKeys(other)).run()
        }
        #expect(error?.code == .keyUnavailable)
        #expect(try isBare())
    }

    @Test("the exchange of the keys that an erasure waits for comes before the move")
    func erasure() async throws {
        try await makeBooks()
        let desk = try await fleet.open()
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        await desk.close()
        let key = fleet.vault.wrappingKeyID
        _ = try await move()
        #expect(fleet.vault.wrappingKeyID != key)
        let moved = try await fleet.open(over: target)
        #expect(try await moved.erasures().count == 1)
        #expect(try await moved.counts().people == 0)
        await moved.close()
    }

    @Test("which credentials members have goes along, and of which member none are known is told")
    func credentials() async throws {
        try await makeBooks()
        let (known, unknown) = (ClientID(), ClientID())
        let office = try TestDevice()
        var desk = try await fleet.open()
        try await office.join(desk)
        try await desk.bind(door.id, to: known)
        try await desk.bind(office.id, to: unknown)
        try await desk.keepCredentials(
            of: known, name: "door", apiKey: Redacted("frapi_one"), apiSecret: Redacted("secret"))
        await desk.close()
        _ = try await move()
        desk = try await fleet.open(over: target)
        #expect(try await desk.member(apiKey: "frapi_one", apiSecret: Redacted("secret"))?.client == known)
        #expect(try await !desk.lacksCredentials(of: known))
        #expect(try await desk.lacksCredentials(of: unknown))
        #expect(try await !desk.lacksCredentials(of: ClientID()))
        try await desk.changeCredentials(of: known, apiKey: nil, apiSecret: Redacted("another"))
        #expect(try await desk.member(apiKey: "frapi_one", apiSecret: Redacted("secret")) == nil)
        #expect(try await desk.member(apiKey: "frapi_one", apiSecret: Redacted("another"))?.client == known)
        try await desk.forgetCredentials(of: known)
        #expect(try await desk.member(apiKey: "frapi_one", apiSecret: Redacted("another")) == nil)
        await desk.close()
    }
}

@Suite("Comparing rows")
struct BookSumTests {
    let directory: TemporaryDirectory
    let checker: KeyVault

    init() throws {
        directory = try TemporaryDirectory()
        checker = try KeyVault.open(keyFile: directory.path("key"))
    }

    private func sum(_ rows: [[FleetValue]]) throws -> BookSum {
        var sum = BookSum()
        for row in rows { try sum.add(row, checker) }
        return sum
    }

    @Test("rows in another order are the same; other rows, other kinds and other places are not")
    func compares() throws {
        let rows: [[FleetValue]] = [[.integer(1), .text("a")], [.integer(2), .null]]
        #expect(try sum(rows) == sum(rows.reversed()))
        #expect(try sum(rows) != sum([rows[0]]))
        #expect(try sum([[.text("a"), .text("b")]]) != sum([[.text("ab"), .text("")]]))
        #expect(try sum([[.text("a")]]) != sum([[.bytes(Data("a".utf8))]]))
        #expect(try sum([[.null]]) != sum([[.text("")]]))
    }

    @Test("a text's NUL, which PostgreSQL does not hold, is compared as it is kept there")
    func withoutNUL() throws {
        #expect(try sum([[.text("a\0b")]]) == sum([[.text("a\u{2400}b")]]))
    }
}
