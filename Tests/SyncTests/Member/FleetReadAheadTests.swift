import EdgeCore
import EdgeTesting
import Foundation
import Store
import SyncCore
import Synchronization
import Testing

@testable import Sync

@Suite("The next batch, made while one is on its way", .timeLimit(.minutes(10)))
struct FleetReadAheadTests {
    /// A few full batches.
    private static let count = 1000

    let house: FleetHouse

    init() throws { house = try FleetHouse() }

    /// A device of the fleet with a backlog of decisions.
    private func device(options: MemberOptions = MemberOptions()) async throws -> FleetDevice {
        let device = try await house.member("a", options: options)
        let wall = house.clock.wall
        for start in stride(from: 0, to: Self.count, by: 50) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in start..<(start + 50) {
                    group.addTask {
                        try await device.store.append(
                            AuditRecord(action: "test.decision", succeeded: true, at: wall))
                    }
                }
                try await group.waitForAll()
            }
        }
        return device
    }

    /// Runs `member` until all of the backlog is told.
    private func drain(
        _ device: FleetDevice, _ member: FleetMember<EdgeStore>,
        when isDone: @escaping @Sendable () async throws -> Bool = { true }
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await member.run() }
            try await house.until({ try await device.hasSentAll() }, isDone)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Every decision is at central once, and none is missing.
    private func requireAllOnce() throws {
        let lane = try house.central.disk.withLock { disk in
            try present(disk.lanes.first { $0.key.lane == .audit }?.value)
        }
        #expect(lane.kinds.count { $0 == "test.decision" } == Self.count)
        #expect(lane.effects.values.allSatisfy { $0 == 1 } && lane.lost.isEmpty)
        #expect(UInt64(lane.effects.count) == lane.cursor.acknowledged)
    }

    @Test("it is made before the answer is there, and goes after a plain acknowledgement; nothing goes twice")
    func plain() async throws {
        let device = try await device()
        let desk = WatchedDesk(house.central) { desk, number, request in
            // The answer is kept back until the next batch is there: it does not wait for the answer.
            if number <= 2 { await desk.awaitReady(.audit, request.first + UInt64(request.records.count)) }
            return .taken
        }
        try await drain(device, device.member(speakingOver: desk))
        try requireAllOnce()
        let (first, second) = (desk.sent[0], desk.sent[1])
        #expect(second == first + UInt64(RecordBatch.usual))
        let steps = desk.done
        let isReady = try #require(steps.firstIndex(of: .ready(.audit, second)))
        let isAnswered = try #require(steps.firstIndex(of: .answered(.audit, first)))
        #expect(isReady < isAnswered)
        // Each batch was made once.
        #expect(desk.readied == desk.sent && Set(desk.sent).count == desk.sent.count)
        await device.store.close()
    }

    @Test("it is thrown away when central has only a part of what was sent")
    func part() async throws {
        let device = try await device()
        let desk = WatchedDesk(house.central) { desk, number, request in
            guard number == 1 else { return .taken }
            await desk.awaitReady(.audit, request.first + UInt64(request.records.count))
            return .cut(100)
        }
        try await drain(device, device.member(speakingOver: desk))
        try requireAllOnce()
        let sent = desk.sent
        #expect(sent[1] == sent[0] + 100)
        #expect(desk.readied.contains(sent[0] + UInt64(RecordBatch.usual)))
        #expect(!sent.contains(sent[0] + UInt64(RecordBatch.usual)))
        await device.store.close()
    }

    @Test(
        "it is thrown away when the batch before it is refused, or gets no answer",
        arguments: [
            SyncRefusal.busy(retryMilliseconds: 10), .gap(expected: 1), .malformed("cut"), .unreachable("the cable"),
        ])
    func refused(refusal: SyncRefusal) async throws {
        let device = try await device()
        let desk = WatchedDesk(house.central) { desk, number, request in
            guard number == 1 else { return .taken }
            await desk.awaitReady(.audit, request.first + UInt64(request.records.count))
            return .refused(refusal)
        }
        try await drain(device, device.member(speakingOver: desk))
        try requireAllOnce()
        let sent = desk.sent
        #expect(sent[0] == sent[1])
        await device.store.close()
    }

    @Test("it is thrown away when the epoch ends")
    func epoch() async throws {
        let device = try await device()
        let former = try await device.store.epochOpening().epoch
        let desk = WatchedDesk(house.central) { desk, number, request in
            guard number == 1 else { return .taken }
            await desk.awaitReady(.audit, request.first + UInt64(request.records.count))
            return .refused(.epochEnded)
        }
        try await drain(device, device.member(speakingOver: desk)) {
            try await device.store.epochOpening().history == [former]
        }
        let lanes = house.central.disk.withLock { $0.lanes }
        // Of the former epoch no decision came, and in the new one they are counted from 1 without a gap.
        #expect(lanes.allSatisfy { $0.key.epoch != former || $0.key.lane != .audit })
        #expect(lanes.values.allSatisfy { $0.effects.values.allSatisfy { $0 == 1 } && $0.lost.isEmpty })
        #expect(!desk.sent.dropFirst().contains(desk.sent[0] + UInt64(RecordBatch.usual)))
        await device.store.close()
    }

    @Test("it is thrown away when somebody pauses, and made anew when it goes on")
    func pause() async throws {
        let device = try await device()
        let (paused, messenger) = AsyncStream.makeStream(of: Void.self)
        let sender = Mutex<FleetMember<EdgeStore>?>(nil)
        let desk = WatchedDesk(house.central) { desk, number, request in
            guard number == 1 else { return .taken }
            await desk.awaitReady(.audit, request.first + UInt64(request.records.count))
            await sender.withLock { $0 }?.pause()
            messenger.yield()
            return .taken
        }
        let member = device.member(speakingOver: desk)
        sender.withLock { $0 = member }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await member.run() }
            for await _ in paused { break }
            // The answer is taken in, and nothing follows.
            try await house.until {
                try await device.store.lanes().contains { $0.address.lane == .audit && $0.released > 0 }
            }
            #expect(desk.sent.count == 1)
            await member.resume()
            try await house.until { try await device.hasSentAll() }
            group.cancelAll()
            try await group.waitForAll()
        }
        try requireAllOnce()
        let second = desk.sent[1]
        #expect(desk.readied.count { $0 == second } == 2)
        await device.store.close()
    }

    @Test("the control lane goes ahead of it, and it is made anew then")
    func control() async throws {
        var options = MemberOptions()
        options.lanesAtOnce = 1
        let device = try await device(options: options)
        let wall = house.clock.wall
        let desk = WatchedDesk(house.central) { desk, number, request in
            guard number == 1 else { return .taken }
            await desk.awaitReady(.audit, request.first + UInt64(request.records.count))
            let edit = AuditRecord(action: "store.edited", succeeded: false, at: wall)
            do { try await device.store.append(edit) } catch { return .refused(.malformed("\(error)")) }
            return .taken
        }
        try await drain(device, device.member(speakingOver: desk))
        try requireAllOnce()
        let sent = desk.done.filter { if case .sent = $0 { true } else { false } }
        let first = try #require(sent.firstIndex(of: .sent(.audit, desk.sent[0])))
        guard case .sent(.control, _) = sent[first + 1] else {
            Issue.record("after the first decisions came \(sent[first + 1])")
            return
        }
        await device.store.close()
    }

    @Test("it is not made where bytes are counted: there the line waits anyway")
    func counted() async throws {
        var options = MemberOptions()
        options.bytesPerSecond = 100_000
        let device = try await device(options: options)
        let desk = WatchedDesk(house.central) { _, _, _ in
            await WatchedDesk.giveWay()
            return .taken
        }
        try await drain(device, device.member(speakingOver: desk))
        try requireAllOnce()
        #expect(desk.madeAhead.isEmpty)
        await device.store.close()
    }

    @Test("where somebody was at the door a moment ago it is not made, and batches stay short")
    func door() async throws {
        let device = try await device()
        let (activity, clock) = (DoorActivity(), house.clock)
        activity.note(clock.instant)
        let desk = WatchedDesk(house.central, batch: RecordBatch.limit) { _, _, request in
            activity.note(clock.instant)
            await WatchedDesk.giveWay()
            return request.records.count <= RecordBatch.usual ? .taken : .refused(.malformed("too long"))
        }
        try await drain(device, device.member(speakingOver: desk, activity: activity))
        try requireAllOnce()
        #expect(desk.madeAhead.isEmpty && desk.sent.count == Set(desk.sent).count)
        await device.store.close()
    }

    @Test("batches are as long as central takes them")
    func long() async throws {
        let device = try await device()
        let desk = WatchedDesk(house.central, batch: RecordBatch.limit) { _, _, request in
            request.records.count <= RecordBatch.limit ? .taken : .refused(.malformed("too long"))
        }
        try await drain(device, device.member(speakingOver: desk))
        try requireAllOnce()
        #expect(desk.sent[1] == desk.sent[0] + UInt64(RecordBatch.limit))
        await device.store.close()
    }
}
