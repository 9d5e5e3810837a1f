import EdgeCore
import EdgeTesting
import Foundation
import SyncCore
import Testing

@testable import Central

@Suite("A look at the fleet's books", .onEachStorage)
struct SurveyTests {
    let fleet: Fleet
    let patience = Duration.seconds(86_400)

    init() throws { fleet = try Fleet() }

    private var books: StoppedBooks {
        StoppedBooks(directory: fleet.directory.url.path, postgres: fleet.database?.options)
    }

    private func look() async throws -> FleetSurvey { try await books.survey(patience: patience, at: fleet.clock.wall) }

    @Test("an empty fleet waits for nothing, and says what holds its books")
    func empty() async throws {
        let desk = try await fleet.open()
        let found = try await desk.survey()
        #expect(found.database.kind == (fleet.database == nil ? "sqlite" : "postgresql"))
        #expect(found.database.schema == found.database.knownSchema && !found.database.version.isEmpty)
        #expect((found.database.connectionLimit != nil) == (fleet.database != nil))
        let counted = try #require(found.fleet)
        #expect(counted.members == 0 && counted.silent == 0 && counted.longestSilent == nil)
        for queue in [counted.quarantined, counted.erasures, counted.events] {
            #expect(queue == CentralStanding.Queue(waiting: 0, oldestAt: nil))
        }
        await desk.close()
    }

    @Test("who was not heard of for long, who is quarantined and which erasure is owed is counted, with the oldest")
    func waiting() async throws {
        let desk = try await fleet.open()
        let began = fleet.clock.wall
        let devices = [try TestDevice(), try TestDevice(), try TestDevice()]
        for device in devices { try await device.join(desk) }
        try devices[0].enroll("ada", desk)
        try await devices[0].push(.enrollment, 1...1, to: desk)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        fleet.clock.advance(by: .seconds(2 * 86_400))
        try await devices[1].pull(desk)
        let stopped = fleet.clock.wall
        _ = try await desk.quarantine(devices[2].id, because: "test")
        let found = try #require(try await desk.survey().fleet)
        #expect(found.members == 2 && found.silent == 1)
        #expect(found.longestSilent == "door" && found.longestSilentSince == began)
        #expect(found.quarantined == CentralStanding.Queue(waiting: 1, oldestAt: stopped))
        #expect(found.erasures.waiting == 1 && found.erasures.oldestAt == began)
        await desk.close()
    }

    @Test("books of a central that is stopped tell the same, and nothing is written")
    func stopped() async throws {
        let desk = try await fleet.open()
        try await TestDevice().join(desk)
        let running = try await desk.survey()
        await desk.close()
        let before = try files()
        let found = try await look()
        #expect(found.fleet == running.fleet)
        #expect(found.database.schema == running.database.schema && found.database.version == running.database.version)
        #expect(try files() == before)
    }

    @Test("what nobody began holds no figures, and none are made")
    func nothing() async throws {
        guard fleet.database != nil else {
            let code = await code { try await look() }
            #expect(code == .storeUnavailable)
            return
        }
        let found = try await look()
        #expect(found.database.schema == 0 && found.fleet == nil)
        let again = try await look()
        #expect(again.database.schema == 0 && again.fleet == nil, "the look made no tables")
    }

    @Test("a file that a central has open, or did not close, is not looked at")
    func busy() async throws {
        guard fleet.database == nil else { return }
        let desk = try await fleet.open()
        try await TestDevice().join(desk)
        #expect(await code { try await look() } == .storeBusy)
        await desk.close()
        _ = try await look()
    }

    @Test("a path may hold what means something in an address")
    func paths() async throws {
        let strange = fleet.directory.path("50% of? #the ünit")
        try FileManager.default.createDirectory(atPath: strange, withIntermediateDirectories: true)
        guard fleet.database == nil else { return }
        let desk = try await fleet.open(in: strange)
        await desk.close()
        let found = try await StoppedBooks(directory: strange, postgres: nil)
            .survey(patience: patience, at: fleet.clock.wall)
        #expect(found.fleet?.members == 0)
    }

    private func code(_ body: () async throws -> some Any) async -> ErrorCode? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? EdgeError)?.code }
    }

    /// Every file with its bytes.
    private func files() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: fleet.directory.url.path)
        return names.reduce(into: [:]) { files, name in
            files[name] = FileManager.default.contents(atPath: fleet.directory.path(name))
        }
    }
}
