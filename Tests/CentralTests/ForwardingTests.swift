import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore
import Synchronization
import Testing
import Vault

@testable import Central

/// Keeps what it is handed; fails where it is told to.
private final class TestReceiver: EventReceiver {
    private let state = Mutex((records: [ForwardedRecord](), fails: false))

    var records: [ForwardedRecord] { state.withLock { $0.records } }
    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

    func receive(_ records: [ForwardedRecord]) async throws {
        try state.withLock { state in
            if state.fails { throw EdgeError(.storeUnavailable) }
            state.records += records
        }
    }
}

@Suite("Handing on what devices tell of events", .onEachStorage)
struct ForwardingTests {
    let fleet: Fleet
    let desk: FleetDesk
    let device: TestDevice
    private let receiver = TestReceiver()

    init() async throws {
        fleet = try Fleet()
        desk = try await fleet.open()
        device = try TestDevice()
        try await device.join(desk)
    }

    private func event(_ number: Int, user: String? = nil) throws {
        let data = user.map { #"{"user_id":"\#($0)"}"# } ?? "{}"
        try device.append("session.created", #"{"event_id":"\#(number)","data":\#(data)}"#, to: .events)
    }

    private func forwardAll() async { _ = await desk.forwardWaiting(to: receiver) }

    @Test("events are handed on once, in order, with whom they name, however often they arrive")
    func once() async throws {
        for number in 1...600 { try event(number, user: number == 3 ? "ada" : nil) }
        try await device.push(.events, to: desk)
        try await device.push(.events, to: desk)
        await forwardAll()
        await forwardAll()
        #expect(receiver.records.map(\.payload) == device.lanes[.events]?.map(\.record.payload))
        #expect(receiver.records.allSatisfy { $0.device == device.id && $0.tenant == Fleet.tenant.rawValue })
        #expect(receiver.records[2].subject == (try desk.subject(tenant: Fleet.tenant, user: "ada")))
        #expect(receiver.records[1].subject == nil)
    }

    @Test("what could not be handed on is handed on later, also after a restart")
    func later() async throws {
        try event(1)
        try await device.push(.events, to: desk)
        receiver.fail(true)
        #expect(await !desk.forwardWaiting(to: receiver))
        await desk.close()
        receiver.fail(false)
        let again = try await fleet.open()
        await again.forwardWaiting(to: receiver)
        #expect(receiver.records.count == 1)
        await again.forwardWaiting(to: receiver)
        #expect(receiver.records.count == 1)
    }

    @Test("an entry whose taker was killed is taken again, and nobody else takes it before")
    func killed() async throws {
        try event(1)
        try await device.push(.events, to: desk)
        let taken = try await desk.transaction { transaction in
            try EventQueueTable.take(
                5, at: transaction.wall, until: transaction.wall + 30_000_000, transaction.db
            ).count
        }
        #expect(taken == 1)
        await forwardAll()
        #expect(receiver.records.isEmpty)
        fleet.clock.advance(by: .seconds(31))
        await forwardAll()
        #expect(receiver.records.count == 1)
    }

    @Test("nothing overtakes what somebody has, and the only taker does not wait for itself after a kill")
    func inOrder() async throws {
        try event(1)
        try await device.push(.events, 1...1, to: desk)
        _ = try await desk.transaction { transaction in
            try EventQueueTable.take(
                5, at: transaction.wall, until: transaction.wall + 30_000_000, transaction.db
            ).count
        }
        try event(2)
        try await device.push(.events, 2...2, to: desk)
        await forwardAll()
        #expect(receiver.records.isEmpty)
        try await desk.transaction { try EventQueueTable.giveAllBack($0.db) }
        // Somebody set the clock back: what comes now still comes last.
        fleet.clock.setWall(fleet.clock.wall.addingTimeInterval(-86_400))
        try event(3)
        try await device.push(.events, 3...3, to: desk)
        await forwardAll()
        #expect(receiver.records.map(\.payload) == device.lanes[.events]?.map(\.record.payload))
    }

    @Test("events that nobody came for are dropped with age; endpoints and erasures wait for as long as it takes")
    func aged() async throws {
        try device.append(RecordKind.endpoint, #"{"endpoint":"1"}"#, to: .control)
        try await device.push(.control, to: desk)
        try event(1)
        try await device.push(.events, 1...1, to: desk)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        fleet.clock.advance(by: fleet.options.eventLife + .seconds(7200))
        try event(2)
        try await device.push(.events, 2...2, to: desk)
        try await desk.tidy()
        await forwardAll()
        #expect(receiver.records.map(\.payload) == [#"{"endpoint":"1"}"#, nil, #"{"event_id":"2","data":{}}"#])
    }

    @Test("an erasure is handed on, and nothing of the person that had not been")
    func erased() async throws {
        try event(1, user: "ada")
        try await device.push(.events, to: desk)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "ada")
        await forwardAll()
        #expect(receiver.records.map(\.payload) == [nil])
        #expect(receiver.records.first?.subject == (try desk.subject(tenant: Fleet.tenant, user: "ada")))
    }

    @Test("what the central instance's own doors tell is not handed on")
    func own() async throws {
        desk.trust(device.id)
        try event(1)
        try await device.push(.events, to: desk)
        await forwardAll()
        #expect(receiver.records.isEmpty)
    }

    @Test("an endpoint is taken from a device that is told of the tenant, and from no other")
    func endpoints() async throws {
        let stranger = try TestDevice()
        try await stranger.join(desk, scopes: [try await desk.createScope(named: "elsewhere").id])
        let client = FleetClient(
            version: 1, publicID: "FR_1", name: "shop", scope: "kiosk", status: "active", tier: "basic",
            features: "{}", perHour: 1, perDay: 2, createdAt: 3, keyVerifier: String(repeating: "1", count: 64),
            secretVerifier: String(repeating: "5", count: 64))
        try device.append(client, kind: RecordKind.client)
        try device.append(RecordKind.endpoint, #"{"endpoint":"canary"}"#, to: .control)
        #expect(try await device.push(.control, to: desk).refused.isEmpty)
        try stranger.append(RecordKind.endpoint, "{}", to: .control)
        #expect(try await stranger.push(.control, to: desk).refused.map(\.reason) == ["not_trusted"])
        await forwardAll()
        #expect(receiver.records.map(\.kind) == [RecordKind.endpoint])
        #expect(try !String(decoding: fleet.bytes(), as: UTF8.self).contains("canary"))
    }
}
