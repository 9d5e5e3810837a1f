import SyncCore
import Testing

@Suite("Back-off")
struct BackoffTests {
    private let backoff = Backoff(initial: .milliseconds(500), maximum: .seconds(60))

    @Test(
        "the ceiling doubles after every failure and stops at the maximum",
        arguments: [
            (-1, Duration.zero), (0, .zero), (1, .milliseconds(500)), (2, .seconds(1)), (5, .seconds(8)),
            (7, .seconds(32)), (8, .seconds(60)), (60, .seconds(60)), (Int.max, .seconds(60)),
        ])
    func ceiling(failures: Int, expected: Duration) {
        #expect(backoff.ceiling(afterFailures: failures) == expected)
    }

    @Test("waits are spread over the whole span below the ceiling", arguments: [1, 3, 20])
    func fullJitter(failures: Int) {
        var random = SeededGenerator(seed: 1)
        let ceiling = backoff.ceiling(afterFailures: failures)
        let waits = (0..<2000).map { _ in backoff.wait(afterFailures: failures, using: &random) }
        #expect(waits.allSatisfy { .zero <= $0 && $0 <= ceiling })
        // Four equal parts: each gets about 500 of 2000.
        for part in 0..<4 {
            let inside = waits.filter { $0 >= ceiling / 4 * part && $0 < ceiling / 4 * (part + 1) }
            #expect((400...600).contains(inside.count), "\(inside.count) waits in part \(part)")
        }
    }

    @Test("no wait is shorter than the server asked for")
    func retryAfter() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<100 {
            let wait = backoff.wait(afterFailures: 1, retryAfter: .seconds(7), using: &random)
            #expect(wait == .seconds(7))
        }
    }

    @Test("the same randomness gives the same waits")
    func deterministic() {
        var (one, two) = (SeededGenerator(seed: 3), SeededGenerator(seed: 3))
        for failures in 1..<20 {
            #expect(
                backoff.wait(afterFailures: failures, using: &one) == backoff.wait(afterFailures: failures, using: &two)
            )
        }
    }

    @Test("urgent lanes come back sooner than the others")
    func lanes() {
        #expect(Lane.allCases.sorted() == [.control, .enrollment, .audit, .events])
        #expect(Lane.allCases.map(\.backoff.maximum) == [.seconds(60), .seconds(60), .seconds(300), .seconds(300)])
    }
}

@Suite("Record position")
struct RecordPositionTests {
    @Test("differs with every one of its parts")
    func identity() {
        let (device, epoch) = (DeviceID(), Epoch())
        let address = LaneAddress(device: device, epoch: epoch, lane: .audit)
        let others = [
            RecordPosition(address, sequence: 2),
            RecordPosition(LaneAddress(device: DeviceID(), epoch: epoch, lane: .audit), sequence: 1),
            RecordPosition(LaneAddress(device: device, epoch: Epoch(), lane: .audit), sequence: 1),
            RecordPosition(LaneAddress(device: device, epoch: epoch, lane: .events), sequence: 1),
        ]
        #expect(Set(others + [RecordPosition(address, sequence: 1)]).count == 5)
        #expect(RecordPosition(address, sequence: 1) == RecordPosition(address, sequence: 1))
    }
}
