import EdgeCore
import Logging

/// Where a driver puts what it takes from the camera; used by the camera's thread alone.
///
/// Frames go to the hub; faults become a status, a health condition and a line in the log, and end with the next frame.
final class FrameSink {
    private let camera: String
    private let hub: CameraHub
    private let health: HealthBoard
    private let log: Logger
    private var recovery: Recovery
    private var awaitsFirstFrame = true
    private var refused: [EdgeError] = []
    private var pace = CameraPace.full
    private var cover = CoverTelling()
    private var shortfall: EdgeError?
    private var bandwidth = BandwidthTelling()
    private var refusals = RefusalTelling()
    private let tellRefusal: (CameraRefusal) -> Void

    init(
        camera: String, hub: CameraHub, health: HealthBoard, log: Logger, backoff: Backoff,
        refused: @escaping (CameraRefusal) -> Void = { _ in }
    ) {
        tellRefusal = refused
        self.camera = camera
        self.hub = hub
        self.health = health
        self.log = log
        recovery = Recovery(backoff: backoff)
    }

    /// The driver is about to stream in this format.
    func opened(path: String, format: String, width: Int, height: Int, why: String) {
        awaitsFirstFrame = true
        hub.update { status in
            (status.format, status.width, status.height) = (format, width, height)
        }
        // A camera that is released comes and goes with each session.
        let level: Logger.Level = pace == .released ? .debug : .info
        pace = .full
        log.log(
            level: level, "Camera opened",
            metadata: [
                "path": "\(path)", "format": "\(format)", "size": "\(width)x\(height)", "choice": "\(why)",
            ])
    }

    /// Whether a picture would be looked at.
    var isWatched: Bool { hub.hasSubscribers }

    /// Whether it may be handed on: that is asked for a picture that is there, since the sign beside the cameras goes by it.
    var handsOut: Bool { hub.handsOut }

    /// Hands a picture on; `skipped` frames before it were lost or given back.
    func deliver(_ image: EncodedImage, capturedAt: FrameClock.Instant, skipped: UInt64 = 0) {
        if awaitsFirstFrame { firstFrame() }
        hub.deliver(image, capturedAt: capturedAt, skipped: skipped)
    }

    /// A whole picture came that nobody wanted to see.
    func pass(capturedAt: FrameClock.Instant, skipped: UInt64) {
        if awaitsFirstFrame { firstFrame() }
        hub.pass(capturedAt: capturedAt, skipped: skipped)
    }

    /// A whole picture came that may not be handed on: the fault is not over.
    func withhold(skipped: UInt64) { hub.pass(skipped: skipped) }

    /// Counts pictures that were broken and went no further.
    func broken(_ count: UInt64 = 1) {
        if count > 0 { hub.update { $0.broken += count } }
    }

    /// Tells of one more setting that it refused.
    func settingRefused(_ error: EdgeError) { settingsApplied(refused: refused + [error]) }

    /// Tells which settings the camera refused; that does not keep it from streaming.
    func settingsApplied(refused: [EdgeError]) {
        defer { self.refused = refused }
        for code in [ErrorCode.cameraControl, .cameraControlRefused] {
            let details = refused.filter { $0.code == code }.map(\.detail)
            guard !details.isEmpty else {
                health.clear(code.rawValue, subject: camera)
                continue
            }
            let error = EdgeError(code, details.joined(separator: " "))
            health.raise(error, subject: camera, severity: .warning)
            // A camera that comes and goes refuses the same each time.
            guard details != self.refused.filter({ $0.code == code }).map(\.detail) else { continue }
            log.warning(
                "Camera settings refused", metadata: ["code": "\(code.rawValue)", "detail": "\(error.detail)"])
        }
    }

    /// The camera gives less than was wished since its bus has no room for more, which is told with the first picture; `nil` when
    /// it gives what was wished.
    func narrowed(_ shortfall: EdgeError?) {
        // A camera that was released in between has kept its condition.
        if shortfall == nil { endShortfall() }
        self.shortfall = shortfall
    }

    /// The camera sees nothing any more, or something again; it streams on.
    func lightChanged(_ change: CoverWatch.Change) {
        hub.update { $0.isCovered = change != .uncovered }
        let isWritten = cover.isWritten(change, at: FrameClock().now)
        switch change {
        case .covered(let brightness):
            let error = EdgeError(.cameraCovered, brightness.complaint)
            health.raise(error, subject: camera, severity: .warning)
            guard isWritten else { return }
            log.warning(
                "Camera sees nothing", metadata: ["code": "\(error.code.rawValue)", "detail": "\(error.detail)"])
        case .uncovered:
            health.clear(ErrorCode.cameraCovered.rawValue, subject: camera)
            if isWritten { log.notice("Camera sees again") }
        }
    }

    /// The newest face that a session saw, once.
    func takeFace() -> FaceBrightness? { hub.takeFace() }

    /// It gives fewer pictures than it could, or all of them again.
    func paced(_ pace: CameraPace) {
        guard pace != self.pace else { return }
        self.pace = pace
        hub.update { $0.pace = pace }
        log.debug("Camera pace", metadata: ["pace": "\(pace.rawValue)"])
    }

    /// Nobody reads it: its device was closed, which is no fault.
    func released() {
        pace = .released
        // At once: whoever looks must not take it for one that has ended.
        hub.update { ($0.isStreaming, $0.pace) = (false, .released) }
        seesNothingMore()
        log.debug("Camera released")
    }

    /// Streaming is over, without a fault.
    func ended() {
        hub.pause()
        seesNothingMore()
        endShortfall()
    }

    /// Of a camera that does not stream nobody knows what it would see.
    private func seesNothingMore() {
        hub.update { $0.isCovered = false }
        health.clear(ErrorCode.cameraCovered.rawValue, subject: camera)
    }

    /// Streaming is over for this reason; returns how long to wait before the next attempt.
    func failed(_ error: EdgeError) -> Duration {
        let now = FrameClock().now
        let failure = recovery.failed(error.code, at: now)
        if let times = refusals.failed(error, at: now) {
            tellRefusal(CameraRefusal(camera: camera, code: error.code, detail: error.detail, times: times))
        }
        awaitsFirstFrame = true
        pace = .full
        seesNothingMore()
        endShortfall()
        hub.pause()
        hub.update { status in
            status.fault = error.code.rawValue
            if error.code == .cameraFrozen { status.frozen += 1 }
        }
        if let superseded = failure.superseded { health.clear(superseded.rawValue, subject: camera) }
        health.raise(error, subject: camera)
        if let times = failure.report {
            log.error(
                "Camera fault",
                metadata: [
                    "code": "\(error.code.rawValue)", "detail": "\(error.detail)", "times": "\(times)",
                ])
        }
        return failure.wait
    }

    /// A device was plugged in, maybe this one: what was waited before does not count any more.
    func deviceCame() { recovery.deviceCame() }

    private func firstFrame() {
        awaitsFirstFrame = false
        let fault = recovery.delivered()
        refusals.delivered()
        hub.update { status in
            (status.isStreaming, status.pace) = (true, .full)
            status.fault = nil
            if fault != nil { status.recoveries += 1 }
        }
        if let fault {
            health.clear(fault.rawValue, subject: camera)
            log.notice("Camera recovered", metadata: ["code": "\(fault.rawValue)"])
        }
        tellShortfall()
    }

    /// After a fault was cleared, which may have been the same: a full bus that had room for nothing has room for something now.
    private func tellShortfall() {
        guard let shortfall else { return }
        health.raise(shortfall, subject: camera, severity: .warning)
        guard bandwidth.isWritten(shortfall.detail, at: FrameClock().now) else { return }
        log.warning(
            "Camera gives less than was wished",
            metadata: ["code": "\(shortfall.code.rawValue)", "detail": "\(shortfall.detail)"])
    }

    private func endShortfall() {
        guard shortfall != nil else { return }
        shortfall = nil
        health.clear(ErrorCode.cameraBandwidth.rawValue, subject: camera)
    }
}
