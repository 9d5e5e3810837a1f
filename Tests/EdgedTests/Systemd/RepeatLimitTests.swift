import Testing

@testable import edged

@Suite("The same record over and over")
struct RepeatLimitTests {
    private let start = ContinuousClock.now

    @Test("is written a few times a minute, and then with the number of those that were not")
    func burst() {
        var limit = RepeatLimit()
        let first = (0..<100).map { limit.verdict(on: 1, at: start + .milliseconds($0)) }
        #expect(first.prefix(RepeatLimit.burst).allSatisfy { $0 == .write(heldBack: 0) })
        #expect(first.dropFirst(RepeatLimit.burst).allSatisfy { $0 == .hold })
        #expect(limit.verdict(on: 1, at: start + RepeatLimit.period) == .write(heldBack: 100 - RepeatLimit.burst))
        #expect(limit.verdict(on: 1, at: start + RepeatLimit.period * 2) == .write(heldBack: 0))
    }

    @Test("holds back no other one, and a flood of different ones takes no more memory")
    func others() {
        var limit = RepeatLimit()
        for _ in 0..<100 { _ = limit.verdict(on: 1, at: start) }
        #expect(limit.verdict(on: 2, at: start) == .write(heldBack: 0))
        for record in 0..<10_000 {
            #expect(limit.verdict(on: 100 + record, at: start + .milliseconds(1)) == .write(heldBack: 0))
        }
    }
}
