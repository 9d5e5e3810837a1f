import EdgeCore
import EdgeTesting
import Foundation
import Testing

@Suite("Device status")
struct DeviceStatusTests {
    @Test(
        "the word follows from the worst condition",
        arguments: [
            ([], "ok"), ([.info], "ok"), ([.warning], "degraded"), ([.info, .warning, .info], "degraded"),
            ([.error], "error"), ([.warning, .error, .info], "error"),
        ] as [([HealthCondition.Severity], String)])
    func word(severities: [HealthCondition.Severity], expected: String) {
        let board = HealthBoard()
        for (index, severity) in severities.enumerated() {
            board.raise("c.\(index)", title: "t", severity: severity, remedy: "r")
        }
        #expect(status(.passive, conditions: board.current).status == expected)
    }

    @Test("liveness that is off is said in capitals, any other policy says nothing")
    func notice() throws {
        let notice = try #require(status(.off).notice)
        #expect(notice == notice.uppercased())
        #expect(notice.contains("LIVENESS IS OFF"))
        for policy in LivenessPolicy.allCases where policy != .off { #expect(status(policy).notice == nil) }
    }

    @Test("uptime counts whole seconds since the start")
    func uptime() {
        #expect(status(.passive).uptimeSeconds == 61)
    }

    @Test("survives JSON and back")
    func codable() throws {
        let board = HealthBoard(clock: ManualClock())
        board.raise(EdgeError(.cameraBusy), subject: "front")
        let before = status(.strict, conditions: board.current)
        let after = try JSONDecoder().decode(DeviceStatus.self, from: JSONEncoder().encode(before))
        #expect(after.conditions == before.conditions)
        #expect(after.livenessPolicy == "strict")
        #expect(after.status == "error")
    }

    @Test("says which role runs, and a central instance what it needs")
    func role() throws {
        var central = status(.passive)
        #expect(central.role == "device" && central.central == nil)
        central.role = "central"
        central.central = CentralStanding(at: central.startedAt)
        central.central?.database = .init(kind: "sqlite", version: "3.40.1", schema: 4, knownSchema: 5)
        let after = try JSONDecoder().decode(DeviceStatus.self, from: JSONEncoder().encode(central))
        #expect(after.role == "central" && after.central == central.central)
    }

    private func status(_ policy: LivenessPolicy, conditions: [HealthCondition] = []) -> DeviceStatus {
        let clock = ManualClock()
        let start = clock.wall
        clock.advance(by: .milliseconds(61_900))
        return DeviceStatus(
            version: "0.1.0", startedAt: start, now: clock.wall, address: "http://127.0.0.1:1", livenessPolicy: policy,
            models: [], cameras: [], people: 0, openSessions: 0, keySource: "file", conditions: conditions)
    }
}

@Suite("Manual clock")
struct ManualClockTests {
    @Test("stands still until it is moved")
    func standsStill() {
        let clock = ManualClock()
        #expect(clock.wall == clock.wall)
        #expect(clock.instant == clock.instant)
    }

    @Test("moves the wall and the monotonic clock by the same step")
    func movesBoth() {
        let clock = ManualClock()
        let (wall, instant) = (clock.wall, clock.instant)
        clock.advance(by: .milliseconds(1500))
        #expect(clock.wall.timeIntervalSince(wall) == 1.5)
        #expect(instant.duration(to: clock.instant) == .milliseconds(1500))
    }

    @Test("the system's monotonic clock never goes back")
    func systemClock() {
        let clock = SystemClock()
        let first = clock.instant
        #expect(clock.instant >= first)
    }
}
