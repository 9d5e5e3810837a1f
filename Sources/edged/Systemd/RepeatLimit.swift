/// Lets the same record through a few times, and then tells how often it was held back.
///
/// A camera that fails for a week is told of once a minute and not once a second.
struct RepeatLimit {
    /// What becomes of a record.
    enum Verdict: Equatable {
        /// It is written; so many like it were not, since the last one that was.
        case write(heldBack: Int)
        case hold
    }

    private struct Count {
        var began: ContinuousClock.Instant
        var written: Int
        var heldBack: Int
    }

    /// In a period the same record is written so often.
    static let burst = 5
    static let period = Duration.seconds(60)
    /// Of so many different records at once are the counts kept; of more, the oldest is forgotten.
    static let kinds = 256

    private var counts: [Int: Count] = [:]

    /// Counts a record, told from others by its hash, and says what becomes of it.
    mutating func verdict(on record: Int, at now: ContinuousClock.Instant) -> Verdict {
        var count = counts[record] ?? Count(began: now, written: 0, heldBack: 0)
        defer { keep(count, of: record) }
        if now - count.began >= Self.period {
            let heldBack = count.heldBack
            count = Count(began: now, written: 1, heldBack: 0)
            return .write(heldBack: heldBack)
        }
        guard count.written < Self.burst else {
            count.heldBack += 1
            return .hold
        }
        count.written += 1
        return .write(heldBack: 0)
    }

    private mutating func keep(_ count: Count, of record: Int) {
        if counts[record] == nil, counts.count >= Self.kinds,
            let oldest = counts.min(by: { $0.value.began < $1.value.began })
        {
            counts.removeValue(forKey: oldest.key)
        }
        counts[record] = count
    }
}
