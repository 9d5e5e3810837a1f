import EdgeCore
import Testing

@testable import Capture

@Suite("How an isolated decoder is judged")
struct DecoderHealthTests {
    private let start = FrameClock().now
    private func at(_ milliseconds: Int) -> FrameClock.Instant { start.advanced(by: .milliseconds(milliseconds)) }

    private func health() -> DecoderHealth {
        DecoderHealth(backoff: Backoff(initial: .milliseconds(100), maximum: .milliseconds(400)))
    }

    @Test("after a first fault the next picture goes to a fresh one at once, then the waits grow")
    func waits() {
        var health = health()
        #expect(health.failed(.ended, of: 0, at: at(0)) != nil)
        #expect(health.mayAsk(at: at(0)))
        for (generation, wait) in [(1, 200), (2, 400), (3, 400)] {
            _ = health.failed(.silent, of: generation, at: at(0))
            #expect(!health.mayAsk(at: at(wait - 1)))
            #expect(health.mayAsk(at: at(wait)))
        }
    }

    @Test("one that is not reached is waited for from the first time on")
    func unreachable() {
        var health = health()
        #expect(health.failed(.unreachable(2), of: 0, at: at(0))?.wait == .milliseconds(100))
        #expect(!health.mayAsk(at: at(99)))
        #expect(health.mayAsk(at: at(100)))
    }

    @Test("of pictures that fail together the first counts")
    func together() {
        var health = health()
        #expect(health.failed(.ended, of: 0, at: at(0)) != nil)
        for _ in 0..<10 { #expect(health.failed(.ended, of: 0, at: at(0)) == nil) }
        #expect(health.generation == 1)
        #expect(health.mayAsk(at: at(0)))
    }

    @Test("an answer makes all good, but not that of one who was given up")
    func answers() {
        var health = health()
        #expect(!health.isProven)
        #expect(health.answered(0) == nil)
        #expect(health.isProven)
        _ = health.failed(.nonsense("x"), of: 0, at: at(0))
        #expect(!health.isProven)
        #expect(health.answered(0) == nil)
        #expect(!health.isProven)
        #expect(health.answered(1) == .decoderFailed)
        _ = health.failed(.ended, of: 1, at: at(0))
        #expect(health.mayAsk(at: at(0)), "it is a first fault again")
    }

    @Test("another fault takes the place of the one before")
    func superseded() {
        var health = health()
        #expect(health.failed(.ended, of: 0, at: at(0))?.superseded == nil)
        #expect(health.failed(.unreachable(111), of: 1, at: at(0))?.superseded == .decoderFailed)
        #expect(health.answered(2) == .decoderUnavailable)
    }

    @Test("one that ends while nobody asks it is no fault")
    func left() {
        var health = health()
        let answers = [health.left(0), health.left(0)]
        #expect(answers == [true, false])
        #expect(health.mayAsk(at: at(0)))
    }

    @Test("faults that stay are told once a minute")
    func told() {
        var health = health()
        let reports = (0..<61).map { health.failed(.unreachable(2), of: $0, at: at($0 * 1000))?.report }
        #expect(reports.first == 1 && reports.last == 60)
        #expect(reports.dropFirst().dropLast().allSatisfy { $0 == nil })
    }

    @Test("large pictures are waited for longer, and none for ever")
    func patience() {
        #expect(DecoderPatience.limit(pixels: 640 * 480) < .milliseconds(2100))
        #expect(DecoderPatience.limit(pixels: 25_000_000) == .seconds(7))
        #expect(DecoderPatience.limit(pixels: 25_000_000) < DecoderPatience.hopeless)
    }
}
