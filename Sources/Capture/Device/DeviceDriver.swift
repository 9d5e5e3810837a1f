import EdgeCore
import Glibc

/// Streams from a V4L2 device.
struct DeviceDriver: CaptureDriver {
    private let device: String
    private let wish: FormatWish
    private let controls: [String: ControlValue]
    private let stall: Duration
    private let watch: PictureWatch
    private let admission: CameraAdmission

    init(device: String, configuration: CameraConfiguration, timing: CaptureTiming, watch: PictureWatch) {
        self.device = device
        self.watch = watch
        wish = FormatWish(of: configuration)
        controls = configuration.controls
        admission = CameraAdmission(of: configuration)
        stall = timing.stall
    }

    func stream(into sink: FrameSink, until stop: StopSignal) throws(EdgeError) {
        let path = try deviceFile()
        let device = try VideoDevice(path: path) { identity throws(EdgeError) in
            try admission.check(identity, among: VideoNode.all())
        }
        try device.requireCamera()
        let choice = try FormatChoice(wish, from: device.formats(near: wish))
        let stream = try VideoStream(device, choice)
        // Not before the stream is ours: while another program has the camera its settings are not ours to change.
        sink.settingsApplied(refused: stream.apply(controls))
        sink.opened(
            path: path, format: stream.format.code, width: stream.format.width, height: stream.format.height,
            why: choice.why)
        watch.begins()
        try pump(stream, into: sink, until: stop)
    }

    private func deviceFile() throws(EdgeError) -> String {
        do throws(EdgeError) {
            return try CameraSelector.deviceFile(of: device)
        } catch {
            throw admission.ambiguous(error)
        }
    }

    private func pump(
        _ stream: borrowing VideoStream, into sink: FrameSink, until stop: StopSignal
    ) throws(EdgeError) {
        let clock = FrameClock()
        var lastWhole = clock.now
        var sequence = SequenceTracker()
        var brokenSinceLast = 0
        while true {
            var waiting = [
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stream.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let left = stall - lastWhole.duration(to: clock.now)
            let isReady = Poll.wait(&waiting, max(left, .zero))
            if waiting[0].revents != 0 { return }
            guard isReady, left > .zero else { throw stalled(stream.path, brokenSinceLast) }

            let ready = try stream.takeReady()
            sink.broken(UInt64(ready.broken))
            brokenSinceLast += ready.broken
            guard let newest = ready.newest else {
                // Ready without a frame, and not for a broken one: the driver has given up.
                if ready.broken == 0, waiting[1].revents & Int16(POLLERR | POLLHUP) != 0 {
                    throw EdgeError(.cameraFailed, "\(stream.path) reports an error and gives no frames.")
                }
                continue
            }
            lastWhole = clock.now
            let skipped = sequence.skipped(
                before: newest.sequence, givenBack: ready.givenBack, broken: brokenSinceLast)
            brokenSinceLast = 0
            let picture = stream.lend(newest)
            if let change = watch.light(of: picture, at: lastWhole) { sink.lightChanged(change) }
            guard try watch.admits(picture, at: lastWhole) else {
                try stream.discard(newest)
                sink.withhold(skipped: skipped)
                continue
            }
            if sink.isWatched {
                sink.deliver(try stream.copyOut(newest), capturedAt: newest.capturedAt, skipped: skipped)
            } else {
                try stream.discard(newest)
                sink.pass(capturedAt: newest.capturedAt, skipped: skipped)
            }
        }
    }

    private func stalled(_ path: String, _ broken: Int) -> EdgeError {
        let seconds = stall.components.seconds
        let detail = broken > 0 ? "\(broken) broken frames and no whole one" : "no frame"
        return EdgeError(.cameraStalled, "\(path) gave \(detail) in \(seconds) s.")
    }
}
