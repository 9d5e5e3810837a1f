/// Decides for one lane of a device when to push what; performs nothing.
///
/// One batch is under way at a time. Times are those of a clock that only runs forward.
public struct LaneSender: Sendable, Equatable {
    /// What central said, or did not say.
    public enum Answer: Sendable, Equatable {
        /// Everything up to this number is on disk there.
        case acknowledged(UInt64)
        /// It has less than the device believes: go on from this number.
        case rewind(expected: UInt64)
        /// It cannot take more now.
        case busy(retryAfter: Duration)
        /// No answer, or none that can be understood.
        case unreachable
    }

    /// A batch to push: records from `first`, at most `limit`.
    public struct Order: Sendable, Equatable {
        /// The first record of the batch.
        public let first: UInt64
        /// The most records of the batch.
        public let limit: Int
        /// The first of the records before ``first`` that the device has no more.
        public let lostFrom: UInt64?
    }

    /// Whose pushes these are.
    public let lane: Lane
    /// Everything up to this number is on disk at central, as far as the device knows.
    public private(set) var acknowledged: UInt64
    /// What central asks for, when it has less than that.
    public private(set) var wanted: UInt64?
    /// The most records that central takes in one batch, as far as it has said so.
    public private(set) var ceiling = RecordBatch.usual
    /// Grows with success up to ``ceiling``, and halves when central is busy.
    public private(set) var limit = RecordBatch.usual
    /// Failures in a row.
    public private(set) var failures = 0
    private var notBefore = Duration.zero
    private var isUnderWay = false

    /// A lane that central has acknowledged up to a number.
    public init(_ lane: Lane, acknowledged: UInt64) {
        self.lane = lane
        self.acknowledged = acknowledged
    }

    /// Central takes so many records in one batch.
    public mutating func accept(upTo records: Int) {
        let most = min(max(records, 1), RecordBatch.limit)
        // One that was halved grows again by itself.
        limit = limit == ceiling ? most : min(limit, most)
        ceiling = most
    }

    /// What to push now, given the first record that the device still has and the last; `nil` when nothing is due.
    ///
    /// `most` keeps this one batch short, whatever central takes.
    public mutating func next(
        oldest: UInt64, newest: UInt64, now: Duration, most: Int = RecordBatch.limit
    ) -> Order? {
        guard !isUnderWay, now >= notBefore, newest > acknowledged || wanted != nil else { return nil }
        let wish = wanted ?? acknowledged + 1
        let first = max(wish, oldest)
        // Nothing is left to tell of what central lost; the next record will carry the loss.
        guard first <= newest else { return nil }
        isUnderWay = true
        return Order(first: first, limit: max(1, min(limit, most)), lostFrom: wish < first ? wish : nil)
    }

    /// When ``next(oldest:newest:now:)`` may have something; `nil` while a batch is under way.
    public var dueAt: Duration? { isUnderWay ? nil : notBefore }

    /// Takes an answer in; returns the number up to which records may be deleted, when that grew.
    public mutating func take(
        _ answer: Answer, now: Duration, using generator: inout some RandomNumberGenerator
    ) -> UInt64? {
        isUnderWay = false
        switch answer {
        case .acknowledged(let number):
            (failures, notBefore, wanted) = (0, now, nil)
            limit = min(ceiling, limit + max(1, ceiling / 8))
            guard number > acknowledged else { return nil }
            acknowledged = number
            return number
        case .rewind(let expected):
            // The same wish twice in a row is a disagreement that only waiting or an operator ends.
            if wanted == expected { wait(now, .zero, &generator) }
            wanted = expected
        case .busy(let retryAfter):
            // A long one comes back to the usual length at once: what a record is refused for is found sooner.
            limit = max(1, min(limit, RecordBatch.usual) / 2)
            wait(now, retryAfter, &generator)
        case .unreachable:
            wait(now, .zero, &generator)
        }
        return nil
    }

    /// The network came up: try soon, but not all devices at once.
    public mutating func networkUp(now: Duration, using generator: inout some RandomNumberGenerator) {
        failures = 0
        notBefore = min(notBefore, now + .seconds(5) * Double.random(in: 0...1, using: &generator))
    }

    private mutating func wait(
        _ now: Duration, _ retryAfter: Duration, _ generator: inout some RandomNumberGenerator
    ) {
        failures += 1
        notBefore = now + lane.backoff.wait(afterFailures: failures, retryAfter: retryAfter, using: &generator)
    }
}
