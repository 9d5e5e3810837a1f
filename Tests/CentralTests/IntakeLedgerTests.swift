import Central
import Logging
import SyncCore
import Testing

@Suite("Intake ledger")
struct IntakeLedgerTests {
    private let ledger = IntakeLedger(log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    private let address = LaneAddress(device: DeviceID(), epoch: Epoch(), lane: .audit)

    @Test("a lane is acknowledged as far as it has arrived without a gap")
    func acknowledges() async throws {
        #expect(try await ledger.take(batch(1...3), of: address) == .acknowledged(3))
        #expect(try await ledger.take(batch(4...6), of: address) == .acknowledged(6))
        #expect(try await ledger.take(batch(8...9), of: address) == .rewind(expected: 7))
        #expect(try await ledger.take(batch(5...9), of: address) == .acknowledged(9))
        #expect(try await ledger.cursor(of: address) == LaneCursor(acknowledged: 9, head: hash(9)))
    }

    @Test("a batch that arrives again is acknowledged again and takes no further effect")
    func repeats() async throws {
        _ = try await ledger.take(batch(1...3), of: address)
        _ = try await ledger.take(batch(4...6), of: address)
        let before = await ledger.cursor(of: address)
        #expect(try await ledger.take(batch(1...3), of: address) == .acknowledged(6))
        #expect(try await ledger.take(batch(2...5), of: address) == .acknowledged(6))
        #expect(await ledger.cursor(of: address) == before)
    }

    @Test("lanes, epochs and devices count for themselves")
    func separate() async throws {
        _ = try await ledger.take(batch(1...3), of: address)
        let others = [
            LaneAddress(device: address.device, epoch: address.epoch, lane: .control),
            LaneAddress(device: address.device, epoch: Epoch(), lane: .audit),
            LaneAddress(device: DeviceID(), epoch: address.epoch, lane: .audit),
        ]
        for other in others {
            #expect(await ledger.cursor(of: other) == .start)
            #expect(try await ledger.take(batch(4...4), of: other) == .rewind(expected: 1))
            #expect(try await ledger.take(batch(1...1), of: other) == .acknowledged(1))
        }
        #expect(await ledger.cursor(of: address).acknowledged == 3)
    }

    @Test(
        "a device that rewrites what was taken is quarantined in all its lanes, and others are not",
        arguments: [1...2, 2...3, 3...5, 4...6] as [ClosedRange<UInt64>])
    func quarantines(rewritten: ClosedRange<UInt64>) async throws {
        let control = LaneAddress(device: address.device, epoch: address.epoch, lane: .control)
        _ = try await ledger.take(batch(1...3), of: address)
        #expect(try await ledger.take(batch(rewritten, history: 9), of: address) == .quarantined)
        #expect(await ledger.isQuarantined(address.device))
        #expect(try await ledger.take(batch(1...1), of: control) == .quarantined)
        #expect(try await ledger.take(batch(4...4), of: address) == .quarantined)
        #expect(await ledger.cursor(of: address).acknowledged == 3)

        let other = LaneAddress(device: DeviceID(), epoch: Epoch(), lane: .audit)
        #expect(try await ledger.take(batch(1...1), of: other) == .acknowledged(1))
    }

    @Test("a released device may go on")
    func releases() async throws {
        _ = try await ledger.take(batch(1...3), of: address)
        _ = try await ledger.take(batch(1...3, history: 9), of: address)
        await ledger.release(address.device)
        let fresh = LaneAddress(device: address.device, epoch: Epoch(), lane: .audit)
        #expect(try await ledger.take(batch(1...2), of: fresh) == .acknowledged(2))
    }

    @Test("however two senders interleave, nothing is taken twice and nothing is left out")
    func concurrentSenders() async throws {
        let (ledger, address) = (ledger, address)
        try await withThrowingTaskGroup { group in
            for _ in 0..<2 {
                group.addTask {
                    var next: UInt64 = 1
                    while next <= 500 {
                        switch try await ledger.take(batch(next...min(next + 6, 500)), of: address) {
                        case .acknowledged(let number): next = number + 1
                        case .rewind(let expected): next = expected
                        case .quarantined: throw Quarantined()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await ledger.cursor(of: address) == LaneCursor(acknowledged: 500, head: hash(500)))
    }

    private struct Quarantined: Error {}
}

private func hash(_ sequence: UInt64, history: UInt8 = 0) throws -> ChainHash {
    guard sequence > 0 else { return .start }
    let number = (0..<8).map { UInt8(truncatingIfNeeded: sequence >> (8 * $0)) }
    return try #require(ChainHash(number + Array(repeating: history, count: 24)))
}

private func batch(_ range: ClosedRange<UInt64>, history: UInt8 = 0) throws -> RecordBatch {
    let hashes = try range.map { try hash($0, history: history) }
    let previous = try hash(range.lowerBound - 1, history: history)
    return try #require(RecordBatch(first: range.lowerBound, previous: previous, hashes: hashes))
}
