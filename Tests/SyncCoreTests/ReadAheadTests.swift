import SyncCore
import Testing

@Suite("A batch that is made while the one before it is on its way")
struct ReadAheadTests {
    private let address = LaneAddress(device: DeviceID(), epoch: Epoch(), lane: .events)

    /// A lane of which everything up to `released` is gone.
    private func lane(
        released: UInt64 = 0, last: UInt64 = 100, at other: LaneAddress? = nil, head: ChainHash? = nil
    ) -> LaneStatus {
        LaneStatus(
            address: other ?? address, last: last, head: .honest(last), released: released,
            releasedHead: head ?? .honest(released), acknowledged: released, bytes: 0, oldest: nil)
    }

    private func made() throws -> ReadAhead {
        try #require(ReadAhead(behind: 20, head: .honest(20), of: lane(), limit: 20))
    }

    /// What the lane is asked for once central has said `answer` to the batch up to 20.
    private func asked(after answer: LaneSender.Answer, oldest: UInt64 = 21) -> LaneSender.Order? {
        var dice = SeededGenerator(seed: 1)
        var sender = LaneSender(.events, acknowledged: 0)
        _ = sender.next(oldest: 1, newest: 100, now: .zero)
        _ = sender.take(answer, now: .zero, using: &dice)
        return sender.next(oldest: oldest, newest: 100, now: .seconds(3600))
    }

    @Test("it follows the batch that is on its way, and is made only where a full one waits")
    func behind() throws {
        let ahead = try made()
        #expect(ahead.first == 21 && ahead.previous == .honest(20) && ahead.limit == 20)
        #expect(ReadAhead(behind: 80, head: .honest(80), of: lane(), limit: 20) != nil)
        #expect(ReadAhead(behind: 81, head: .honest(81), of: lane(), limit: 20) == nil)
        #expect(ReadAhead(behind: 101, head: .honest(101), of: lane(), limit: 20) == nil)
        #expect(ReadAhead(behind: 20, head: .honest(20), of: lane(), limit: 0) == nil)
    }

    @Test("it goes after a plain acknowledgement")
    func plain() throws {
        let order = try #require(asked(after: .acknowledged(20)))
        #expect(try made().fits(order, of: lane(released: 20), count: 20))
    }

    @Test("it does not go where central has less, or more, than was sent", arguments: [UInt64(12), 25])
    func otherNumber(number: UInt64) throws {
        let order = try #require(asked(after: .acknowledged(number), oldest: number + 1))
        #expect(try !made().fits(order, of: lane(released: number), count: 20))
    }

    @Test(
        "it does not go after a refusal or without an answer",
        arguments: [
            LaneSender.Answer.rewind(expected: 5), .rewind(expected: 21), .busy(retryAfter: .zero), .unreachable,
        ])
    func refused(answer: LaneSender.Answer) throws {
        let order = try #require(asked(after: answer, oldest: 1))
        // Nothing was acknowledged, so nothing was released.
        #expect(try !made().fits(order, of: lane(), count: 20))
    }

    @Test("it does not go in another epoch, behind another history, or where records before it were dropped")
    func otherLane() throws {
        let order = try #require(asked(after: .acknowledged(20)))
        let other = LaneAddress(device: address.device, epoch: Epoch(), lane: .events)
        #expect(try !made().fits(order, of: lane(released: 20, at: other), count: 20))
        #expect(try !made().fits(order, of: lane(released: 20, head: .forged(20)), count: 20))
        let late = try #require(asked(after: .acknowledged(20), oldest: 30))
        #expect(late.lostFrom == 21)
        #expect(try !made().fits(late, of: lane(released: 29), count: 20))
    }

    @Test("it does not go where it is longer than the batch may be now")
    func tooLong() throws {
        var sender = LaneSender(.events, acknowledged: 20)
        let next = sender.next(oldest: 21, newest: 100, now: .zero, most: 19)
        let short = try #require(next)
        #expect(try !made().fits(short, of: lane(released: 20), count: 20))
        #expect(try made().fits(short, of: lane(released: 20), count: 19))
        #expect(try !made().fits(short, of: lane(released: 20), count: 0))
    }
}
