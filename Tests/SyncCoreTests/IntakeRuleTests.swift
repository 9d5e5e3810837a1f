import SyncCore
import Testing

@Suite("Intake rule")
struct IntakeRuleTests {
    @Test("the first batch of a lane is accepted whole")
    func first() {
        #expect(IntakeRule.judge(.honest(1...3), at: .start) == .accepted(skipping: 0, cursor: .honest(3)))
    }

    @Test("a batch that begins where the lane ends is accepted whole")
    func next() {
        #expect(IntakeRule.judge(.honest(4...9), at: .honest(3)) == .accepted(skipping: 0, cursor: .honest(9)))
    }

    @Test("a batch that overlaps is trimmed to what is new")
    func overlap() {
        #expect(IntakeRule.judge(.honest(2...9), at: .honest(3)) == .accepted(skipping: 2, cursor: .honest(9)))
    }

    @Test("a batch that was stored is acknowledged again", arguments: [1...9, 4...9, 9...9] as [ClosedRange<UInt64>])
    func duplicate(range: ClosedRange<UInt64>) {
        #expect(IntakeRule.judge(.honest(range), at: .honest(9)) == .duplicate(acknowledged: 9))
    }

    @Test("an older repetition is compared with what is on disk")
    func olderDuplicate() {
        let same = IntakeRule.judge(.honest(2...4), at: .honest(9)) { .honest($0) }
        #expect(same == .duplicate(acknowledged: 9))
        let other = IntakeRule.judge(.forged(2...4), at: .honest(9)) { .honest($0) }
        #expect(other == .fork(at: 4))
    }

    @Test("an older repetition that cannot be compared changes nothing")
    func incomparable() {
        #expect(IntakeRule.judge(.forged(2...4), at: .honest(9)) == .duplicate(acknowledged: 9))
    }

    @Test("missing records are asked for by number", arguments: [(0, 2), (3, 5), (3, 100)] as [(UInt64, UInt64)])
    func gap(acknowledged: UInt64, first: UInt64) {
        let verdict = IntakeRule.judge(.honest(first...first + 3), at: .honest(acknowledged))
        #expect(verdict == .gap(expected: acknowledged + 1))
    }

    @Test("a batch that continues another history is a fork, however it lies to the lane")
    func fork() {
        #expect(IntakeRule.judge(.forged(4...9), at: .honest(3)) == .fork(at: 3))
        #expect(IntakeRule.judge(.forged(2...9), at: .honest(3)) == .fork(at: 3))
        #expect(IntakeRule.judge(.forged(1...3), at: .honest(3)) == .fork(at: 3))
    }

    @Test("a first batch that claims records before it is a fork")
    func forkAtTheStart() throws {
        let batch = try #require(RecordBatch(first: 1, previous: .honest(7), hashes: [.honest(1)]))
        #expect(IntakeRule.judge(batch, at: .start) == .fork(at: 0))
    }

    @Test("whatever is lost, repeated or out of order on the way, every record is stored once and in order")
    func anyDeliveryStoresOnce() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var cursor = LaneCursor.start
            var stored: [UInt64] = []
            var sent: UInt64 = 1
            while cursor.acknowledged < 60 {
                let first = UInt64.random(in: max(1, sent.subtractingSafely(8))...sent + 3, using: &random)
                let batch = RecordBatch.honest(first...first + UInt64.random(in: 0...9, using: &random))
                switch IntakeRule.judge(batch, at: cursor, stored: { .honest($0) }) {
                case .accepted(let skipping, let next):
                    stored += Array(batch.first...batch.last).dropFirst(skipping)
                    cursor = next
                case .gap(let expected): sent = expected
                case .duplicate(let acknowledged): sent = acknowledged + 1
                case .fork(let at): Issue.record("an honest device forked at \(at)")
                case .acceptedWithLoss(let lost, _): Issue.record("nobody lost \(lost)")
                }
            }
            #expect(stored == Array(1...cursor.acknowledged))
            #expect(cursor == .honest(cursor.acknowledged))
        }
    }

    @Test("a batch that is empty, too long or not counted from 1 cannot be made")
    func malformed() {
        let many = Array(repeating: ChainHash.start, count: RecordBatch.limit + 1)
        #expect(RecordBatch(first: 1, previous: .start, hashes: []) == nil)
        #expect(RecordBatch(first: 0, previous: .start, hashes: [.start]) == nil)
        #expect(RecordBatch(first: 1, previous: .start, hashes: many) == nil)
        #expect(RecordBatch(first: 1, previous: .start, hashes: many.dropLast()) != nil)
        #expect(RecordBatch(first: .max, previous: .start, hashes: [.start]) == nil)
        #expect(ChainHash([1, 2, 3]) == nil)
    }
}

extension ChainHash {
    /// The running hash of the one true history after `sequence`; a stand-in that differs for every number.
    static func honest(_ sequence: UInt64) -> ChainHash { sequence == 0 ? .start : filled(sequence, with: 0) }
    /// The running hash of another history.
    static func forged(_ sequence: UInt64) -> ChainHash { filled(sequence, with: 0xFF) }

    private static func filled(_ sequence: UInt64, with byte: UInt8) -> ChainHash {
        let number = (0..<8).map { UInt8(truncatingIfNeeded: sequence >> (8 * $0)) }
        return ChainHash(number + Array(repeating: byte, count: 24)) ?? .start
    }
}

extension LaneCursor {
    static func honest(_ sequence: UInt64) -> LaneCursor {
        LaneCursor(acknowledged: sequence, head: .honest(sequence))
    }
}

extension RecordBatch {
    static func honest(_ range: ClosedRange<UInt64>) -> RecordBatch { make(range, ChainHash.honest) }
    static func forged(_ range: ClosedRange<UInt64>) -> RecordBatch { make(range, ChainHash.forged) }

    private static func make(_ range: ClosedRange<UInt64>, _ hash: (UInt64) -> ChainHash) -> RecordBatch {
        let batch = RecordBatch(first: range.lowerBound, previous: hash(range.lowerBound - 1), hashes: range.map(hash))
        guard let batch else { preconditionFailure("the test asks for a batch that cannot be") }
        return batch
    }
}

extension UInt64 {
    fileprivate func subtractingSafely(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}

/// A small deterministic generator (SplitMix64), so that a failing run can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
