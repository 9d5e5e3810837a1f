import EdgeCore
import Logging
import Synchronization
import Testing

@testable import Capture

/// A USB bus that gives each camera its share for as long as it streams, and none that it does not have.
private final class Bus: Sendable {
    private struct State {
        var room: Int
        var shares: [String: Int] = [:]
        var unplugged: Set<String> = []
        var tries: [String: Int] = [:]
    }

    private let state: Mutex<State>

    /// `room` in bytes a second.
    init(room: Int) { state = Mutex(State(room: room)) }

    func take(_ choice: FormatChoice, for camera: String) throws(EdgeError) {
        let bytes = choice.width * choice.height * 2 / (choice.encoding == .jpeg ? 5 : 1)
        let share = Int(Double(bytes) * (choice.interval?.framesPerSecond ?? 30))
        let isTaken = state.withLock { state in
            state.tries[camera, default: 0] += 1
            guard state.shares.values.reduce(share, +) <= state.room else { return false }
            state.shares[camera] = share
            return true
        }
        guard isTaken else { throw DeviceFault.starting(choice, 28, camera) }
    }

    func giveBack(_ camera: String) { state.withLock { state in state.shares[camera] = nil } }
    func widen(to room: Int) { state.withLock { $0.room = room } }
    func tries(of camera: String) -> Int { state.withLock { $0.tries[camera] ?? 0 } }

    /// The next picture of this camera is its last, until it is opened again.
    func unplug(_ camera: String) { state.withLock { _ = $0.unplugged.insert(camera) } }
    func isUnplugged(_ camera: String) -> Bool { state.withLock { $0.unplugged.remove(camera) != nil } }
}

/// A camera on such a bus, which is opened as a real one is.
private struct BusDriver: CaptureDriver {
    static let offers = ["MJPG", "YUYV"].map { code in
        CameraFormat(
            code: code, description: code, isCompressed: code == "MJPG", isEmulated: false,
            sizes: [(640, 480), (320, 240)].map { size in
                CameraSize(
                    width: size.0, height: size.1,
                    intervals: [30, 15].map { FrameInterval(numerator: 1, denominator: $0) })
            })
    }

    let bus: Bus
    let camera: String
    let wish: FormatWish

    func stream(into sink: FrameSink, until stop: StopSignal) throws(EdgeError) -> StreamEnd {
        let ladder = try FormatLadder(wish, from: Self.offers)
        let choice = try ladder.begin(until: { stop.isSet }) { choice throws(EdgeError) in
            try bus.take(choice, for: camera)
            return choice
        }
        defer { bus.giveBack(camera) }
        sink.narrowed(ladder.shortfall(of: choice))
        sink.opened(
            path: camera, format: choice.format.description, width: choice.width, height: choice.height,
            why: choice.why)
        while !stop.wait(for: .milliseconds(1)) {
            guard !bus.isUnplugged(camera) else { throw EdgeError(.cameraMissing, "\(camera) has gone.") }
            let picture = EncodedImage(encoding: .grey, width: 1, height: 1, stride: 1, bytes: [0])
            sink.deliver(picture, capturedAt: FrameClock().now)
        }
        return .over
    }
}

@Suite("Cameras on a bus without room")
struct FullBusTests {
    private let health = HealthBoard()
    private let lines = LogLines()

    private func camera(_ name: String, on bus: Bus) -> Camera {
        let configuration = CameraConfiguration(
            name: name, source: .replay(name), formatPreference: ["YUYV", "MJPG"])
        return Camera(
            configuration: configuration, timing: .quick, health: health, log: .keeping(lines),
            replacement: { BusDriver(bus: bus, camera: name, wish: FormatWish(of: configuration)) })
    }

    /// Cameras that run while `body` does.
    private func running(_ cameras: [Camera], _ body: () async throws -> Void) async throws {
        let tasks = cameras.map { camera in Task { try await camera.run() } }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        for task in tasks { task.cancel() }
        for task in tasks { try await task.value }
        try outcome.get()
    }

    private func format(_ camera: Camera) -> String {
        let status = camera.status
        return status.isStreaming ? "\(status.format) \(status.width)x\(status.height)" : ""
    }

    @Test("the second copes with less, says so, and goes back up when it is opened anew and not before")
    func second() async throws {
        let bus = Bus(room: 20_000_000)
        let (first, second) = (camera("first", on: bus), camera("second", on: bus))
        try await running([first]) {
            try await eventually("the first has what it wants") { format(first) == "YUYV 640x480" }
            try await running([second]) {
                try await eventually("the second streams") { format(second) == "MJPG 320x240" }
                try await eventually("that is told") { health.current.count == 1 }
                let condition = try #require(health.current.first)
                #expect(condition.code == "capture.bandwidth.exhausted")
                #expect(condition.subject == "second" && condition.severity == .warning)
                #expect(condition.title.contains("MJPG 320×240"))
                #expect(second.status.fault == nil && second.status.recoveries == 0)
                bus.widen(to: 100_000_000)
                let seen = second.status.frames
                try await eventually("more pictures") { second.status.frames > seen + 20 }
                #expect(format(second) == "MJPG 320x240" && health.current.count == 1)
                bus.unplug("second")
                try await eventually("it goes up") { format(second) == "YUYV 640x480" }
                try await eventually("nothing is wrong") { health.current.isEmpty }
                #expect(format(first) == "YUYV 640x480")
            }
        }
        #expect(lines.all.count { $0.contains("less than was wished") } == 1)
    }

    @Test("where nothing fits that is an error, told once however often it is tried, and it heals by itself")
    func nothingFits() async throws {
        let bus = Bus(room: 1000)
        let camera = camera("door", on: bus)
        try await running([camera]) {
            try await eventually("it is tried often") { bus.tries(of: "door") >= 60 }
            let condition = try #require(health.current.first)
            #expect(condition.code == "capture.bandwidth.exhausted" && condition.severity == .error)
            #expect(condition.title.contains("YUYV 640×480 at 30.0/s") && condition.title.contains("YUYV 320×240"))
            #expect(camera.status.fault == "capture.bandwidth.exhausted" && !camera.status.isStreaming)
            #expect(lines.all == ["error Camera fault"])
            bus.widen(to: 4_000_000)
            try await eventually("it streams what fits") { format(camera) == "MJPG 640x480" }
            try await eventually("only a warning is left") { health.current.map(\.severity) == [.warning] }
            #expect(camera.status.fault == nil && camera.status.recoveries == 1)
        }
        #expect(health.current.isEmpty)
    }

    @Test("a camera that goes away is told by its fault alone")
    func gone() {
        let sink = FrameSink(
            camera: "door", hub: CameraHub(CameraStatus(name: "door", device: "", kind: "v4l2")), health: health,
            log: .silent, backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
        sink.narrowed(EdgeError(.cameraBandwidth))
        #expect(health.current.isEmpty, "nothing is told before it streams")
        sink.pass(capturedAt: FrameClock().now, skipped: 0)
        #expect(health.current.map(\.code) == ["capture.bandwidth.exhausted"])
        _ = sink.failed(EdgeError(.cameraMissing))
        #expect(health.current.map(\.code) == ["capture.device.missing"])
    }

    @Test("a camera that is released while nobody reads it is told of until it is opened as it should be")
    func released() {
        let hub = CameraHub(CameraStatus(name: "door", device: "", kind: "v4l2"))
        let sink = FrameSink(
            camera: "door", hub: hub, health: health, log: .silent,
            backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
        for shortfall in [EdgeError(.cameraBandwidth), nil] {
            sink.narrowed(shortfall)
            sink.opened(path: "", format: "MJPG", width: 320, height: 240, why: "")
            sink.pass(capturedAt: FrameClock().now, skipped: 0)
            sink.released()
            #expect(health.current.map(\.code) == (shortfall == nil ? [] : ["capture.bandwidth.exhausted"]))
        }
    }

    @Test("is written down when it is news, and at most once a minute")
    func telling() {
        var telling = BandwidthTelling()
        let start = FrameClock().now
        let isFirstWritten = telling.isWritten("a", at: start)
        #expect(isFirstWritten)
        for second in 1..<600 {
            let isWritten = telling.isWritten("a", at: start.advanced(by: .seconds(second)))
            #expect(!isWritten)
        }
        let later = start.advanced(by: .seconds(600))
        let written = (0..<120).filter { telling.isWritten("\($0)", at: later.advanced(by: .seconds($0))) }
        #expect(written == [0, 60])
    }
}
