import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

@Suite("Looking for somebody")
struct PresencePaceTests {
    private static let start = FrameClock().now

    private func at(_ milliseconds: Int) -> FrameClock.Instant {
        Self.start.advanced(by: .milliseconds(milliseconds))
    }

    /// The moments of thirty frames a second that are looked at.
    private func looks(
        _ pace: inout PresencePace, from begin: Int, to end: Int, faces: (Int) -> Int
    ) -> [Int] {
        stride(from: begin, to: end, by: 33).filter { moment in
            guard pace.admits(at(moment)) else { return false }
            pace.saw(faces: faces(moment), at: at(moment))
            return true
        }
    }

    @Test("every frame is looked at for two seconds, then five a second")
    func slows() {
        var pace = PresencePace()
        #expect(looks(&pace, from: 0, to: 2000, faces: { _ in 0 }).count == 61)
        let later = looks(&pace, from: 2000, to: 12_000, faces: { _ in 0 })
        #expect((42...50).contains(later.count), "\(later.count) in ten seconds")
    }

    @Test("with the first face every frame is looked at again, and who turns away is followed for two seconds")
    func wakes() {
        var pace = PresencePace()
        _ = looks(&pace, from: 0, to: 10_000, faces: { _ in 0 })
        let seen = looks(&pace, from: 10_000, to: 11_000, faces: { _ in 1 })
        #expect(seen.count >= 25, "all but those before the first look")
        #expect(looks(&pace, from: 11_000, to: 12_900, faces: { _ in 0 }).count == 58)
    }

    @Test("a stamp that goes back holds nobody up")
    func backwards() {
        var pace = PresencePace()
        _ = looks(&pace, from: 100_000, to: 110_000, faces: { _ in 0 })
        #expect(pace.admits(at(0)))
    }
}
