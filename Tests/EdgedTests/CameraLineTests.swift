import EdgeCore
import Testing

@testable import edged

@Suite("A line of edged cameras watch")
struct CameraLineTests {
    private func status(frames: UInt64, dropped: UInt64) -> CameraStatus {
        var status = CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2")
        status.isStreaming = true
        (status.format, status.width, status.height) = ("MJPG", 640, 480)
        status.framesPerSecond = 29.9
        status.latencyMs = 12.5
        (status.frames, status.dropped) = (frames, dropped)
        return status
    }

    @Test("tells what came since the line before, and what is wrong with this camera")
    func difference() {
        let health = HealthBoard()
        health.raise(EdgeError(.cameraCovered, "dark"), subject: "door", severity: .warning)
        health.raise(EdgeError(.cameraMissing, "gone"), subject: "window")
        let before = CameraSight(cameras: [status(frames: 100, dropped: 3)], conditions: [])
        let now = CameraSight(cameras: [status(frames: 130, dropped: 5)], conditions: health.current)
        let lines = now.lines(since: before)
        #expect(
            lines.map(\.summary) == [
                "door: MJPG 640x480 29.9/s, age 12.5 ms, 30 new, 2 dropped, 0 broken [capture.picture.covered]"
            ])
    }

    @Test("tells of a camera that rests that it does")
    func rest() {
        var slow = status(frames: 100, dropped: 0)
        slow.pace = .slow
        let line = CameraLine(slow, since: nil, conditions: []).summary
        #expect(line == "door: MJPG 640x480 29.9/s, age 12.5 ms, slowed, 100 new, 0 dropped, 0 broken")
        var released = status(frames: 100, dropped: 0)
        (released.isStreaming, released.pace) = (false, .released)
        let still = CameraLine(released, since: released, conditions: []).summary
        #expect(still == "door: released, 0 new, 0 dropped, 0 broken")
    }

    @Test("a daemon that was started anew counts from nothing")
    func restarted() {
        let line = CameraLine(
            status(frames: 7, dropped: 0), since: status(frames: 9000, dropped: 4), conditions: [])
        #expect(line.frames == 7 && line.dropped == 0)
    }
}
