import EdgeCore
import Testing

@testable import Capture

@Suite("Recovery")
struct RecoveryTests {
    private let backoff = Backoff(initial: .milliseconds(250), maximum: .seconds(5))

    @Test("doubles the wait after every failure, up to the longest, and starts over after a frame")
    func waits() {
        var recovery = Recovery(backoff: backoff)
        let now = FrameClock().now
        let waits = (0..<8).map { _ in recovery.failed(.cameraMissing, at: now).wait }
        #expect(
            waits == [
                .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5),
                .seconds(5),
            ])
        #expect(recovery.delivered() == .cameraMissing)
        #expect(recovery.delivered() == nil)
        #expect(recovery.failed(.cameraMissing, at: now).wait == .milliseconds(250))
    }

    @Test("reports a fault when it is new, then once a minute with its count")
    func reports() {
        var recovery = Recovery(backoff: backoff)
        let start = FrameClock().now
        #expect(recovery.failed(.cameraMissing, at: start).report == 1)
        for second in 1...59 {
            #expect(recovery.failed(.cameraMissing, at: start.advanced(by: .seconds(second))).report == nil)
        }
        #expect(recovery.failed(.cameraMissing, at: start.advanced(by: .seconds(60))).report == 60)
        #expect(recovery.failed(.cameraBusy, at: start.advanced(by: .seconds(61))).report == 1)
    }

    @Test("starts over with short waits when a device was plugged in, and still knows the fault")
    func deviceCame() {
        var recovery = Recovery(backoff: backoff)
        let now = FrameClock().now
        for _ in 0..<8 { _ = recovery.failed(.cameraMissing, at: now) }
        recovery.deviceCame()
        #expect(recovery.failed(.cameraMissing, at: now).wait == .milliseconds(250))
        #expect(recovery.delivered() == .cameraMissing)
    }

    @Test("names the condition that a new fault replaces")
    func superseded() {
        var recovery = Recovery(backoff: backoff)
        let now = FrameClock().now
        #expect(recovery.failed(.cameraMissing, at: now).superseded == nil)
        #expect(recovery.failed(.cameraMissing, at: now).superseded == nil)
        #expect(recovery.failed(.cameraBusy, at: now).superseded == .cameraMissing)
        _ = recovery.delivered()
        #expect(recovery.failed(.cameraMissing, at: now).superseded == nil)
    }
}

@Suite("Frame numbers of drivers")
struct SequenceTrackerTests {
    struct Case: Sendable {
        var first: UInt32
        var second: UInt32
        var givenBack = 0
        var broken = 0
        var lost: UInt64
    }

    private static let cases = [
        Case(first: 0, second: 1, lost: 0),
        Case(first: 0, second: 4, lost: 3),
        Case(first: 0, second: 4, givenBack: 2, lost: 3),
        Case(first: 0, second: 4, broken: 1, lost: 2),
        Case(first: 0, second: 2, givenBack: 1, lost: 1),
        // A driver that never numbers, one that starts over, one that wraps, one that jumps.
        Case(first: 7, second: 7, lost: 0),
        Case(first: 7, second: 7, givenBack: 2, lost: 2),
        Case(first: 900, second: 0, lost: 0),
        Case(first: UInt32.max - 1, second: 1, lost: 2),
        Case(first: 0, second: 1 << 30, lost: 0),
    ]

    @Test("count what was lost", arguments: cases)
    func lost(example: Case) {
        var tracker = SequenceTracker()
        #expect(tracker.skipped(before: example.first, givenBack: 0, broken: 0) == 0)
        let lost = tracker.skipped(before: example.second, givenBack: example.givenBack, broken: example.broken)
        #expect(lost == example.lost)
    }
}

@Suite("Whole frames")
struct WholeFrameTests {
    private func length(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { WholeFrame.jpegLength($0) } }

    @Test("end with an end mark, padding left out")
    func whole() throws {
        let jpeg = try Pictures.jpeg(Pictures.quarters(width: 64, height: 64))
        #expect(length(jpeg) == jpeg.count)
        #expect(length(jpeg + [UInt8](repeating: 0, count: 4096)) == jpeg.count)
        #expect(length(jpeg + [1, 2, 3, 0, 0]) == jpeg.count)
    }

    @Test("are not those that are empty, cut off or no JPEG")
    func notWhole() throws {
        let jpeg = try Pictures.jpeg(Pictures.quarters(width: 64, height: 64))
        for count in 0..<jpeg.count { #expect(length(Array(jpeg.prefix(count))) == nil) }
        #expect(length([UInt8](repeating: 0, count: 100)) == nil)
        #expect(length(Array(jpeg.dropFirst())) == nil)
    }
}

@Suite("Camera hub")
struct CameraHubTests {
    private let picture = EncodedImage(encoding: .grey, width: 1, height: 1, stride: 1, bytes: [0])

    private func hub() -> CameraHub { CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2")) }

    @Test("forgets a subscriber whose mailbox has ended or whose reader was cancelled")
    func readersGo() async throws {
        let hub = hub()
        let finished = hub.subscribe()
        #expect(hub.hasSubscribers)
        finished.finish()
        #expect(!hub.hasSubscribers)
        let abandoned = hub.subscribe()
        let reader = Task { for await _ in abandoned.frames {} }
        hub.deliver(picture, capturedAt: FrameClock().now, skipped: 0)
        reader.cancel()
        await reader.value
        try await eventually("forgotten") { !hub.hasSubscribers }
    }

    @Test("numbers frames without a break for all subscribers, lost ones left out")
    func numbers() async throws {
        let hub = hub()
        let now = FrameClock().now
        hub.deliver(picture, capturedAt: now, skipped: 0)
        let mailbox = hub.subscribe()
        var frames = mailbox.frames.makeAsyncIterator()
        hub.deliver(picture, capturedAt: now, skipped: 3)
        #expect(await frames.next()?.sequence == 4)
        hub.deliver(picture, capturedAt: now, skipped: 0)
        #expect(await frames.next()?.sequence == 5)
        #expect(hub.status.frames == 3 && hub.status.dropped == 3)
    }

    @Test("counts frames that nobody watches")
    func unwatched() {
        let hub = hub()
        hub.pass(skipped: 2)
        hub.deliver(picture, capturedAt: FrameClock().now, skipped: 0)
        #expect(hub.status.frames == 2 && hub.status.dropped == 2)
    }

    @Test("measures the rate over the last seconds")
    func rate() {
        var meter = RateMeter()
        let start = FrameClock().now
        #expect(meter.framesPerSecond(at: start) == 0)
        for index in 0..<2000 { meter.count(at: start.advanced(by: .milliseconds(40 * index))) }
        let last = start.advanced(by: .milliseconds(40 * 1999))
        #expect(meter.framesPerSecond(at: last) == 25)
        #expect(meter.framesPerSecond(at: last.advanced(by: .seconds(4))) == 0)
    }
}
