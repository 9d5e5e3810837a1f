import FoundationEssentials
import SyncCore
import Testing

@Suite("Devices of a fleet")
struct FleetTests {
    private func opening(_ epoch: Epoch, after history: [Epoch] = []) -> EpochOpening {
        EpochOpening(epoch: epoch, history: history, reason: .restored)
    }

    @Test("an epoch follows the present one; saying it twice changes nothing")
    func follows() {
        let (first, second) = (Epoch(), Epoch())
        var book = EpochBook()
        #expect(book.open(opening(first)) == .opened)
        #expect(book.open(opening(first)) == .known)
        #expect(book.open(opening(second, after: [first])) == .opened)
        #expect(book.open(opening(first)) == .ended)
        #expect(book.present == second)
    }

    @Test("two machines under one identity are found when the second one goes on")
    func forked() {
        let (first, one, other) = (Epoch(), Epoch(), Epoch())
        var book = EpochBook()
        _ = book.open(opening(first))
        #expect(book.open(opening(one, after: [first])) == .opened)
        #expect(book.open(opening(other, after: [first])) == .forked)
        book.release()
        #expect(book.open(opening(other, after: [first])) == .opened)
        #expect(book.open(opening(one, after: [first])) == .ended)
    }

    @Test("a central that was restored takes an epoch that it missed the beginning of")
    func restored() {
        let epochs = (0..<3).map { _ in Epoch() }
        var book = EpochBook()
        _ = book.open(opening(epochs[0]))
        #expect(book.open(opening(epochs[2], after: Array(epochs[..<2]))) == .opened)
        #expect(book.open(opening(epochs[1], after: [epochs[0]])) == .ended)
    }

    @Test("a lease ages while the machine runs, over restarts, and not backwards")
    func lease() {
        let policy = LeasePolicy()
        var age = LeaseAge(wall: 0, uptime: .seconds(100))
        #expect(age.tier(policy, uptime: .seconds(100)) == .fresh)
        #expect(age.tier(policy, uptime: .seconds(100 + 2 * 86_400)) == .aging)
        age.keep(wall: 2 * 86_400_000_000, uptime: .seconds(100 + 2 * 86_400))
        // Six days off by the wall clock.
        age.resume(wall: 8 * 86_400_000_000, uptime: .zero)
        #expect(age.tier(policy, uptime: .seconds(60)) == .closing)
        // A clock set back a year makes nothing younger.
        age.resume(wall: 0, uptime: .zero)
        #expect(age.tier(policy, uptime: .seconds(60)) == .closing)
        #expect(!LeaseTier.closing.allowsEnrollment && LeaseTier.closing.allowsDecision)
        #expect(age.tier(policy, uptime: .seconds(30 * 86_400)) == .expired)
        #expect(!LeaseTier.expired.allowsDecision)
    }

    @Test("an erasure counts who has proven it, and since when the slowest owes it")
    func erasures() {
        let (fast, slow) = (DeviceID(), DeviceID())
        var book = ErasureBook(orderedAt: 10, devices: [fast, slow])
        book.prove(fast, at: 12)
        book.prove(fast, at: 99)
        #expect(book.proven == [fast: 12] && book.oldestOutstanding == 10 && !book.isComplete)
        book.prove(slow, at: 20)
        #expect(book.isComplete)
        book.expect(fast, at: 30)
        #expect(book.oldestOutstanding == 30 && book.proven == [slow: 20])
    }

    @Test("an acknowledgement beyond what a device made tells it that it is an older copy of itself")
    func acknowledgement() {
        let judge = { (number: UInt64, head: ChainHash) in
            AcknowledgementRule.judge(number, head: head, newest: 5) { 3 <= $0 ? .honest($0) : nil }
        }
        #expect(judge(5, .honest(5)) == .valid)
        #expect(judge(2, .forged(2)) == .valid)
        #expect(judge(4, .forged(4)) == .forked)
        #expect(judge(6, .honest(6)) == .rolledBack)
    }
}

@Suite("A lane's pushes")
struct LaneSenderTests {
    private var dice = SeededGenerator(seed: 1)

    @Test("one batch at a time, from the first that is not acknowledged")
    mutating func oneAtATime() {
        var sender = LaneSender(.audit, acknowledged: 4)
        #expect(sender.next(oldest: 5, newest: 4, now: .zero) == nil)
        let order = sender.next(oldest: 5, newest: 9, now: .zero)
        #expect(order?.first == 5 && order?.limit == RecordBatch.usual && order?.lostFrom == nil)
        #expect(sender.next(oldest: 5, newest: 9, now: .zero) == nil && sender.dueAt == nil)
        #expect(sender.take(.acknowledged(9), now: .zero, using: &dice) == 9)
        #expect(sender.next(oldest: 10, newest: 9, now: .zero) == nil)
    }

    @Test("a lane that dropped its oldest says which")
    func dropped() {
        var sender = LaneSender(.events, acknowledged: 4)
        let order = sender.next(oldest: 8, newest: 9, now: .zero)
        #expect(order?.first == 8 && order?.lostFrom == 5)
    }

    @Test("no answer, and a busy central, are waited for; the batch gets smaller only for the latter")
    mutating func waits() throws {
        var sender = LaneSender(.audit, acknowledged: 0)
        _ = sender.next(oldest: 1, newest: 9, now: .zero)
        #expect(sender.take(.busy(retryAfter: .seconds(9)), now: .zero, using: &dice) == nil)
        #expect(sender.limit == RecordBatch.usual / 2)
        #expect(sender.next(oldest: 1, newest: 9, now: .seconds(8)) == nil)
        let due = try #require(sender.dueAt)
        #expect(sender.next(oldest: 1, newest: 9, now: due) != nil)
        _ = sender.take(.unreachable, now: due, using: &dice)
        #expect(sender.limit == RecordBatch.usual / 2 && sender.failures == 2)
        _ = sender.next(oldest: 1, newest: 9, now: .seconds(3600))
        _ = sender.take(.acknowledged(5), now: .seconds(3600), using: &dice)
        #expect(sender.failures == 0 && sender.limit > RecordBatch.usual / 2)
    }

    @Test("batches are as long as central says that it takes, and short where only this one is to be")
    mutating func longBatches() {
        var sender = LaneSender(.audit, acknowledged: 0)
        sender.accept(upTo: .max)
        #expect(sender.limit == RecordBatch.limit)
        #expect(sender.next(oldest: 1, newest: 9000, now: .zero, most: RecordBatch.usual)?.limit == RecordBatch.usual)
        _ = sender.take(.acknowledged(256), now: .zero, using: &dice)
        #expect(sender.next(oldest: 257, newest: 9000, now: .zero)?.limit == RecordBatch.limit)
        sender.accept(upTo: 0)
        #expect(sender.limit == 1 && sender.ceiling == 1)
    }

    @Test("a long batch that is not taken comes back to half of the usual length at once, and grows again")
    mutating func longBatchRefused() {
        var sender = LaneSender(.audit, acknowledged: 0)
        sender.accept(upTo: RecordBatch.limit)
        _ = sender.next(oldest: 1, newest: 9000, now: .zero)
        _ = sender.take(.busy(retryAfter: .zero), now: .zero, using: &dice)
        #expect(sender.limit == RecordBatch.usual / 2)
        // Said again, it makes no halved one longer at once.
        sender.accept(upTo: RecordBatch.limit)
        #expect(sender.limit == RecordBatch.usual / 2)
        for number in 1...20 {
            _ = sender.next(oldest: 1, newest: 9000, now: .seconds(3600 * number))
            _ = sender.take(.acknowledged(UInt64(number)), now: .seconds(3600 * number), using: &dice)
        }
        #expect(sender.limit == RecordBatch.limit)
    }

    @Test("it goes back to where central stands, and tells what it has no more")
    mutating func rewinds() {
        var sender = LaneSender(.audit, acknowledged: 9)
        _ = sender.next(oldest: 10, newest: 12, now: .zero)
        _ = sender.take(.rewind(expected: 3), now: .zero, using: &dice)
        let order = sender.next(oldest: 10, newest: 12, now: .zero)
        #expect(order?.first == 10 && order?.lostFrom == 3)
    }

    @Test("a network that comes up ends a long wait within seconds")
    mutating func networkUp() throws {
        var sender = LaneSender(.audit, acknowledged: 0)
        _ = sender.next(oldest: 1, newest: 9, now: .zero)
        _ = sender.take(.busy(retryAfter: .seconds(3600)), now: .zero, using: &dice)
        sender.networkUp(now: .seconds(10), using: &dice)
        #expect(try #require(sender.dueAt) <= .seconds(15))
    }
}

@Suite("Batches after a loss")
struct LossTests {
    @Test("records that the device lost are passed over, and counted")
    func loss() throws {
        let batch = try #require(
            RecordBatch(first: 8, previous: .honest(7), hashes: [.honest(8)], lostFrom: 5))
        #expect(
            IntakeRule.judge(batch, at: .honest(4))
                == .acceptedWithLoss(lost: 5...7, cursor: .honest(8)))
        #expect(
            IntakeRule.judge(batch, at: .honest(5))
                == .acceptedWithLoss(lost: 6...7, cursor: .honest(8)))
    }

    @Test("what is missing beyond that is still a gap, and what is there is compared")
    func notAll() throws {
        let batch = try #require(
            RecordBatch(first: 8, previous: .honest(7), hashes: [.honest(8)], lostFrom: 5))
        #expect(IntakeRule.judge(batch, at: .honest(3)) == .gap(expected: 4))
        #expect(IntakeRule.judge(batch, at: .honest(7)) == .accepted(skipping: 0, cursor: .honest(8)))
        #expect(IntakeRule.judge(batch, at: LaneCursor(acknowledged: 7, head: .forged(7))) == .fork(at: 7))
        #expect(RecordBatch(first: 8, previous: .start, hashes: [.start], lostFrom: 8) == nil)
    }
}
