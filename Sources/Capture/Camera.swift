public import EdgeCore
public import Logging

/// A camera: a V4L2 device, or footage that behaves like one.
///
/// It runs on a thread of its own, since waiting for a driver blocks. When the device goes away it is waited for and
/// looked for anew by its ``CameraSelector``, whatever its number is then, for as long as the camera runs.
public final class Camera: FrameSource {
    /// The configured name.
    public var name: String { configuration.name }

    private let configuration: CameraConfiguration
    private let timing: CaptureTiming
    private let hub: CameraHub
    private let health: HealthBoard
    private let log: Logger
    private let refused: @Sendable (CameraRefusal) -> Void
    /// What streams in place of the source; a test's own.
    private let replacement: (@Sendable () -> any CaptureDriver)?

    private let reader: any LightReader

    /// Prepares a camera; nothing is opened before ``run()``.
    ///
    /// `isolated` decodes its JPEGs where they are looked at for their light; without it that is done here. `refused` is called
    /// on the camera's thread when a device is not the one that it should be, and must return at once. `sign` is told whether somebody
    /// reads it.
    public convenience init(
        configuration: CameraConfiguration, health: HealthBoard, log: Logger, isolated: IsolatedImageDecoder? = nil,
        sign: OnAirSign? = nil, refused: @escaping @Sendable (CameraRefusal) -> Void = { _ in }
    ) {
        self.init(
            configuration: configuration, timing: CaptureTiming(), health: health, log: log, isolated: isolated,
            sign: sign, refused: refused)
    }

    init(
        configuration: CameraConfiguration, timing: CaptureTiming, health: HealthBoard, log: Logger,
        isolated: IsolatedImageDecoder? = nil, sign: OnAirSign? = nil,
        refused: @escaping @Sendable (CameraRefusal) -> Void = { _ in },
        replacement: (@Sendable () -> any CaptureDriver)? = nil
    ) {
        self.replacement = replacement
        reader = isolated ?? TurboImageDecoder()
        self.refused = refused
        self.configuration = configuration
        self.timing = timing
        self.health = health
        var log = log
        log[metadataKey: "camera"] = "\(configuration.name)"
        self.log = log
        let kind =
            switch configuration.source {
            case .device: "v4l2"
            case .replay: "replay"
            }
        var status = CameraStatus(name: configuration.name, device: configuration.source.path, kind: kind)
        (status.role, status.infrared) = (configuration.role, configuration.infrared)
        hub = CameraHub(status, sign: sign)
    }

    /// What it does now.
    public var status: CameraStatus { hub.status }

    /// A new mailbox that gets every frame from now on; its reader calls `finish()` on it when it has seen enough.
    public func subscribe() -> FrameMailbox { hub.subscribe() }

    /// Sets exposure by the brightness of faces, where that is configured and the camera can.
    public func noteFace(_ face: FaceBrightness) {
        if configuration.faceLight != nil { hub.note(face) }
    }

    /// Keeps where the newest face stood.
    public func noteSighting(_ sighting: FaceSighting) { hub.sighting = sighting }

    /// Where the newest face stood.
    public var sighting: FaceSighting? { hub.sighting }

    /// Runs until the task is cancelled; a failing device is reported on the health board and tried again.
    ///
    /// Footage that does not loop ends the mailboxes at its end. Throws only when the machine has no thread left for it.
    /// Run it once at a time.
    public func run() async throws {
        let stop = try StopSignal()
        let wake = try WakeSignal()
        hub.reopen(waking: wake)
        try await CaptureThread.run(named: "cam \(name)", stop: stop) { [self] in stream(until: stop, wake) }
        hub.finish()
        health.clear(subject: name)
    }

    private func stream(until stop: StopSignal, _ wake: WakeSignal) {
        let sink = FrameSink(
            camera: name, hub: hub, health: health, log: log, backoff: timing.backoff, refused: refused)
        let watch = PictureWatch(
            frozenAfter: configuration.frozenAfter, confirmation: timing.frozenConfirmation,
            coveredAfter: configuration.coveredAfter, reader: reader)
        let rest = CameraRest(configuration, wake: wake, reader: reader)
        // From before the first attempt on: a camera that comes between an attempt and the wait is heard of too.
        let monitor = configuration.source.isDevice ? HotplugMonitor() : nil
        while !stop.isSet {
            do throws(EdgeError) {
                if try driver(watch, rest).stream(into: sink, until: stop) == .idle {
                    sink.released()
                    waitForReader(wake, until: stop, monitor)
                    continue
                }
                sink.ended()
                guard !stop.isSet else { return }
                log.info("The footage has ended")
                hub.finish()
                _ = stop.wait(for: nil)
            } catch {
                if stop.wait(for: sink.failed(error), orNewsOf: monitor) { sink.deviceCame() }
            }
        }
    }

    /// Waits, with the device closed, until somebody reads; or until another device is there than before, or none, which opening
    /// it shows.
    private func waitForReader(_ wake: WakeSignal, until stop: StopSignal, _ monitor: HotplugMonitor?) {
        let place = configuration.source.isDevice ? DevicePlace(of: configuration.source.path) : nil
        while !hub.hasSubscribers, place?.isAsItWas ?? true {
            // Without news from udev it is looked for from time to time.
            if stop.wait(for: timing.releasedLook, orAny: wake, monitor) { return }
            wake.clear()
        }
    }

    private func driver(_ watch: PictureWatch, _ rest: CameraRest) -> any CaptureDriver {
        if let replacement { return replacement() }
        return switch configuration.source {
        case .device(let text):
            DeviceDriver(device: text, configuration: configuration, timing: timing, watch: watch, rest: rest)
        case .replay(let path):
            ReplayDriver(
                path: path, framesPerSecond: configuration.preferredFrameRate, loops: configuration.loops, rest: rest)
        }
    }
}

/// The waits of a camera; tests shorten them.
struct CaptureTiming: Sendable {
    /// A streaming device without a frame for this long has stalled.
    var stall: Duration = .seconds(5)
    /// How long every byte of a camera's pictures is compared before it is called frozen.
    var frozenConfirmation: Duration = .milliseconds(1500)
    /// How often a released device is looked for where nothing tells that it went.
    var releasedLook: Duration = .seconds(5)
    /// The waits before it is opened again.
    var backoff = Backoff(initial: .milliseconds(250), maximum: .seconds(5))
}

/// Something that streams pictures on the calling thread.
protocol CaptureDriver {
    /// Opens, streams until `stop` is set, the footage ends or nobody reads any more, and closes; throws when it cannot go on.
    func stream(into sink: FrameSink, until stop: StopSignal) throws(EdgeError) -> StreamEnd
}

/// Why streaming is over without a fault.
enum StreamEnd {
    /// It was stopped, or the footage has ended.
    case over
    /// Nobody reads it, and it is configured to be released then.
    case idle
}
