import EdgeCore
import Glibc

/// Streams from a V4L2 device.
struct DeviceDriver: CaptureDriver {
    private let device: String
    private let wish: FormatWish
    private let controls: [String: ControlValue]
    private let stall: Duration
    private let watch: PictureWatch
    private let rest: CameraRest
    private let faceLight: FaceLightRule?
    private let admission: CameraAdmission

    init(
        device: String, configuration: CameraConfiguration, timing: CaptureTiming, watch: PictureWatch,
        rest: CameraRest
    ) {
        self.device = device
        self.watch = watch
        self.rest = rest
        wish = FormatWish(of: configuration)
        controls = configuration.controls
        faceLight = configuration.faceLight
        admission = CameraAdmission(of: configuration)
        stall = timing.stall
    }

    func stream(into sink: FrameSink, until stop: StopSignal) throws(EdgeError) -> StreamEnd {
        let device = try open()
        let ladder = try FormatLadder(wish, from: device.formats(near: wish))
        var opened: VideoDevice? = device
        let stream = try ladder.begin(until: { stop.isSet }) { choice throws(EdgeError) in
            // A device that could not start is closed with its stream: the next rung opens it anew.
            guard let device = opened.take() else { return try VideoStream(open(), choice) }
            return try VideoStream(device, choice)
        }
        // Not before the stream is ours: while another program has the camera its settings are not ours to change.
        var light = applySettings(to: stream, sink)
        sink.narrowed(ladder.shortfall(of: stream.choice))
        sink.opened(
            path: stream.path, format: stream.format.code, width: stream.format.width, height: stream.format.height,
            why: stream.choice.why)
        watch.begins()
        rest.begins()
        // A camera keeps what was set for as long as it has power.
        defer { _ = stream.set(light?.handBack() ?? []) }
        return try pump(stream, stream.choice.idleInterval, &light, into: sink, until: stop)
    }

    /// Sets what is configured; how the light on faces is kept right from now on, where it is.
    private func applySettings(to stream: borrowing VideoStream, _ sink: FrameSink) -> FaceLight? {
        var refused = stream.apply(controls)
        defer { sink.settingsApplied(refused: refused) }
        guard let faceLight else { return nil }
        let found = stream.controls()
        guard let light = FaceLight(faceLight, after: ControlPlan(controls, for: found), for: found) else {
            refused.append(EdgeError(.cameraControl, "It has no exposure and no gain that face_exposure may set."))
            return nil
        }
        refused += stream.set(light.beginning)
        return light
    }

    /// Opens the camera, if it may be opened.
    private func open() throws(EdgeError) -> VideoDevice {
        let device = try VideoDevice(path: deviceFile()) { identity throws(EdgeError) in
            try admission.check(identity, among: VideoNode.all())
        }
        try device.requireCamera()
        return device
    }

    private func deviceFile() throws(EdgeError) -> String {
        do throws(EdgeError) {
            return try CameraSelector.deviceFile(of: device)
        } catch {
            throw admission.ambiguous(error)
        }
    }

    private func pump(
        _ stream: borrowing VideoStream, _ idleInterval: FrameInterval?, _ light: inout FaceLight?,
        into sink: FrameSink, until stop: StopSignal
    ) throws(EdgeError) -> StreamEnd {
        let clock = FrameClock()
        var flow = Flow(since: clock.now)
        while true {
            let pace = rest.pace(isWatched: sink.isWatched, at: clock.now)
            guard pace != .released else { return .idle }
            if pace != flow.pace {
                try change(stream, to: pace, idleInterval)
                sink.paced(pace)
                flow = Flow(pace: pace, since: clock.now)
            }
            if pace == .slow {
                switch rest.pause(until: stop, at: clock.now) {
                case .stopped: return .over
                case .woken: continue
                case .over: break
                }
            }
            keepLight(&light, on: stream, sink, at: clock.now)
            // `poll` passes over descriptors below zero.
            var waiting = [stop.descriptor, stream.descriptor, pace == .slow ? rest.wake.descriptor : -1].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let left = stall - flow.lastWhole.duration(to: clock.now)
            let isReady = Poll.wait(&waiting, max(left, .zero))
            if waiting[0].revents != 0 { return .over }
            guard isReady, left > .zero else { throw stalled(stream.path, flow.broken) }
            // Who reads now has its full rate before the next picture.
            if waiting[2].revents != 0 {
                rest.wake.clear()
                continue
            }
            let hasGivenUp = waiting[1].revents & Int16(POLLERR | POLLHUP) != 0
            try take(from: stream, &flow, hasGivenUp: hasGivenUp, into: sink)
        }
    }

    /// Takes what is ready and hands the newest picture on.
    private func take(
        from stream: borrowing VideoStream, _ flow: inout Flow, hasGivenUp: Bool, into sink: FrameSink
    ) throws(EdgeError) {
        let ready = try stream.takeReady()
        sink.broken(UInt64(ready.broken))
        flow.broken += ready.broken
        guard let newest = ready.newest else {
            // Ready without a frame, and not for a broken one: the driver has given up.
            guard ready.broken > 0 || !hasGivenUp else {
                throw EdgeError(.cameraFailed, "\(stream.path) reports an error and gives no frames.")
            }
            return
        }
        let skipped = flow.skipped(before: newest, ready)
        let picture = stream.lend(newest)
        if let change = watch.light(of: picture, at: flow.lastWhole) { sink.lightChanged(change) }
        guard try watch.admits(picture, at: flow.lastWhole) else {
            try stream.discard(newest)
            sink.withhold(skipped: skipped)
            return
        }
        rest.look(picture, isWatched: sink.isWatched, at: flow.lastWhole)
        // If not, its bytes need not be copied.
        if sink.handsOut {
            sink.deliver(try stream.copyOut(newest), capturedAt: newest.capturedAt, skipped: skipped)
        } else {
            try stream.discard(newest)
            sink.pass(capturedAt: newest.capturedAt, skipped: skipped)
        }
    }

    /// Has the driver give fewer pictures, or as many as before; one that cannot has them taken from it less often.
    private func change(
        _ stream: borrowing VideoStream, to pace: CameraPace, _ idleInterval: FrameInterval?
    ) throws(EdgeError) {
        // What libv4l2 converts has buffers of its own between, which no stream here is stopped for.
        guard rest.slowsDriver, stream.format.encoding != .bgr, let slow = idleInterval, let own = stream.interval,
            slow.framesPerSecond < own.framesPerSecond
        else { return }
        do throws(EdgeError) {
            try stream.change(pace == .slow ? slow : own)
            rest.rateChanged()
        } catch {
            rest.slowsDriver = false
            throw error
        }
    }

    /// Sets exposure and gain as the newest face wants them.
    private func keepLight(
        _ light: inout FaceLight?, on stream: borrowing VideoStream, _ sink: FrameSink, at now: FrameClock.Instant
    ) {
        guard var kept = light else { return }
        defer { light = kept }
        var steps = kept.overdue(at: now)
        if let face = sink.takeFace() { steps += kept.saw(face, at: now) { stream.value(of: $0) } }
        guard let refused = stream.set(steps).first else { return }
        // What it does not take now it does not take later: one line, and the camera decides.
        sink.settingRefused(refused)
        _ = stream.set(kept.handBack())
        kept.giveUp()
    }

    private func stalled(_ path: String, _ broken: Int) -> EdgeError {
        let seconds = stall.components.seconds
        let detail = broken > 0 ? "\(broken) broken frames and no whole one" : "no frame"
        return EdgeError(.cameraStalled, "\(path) gave \(detail) in \(seconds) s.")
    }
}

/// What is known of the pictures of one stream at one rate.
private struct Flow {
    var pace = CameraPace.full
    var lastWhole: FrameClock.Instant
    /// Since the last whole one.
    var broken = 0
    private var sequence = SequenceTracker()

    init(pace: CameraPace = .full, since now: FrameClock.Instant) { (self.pace, lastWhole) = (pace, now) }

    /// A whole picture came now; how many were lost before it.
    mutating func skipped(before newest: VideoStream.Filled, _ ready: VideoStream.Ready) -> UInt64 {
        defer { broken = 0 }
        lastWhole = FrameClock().now
        let skipped = sequence.skipped(before: newest.sequence, givenBack: ready.givenBack, broken: broken)
        // Of a slow camera most are left out on purpose.
        return pace == .slow ? 0 : skipped
    }
}
