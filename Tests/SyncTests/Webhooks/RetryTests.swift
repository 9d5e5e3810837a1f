import EdgeCore
import FoundationEssentials
import Testing

@testable import Sync

@Suite("Webhook retries")
struct RetryTests {
    @Test("the waits are those of Standard Webhooks, each a fifth longer or shorter at most, and take about three days")
    func schedule() {
        let planned = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
        var generator = SystemRandomNumberGenerator()
        for (index, seconds) in planned.enumerated() {
            var seen: Set<Duration> = []
            for _ in 0..<50 {
                let wait = RetrySchedule.standard.wait(
                    afterAttempt: index + 1, of: 10, retryAfter: nil, using: &generator)
                #expect((.seconds(seconds) * 0.8)...(.seconds(seconds) * 1.2) ~= (wait ?? .zero))
                if let wait { seen.insert(wait) }
            }
            #expect(seen.count > 1, "without jitter all that failed together comes back together")
        }
        #expect(planned.reduce(0, +) > 3 * 86400)
    }

    @Test("there is no wait after the last attempt, wherever an endpoint sets it")
    func lastAttempt() {
        var generator = SystemRandomNumberGenerator()
        let wait = { (attempt: Int, maximum: Int) -> Duration? in
            RetrySchedule(waits: RetrySchedule.standard.waits, jitter: 0).wait(
                afterAttempt: attempt, of: maximum, retryAfter: nil, using: &generator)
        }
        #expect(wait(1, 1) == nil)
        #expect(wait(2, 3) == .seconds(300))
        #expect(wait(3, 3) == nil)
        #expect(wait(10, 10) == nil)
        #expect(wait(11, 12) == .seconds(86400), "more attempts than times: the last time again")
        #expect(wait(5, 3) == nil, "the limit was lowered meanwhile")
    }

    @Test("a receiver may ask for a longer wait, up to a day, and never for a shorter one")
    func retryAfter() {
        var generator = SystemRandomNumberGenerator()
        let wait = { (attempt: Int, asked: Duration) -> Duration? in
            RetrySchedule(waits: RetrySchedule.standard.waits, jitter: 0).wait(
                afterAttempt: attempt, of: 10, retryAfter: asked, using: &generator)
        }
        #expect(wait(1, .seconds(600)) == .seconds(600))
        #expect(wait(1, .zero) == .seconds(5))
        #expect(wait(1, .seconds(10_000_000)) == .seconds(86400))
        #expect(wait(4, .seconds(600)) == .seconds(7200))
    }

    @Test(
        "Retry-After is seconds or a date; what is neither is passed over",
        arguments: [
            ("0", 0), ("120", 120), (" 7", 7), ("99999999999999999999999", 999_999_999),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sun, 06 Nov 1994 08:48:37 GMT", 0), ("-5", nil), ("soon", nil),
            ("", nil),
            ("1.5", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:50:37 CET", nil),
            ("Sun, 99 Nov 1994 08:50:37 GMT", nil), ("Sun, 06 Nop 1994 08:50:37 GMT", nil),
        ] as [(String, Int?)])
    func retryAfterText(text: String, seconds: Int?) throws {
        let now = try Date("1994-11-06T08:49:37Z", strategy: .iso8601)
        #expect(RetryAfter.wait(text, at: now) == seconds.map { .seconds($0) })
    }

    @Test("only 2xx is success, 410 ends the endpoint, and everything else is tried again", arguments: 100..<600)
    func statuses(status: Int) {
        let result = judged(.answered(DeliveryAnswer(status: status)), attempt: 1)
        switch (status, result.verdict) {
        case (200..<300, .delivered), (410, .gone): #expect(result.errorCode == nil)
        case (410, _), (200..<300, _), (_, .delivered), (_, .gone), (_, .dead):
            Issue.record("\(status) came to \(result.verdict)")
        case (300..<400, .retry): #expect(result.errorCode == "REDIRECT")
        case (_, .retry): #expect(result.errorMessage == "The receiver answered with HTTP status \(status).")
        }
        #expect(result.statusCode == status)
    }

    @Test("the last attempt that fails makes the delivery a dead letter, whatever it failed with")
    func deadLetter() {
        let outcomes: [DeliveryOutcome] = [
            .answered(DeliveryAnswer(status: 500)), .answered(DeliveryAnswer(status: 302)), .failed(.timeout),
            .failed(.tls), .refused(.notListed),
        ]
        for outcome in outcomes {
            #expect(judged(outcome, attempt: 10).verdict == .dead)
            #expect(judged(outcome, attempt: 9).verdict != .dead)
        }
        #expect(judged(.answered(DeliveryAnswer(status: 204)), attempt: 10).verdict == .delivered)
        #expect(judged(.answered(DeliveryAnswer(status: 410)), attempt: 10).verdict == .gone)
    }

    @Test("Retry-After counts with 429 and 503 only")
    func askedWait() {
        for (status, isHeard) in [(429, true), (503, true), (500, false), (302, false)] {
            let answer = DeliveryAnswer(status: status, retryAfter: .seconds(1000))
            let verdict = judged(.answered(answer), attempt: 1).verdict
            #expect((verdict == .retry(after: .seconds(1000))) == isHeard, "\(status)")
        }
    }

    @Test("a wrong URL is given up at once, a refused address may be mended")
    func refusals() {
        for refusal in AddressRefusal.allCases {
            let result = judged(.refused(refusal), attempt: 1)
            #expect((result.verdict == .dead) == refusal.isInTheURL)
            #expect(result.errorCode == "ADDRESS_REFUSED")
            #expect(result.errorMessage == refusal.sentence)
            #expect(result.statusCode == nil)
        }
    }

    @Test("what is kept of an answer is bounded")
    func bounded() {
        let many = (0..<500).map { ("x-\($0)", String(repeating: "v", count: 5000)) }
        let kept = ReplyHeaders.kept([("Set-Cookie", "session=1"), (String(repeating: "n", count: 200), "v")] + many)
        #expect(kept.count == ReplyHeaders.mostHeaders)
        #expect(kept.allSatisfy { $0.1.utf8.count <= ReplyHeaders.mostValueScalars })
        #expect(kept.first?.0 == "x-0")
        #expect(ReplyText.kept(Array("äö\0".utf8) + [0xff], characters: 10) == "äö\u{fffd}\u{fffd}")
        #expect(ReplyText.kept(Array(String(repeating: "é", count: 3000).utf8), characters: 1000).count == 1000)
    }

    private func judged(_ outcome: DeliveryOutcome, attempt: Int) -> DeliveryResult {
        var generator = SystemRandomNumberGenerator()
        return DeliveryDecision().result(
            of: outcome, for: .test(url: "\(http)192.168.1.7/", attempt: attempt), using: &generator)
    }
}
