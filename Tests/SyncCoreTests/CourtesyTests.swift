import SyncCore
import Testing

@Suite("Giving way to somebody at the door")
struct CourtesyTests {
    private let limit = Duration.seconds(1)

    @Test("decisions and events wait until nobody was there for a moment", arguments: [Lane.audit, .events])
    func waits(lane: Lane) {
        var courtesy = Courtesy(limit: limit)
        #expect(courtesy.start(of: lane, ready: .seconds(10), lastSeen: .seconds(10), now: .seconds(10)) > .seconds(10))
        #expect(
            courtesy.start(of: lane, ready: .seconds(10), lastSeen: .seconds(10), now: .seconds(10.3)) == .seconds(10))
        #expect(courtesy.start(of: lane, ready: .seconds(10), lastSeen: nil, now: .seconds(10)) == .seconds(10))
    }

    @Test("control and enrollment never wait", arguments: [Lane.control, .enrollment])
    func urgent(lane: Lane) {
        var courtesy = Courtesy(limit: limit)
        #expect(courtesy.start(of: lane, ready: .zero, lastSeen: .seconds(10), now: .seconds(10)) == .zero)
    }

    @Test("where somebody always stands each batch waits its limit, and the next one again")
    func limited() {
        var courtesy = Courtesy(limit: limit)
        var now = Duration.seconds(10)
        for _ in 0..<3 {
            let begin = now
            while courtesy.start(of: .audit, ready: .zero, lastSeen: now, now: now) > now { now += .milliseconds(50) }
            #expect(now - begin == limit)
            courtesy.began(.audit)
        }
    }

    @Test("it is calm where nobody was there for half a minute, or at all")
    func calm() {
        let courtesy = Courtesy(limit: limit)
        #expect(courtesy.isCalm(lastSeen: nil, now: .zero))
        #expect(!courtesy.isCalm(lastSeen: .seconds(10), now: .seconds(10)))
        #expect(!courtesy.isCalm(lastSeen: .seconds(10), now: .seconds(39)))
        #expect(courtesy.isCalm(lastSeen: .seconds(10), now: .seconds(40)))
        #expect(Courtesy(limit: .zero).isCalm(lastSeen: .seconds(10), now: .seconds(10)))
    }

    @Test("a limit of zero gives way to nobody")
    func off() {
        var courtesy = Courtesy(limit: .zero)
        #expect(courtesy.start(of: .events, ready: .zero, lastSeen: .seconds(3), now: .seconds(3)) == .zero)
    }
}
