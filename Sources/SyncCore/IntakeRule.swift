/// How far central has one lane of one device on disk.
public struct LaneCursor: Sendable, Hashable {
    /// Every record up to this number is on disk; 0 before the first.
    public let acknowledged: UInt64
    /// The running hash after that record.
    public let head: ChainHash

    /// A lane of which nothing has arrived.
    public static let start = LaneCursor(acknowledged: 0, head: .start)

    /// Describes a lane as it stands on disk.
    public init(acknowledged: UInt64, head: ChainHash) {
        self.acknowledged = acknowledged
        self.head = head
    }
}

/// Central's decision about a pushed batch.
///
/// Performs nothing: values in, a verdict out, so a simulator can ask it as often as it likes. The running hashes are
/// taken as given; whoever stores the records recomputes them from the payloads first.
public enum IntakeRule {
    /// What to do with a batch.
    public enum Verdict: Sendable, Equatable {
        /// Store the records after the first `skipping`, move the cursor to `cursor`, then answer 200.
        case accepted(skipping: Int, cursor: LaneCursor)
        /// As before, and note that these records will never come: the device said that it has them no more.
        case acceptedWithLoss(lost: ClosedRange<UInt64>, cursor: LaneCursor)
        /// All of it is on disk already: answer 200 with the acknowledged number, store nothing.
        case duplicate(acknowledged: UInt64)
        /// Records before this batch are missing: answer 409 and name the number that the device must go back to.
        case gap(expected: UInt64)
        /// The device tells another history than the one on disk: answer 409 and quarantine the device.
        case fork(at: UInt64)
    }

    /// Judges `batch` against a lane that stands at `cursor`.
    ///
    /// `stored` gives the running hash on disk after an older record, `nil` where it is no longer kept. A repetition
    /// that cannot be compared is only acknowledged again, which changes nothing.
    public static func judge(
        _ batch: RecordBatch, at cursor: LaneCursor, stored: (UInt64) -> ChainHash? = { _ in nil }
    ) -> Verdict {
        guard batch.first <= cursor.acknowledged + 1 else { return gap(before: batch, at: cursor) }
        // The running hash stands for everything before it, so the newest common record decides for all of them.
        let common = min(batch.last, cursor.acknowledged)
        let known = common == cursor.acknowledged ? cursor.head : stored(common)
        if let known, known != batch.hash(after: common) { return .fork(at: common) }
        guard batch.last > cursor.acknowledged else { return .duplicate(acknowledged: cursor.acknowledged) }
        let skipped = Int(cursor.acknowledged + 1 - batch.first)
        let head = batch.hashes[batch.hashes.count - 1]
        return .accepted(skipping: skipped, cursor: LaneCursor(acknowledged: batch.last, head: head))
    }

    /// Records before the batch are missing; where the device lost all of them the lane goes on without.
    private static func gap(before batch: RecordBatch, at cursor: LaneCursor) -> Verdict {
        let expected = cursor.acknowledged + 1
        guard let lost = batch.lostFrom, lost <= expected else { return .gap(expected: expected) }
        let head = batch.hashes[batch.hashes.count - 1]
        return .acceptedWithLoss(
            lost: expected...(batch.first - 1), cursor: LaneCursor(acknowledged: batch.last, head: head))
    }
}
