import SyncCore
import Testing

@testable import Sync

@Suite("When a member asks")
struct PaceTests {
    private var dice = SystemRandomNumberGenerator()

    private func answered(more: Bool = false, suspicious: Bool = false, after: Duration = .zero) -> PullPace.Answer {
        .answered(hasMore: more, isSuspicious: suspicious, retryAfter: after)
    }

    @Test("the first answer is wanted at once, and so is one of which there is more; then central may wait")
    mutating func held() {
        var pace = PullPace(longPoll: .seconds(25), interval: .seconds(45))
        #expect(pace.wait == .zero)
        #expect(pace.take(answered(more: true), asked: .zero, using: &dice) == .zero)
        #expect(pace.wait == .zero)
        #expect(pace.take(answered(), asked: .zero, using: &dice) == .zero)
        #expect(pace.wait == .seconds(25))
        #expect(pace.take(answered(after: .seconds(9)), asked: .seconds(25), using: &dice) == .seconds(9))
    }

    @Test("where long questions do not come through, short ones are asked, and a long one after a while")
    mutating func cut() {
        var pace = PullPace(longPoll: .seconds(25), interval: .seconds(45))
        _ = pace.take(answered(), asked: .zero, using: &dice)
        for _ in 0..<3 {
            #expect(pace.wait == .seconds(25))
            _ = pace.take(.unreachable, asked: .seconds(25), using: &dice)
            // After a failure it is asked at once.
            #expect(pace.wait == .zero)
            _ = pace.take(answered(), asked: .zero, using: &dice)
        }
        var rounds = 0
        while pace.wait == .zero, rounds < 100 {
            let pause = pace.take(answered(), asked: .zero, using: &dice)
            #expect(pause >= .seconds(22) && pause <= .seconds(45))
            rounds += 1
        }
        #expect(rounds > 10 && rounds < 100)
        #expect(pace.wait == .seconds(25))
    }

    @Test("failures wait longer and longer, at most 20 seconds, and never shorter than central asks for")
    mutating func failures() {
        var pace = PullPace(longPoll: .seconds(25), interval: .seconds(45))
        for _ in 0..<20 { #expect(pace.take(.unreachable, asked: .zero, using: &dice) <= .seconds(20)) }
        #expect(pace.failures == 20)
        #expect(pace.take(.busy(.seconds(90)), asked: .zero, using: &dice) >= .seconds(90))
        pace.networkUp()
        #expect(pace.failures == 0)
    }

    @Test("a scope that differs is asked for at once, and one that differs again is not asked for in a circle")
    mutating func suspicion() {
        var pace = PullPace(longPoll: .seconds(25), interval: .seconds(45))
        #expect(pace.take(answered(suspicious: true), asked: .zero, using: &dice) == .zero)
        #expect(pace.wait == .zero)
        var waited = Duration.zero
        for _ in 0..<20 { waited += pace.take(answered(suspicious: true), asked: .zero, using: &dice) }
        #expect(waited > .seconds(20))
    }

    @Test("bytes a second: a second's worth goes at once, what is more waits its time")
    func bucket() {
        var bucket = TokenBucket(bytesPerSecond: 1000, now: .zero)
        #expect(bucket.take(1000, now: .zero) == .zero)
        #expect(bucket.take(500, now: .zero) == .milliseconds(500))
        #expect(bucket.take(500, now: .milliseconds(500)) == .milliseconds(500))
        // An hour of silence is not saved up.
        #expect(bucket.take(1000, now: .seconds(3600)) == .zero)
        #expect(bucket.take(1, now: .seconds(3600)) > .zero)
    }
}
