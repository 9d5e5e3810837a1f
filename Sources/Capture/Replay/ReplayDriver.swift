import EdgeCore
import FoundationEssentials

/// Plays footage at its own rate, as a camera would give it.
struct ReplayDriver: CaptureDriver {
    private static let ownRate = 30
    private let path: String
    private let interval: Duration
    private let loops: Bool
    private let rest: CameraRest
    private let decoder = TurboImageDecoder()

    init(path: String, framesPerSecond: Int?, loops: Bool, rest: CameraRest) {
        self.path = path
        self.rest = rest
        interval = .seconds(1) / max(framesPerSecond ?? Self.ownRate, 1)
        self.loops = loops
    }

    func stream(into sink: FrameSink, until stop: StopSignal) throws(EdgeError) -> StreamEnd {
        rest.begins()
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw EdgeError(.replayUnreadable, "There is no footage at \(path).")
        }
        guard isDirectory else {
            var footage = try MJPEGFile(path: path)
            return try play(&footage, into: sink, until: stop)
        }
        var footage = try PictureDirectory(path: path)
        return try play(&footage, into: sink, until: stop)
    }

    private func play(
        _ footage: inout some Footage & ~Copyable, into sink: FrameSink, until stop: StopSignal
    ) throws(EdgeError) -> StreamEnd {
        let clock = FrameClock()
        var due = clock.now
        var format: (ImageEncoding, Int, Int)?
        repeat {
            var delivered = 0
            while let bytes = try nextPicture(of: &footage, sink) {
                let pace = rest.pace(isWatched: sink.isWatched, at: clock.now)
                guard pace != .released else { return .idle }
                sink.paced(pace)
                guard waits(pace, for: clock.now.duration(to: due), until: stop) else { return .over }
                if let image = inspected(bytes, sink) {
                    if format.map({ $0 != (image.encoding, image.width, image.height) }) ?? true {
                        format = (image.encoding, image.width, image.height)
                        sink.opened(
                            path: path, format: image.encoding.rawValue, width: image.width, height: image.height,
                            why: "the footage")
                    }
                    rest.look(LumaGrid(of: image), isWatched: sink.isWatched, at: clock.now)
                    sink.deliver(image, capturedAt: clock.now)
                    delivered += 1
                }
                // After a pause of the whole machine it goes on from here rather than rushing after the lost time.
                due = max(due.advanced(by: interval), clock.now.advanced(by: .zero - interval))
            }
            guard delivered > 0 else { throw EdgeError(.replayUnreadable, "No picture of \(path) can be read.") }
            try footage.rewind()
        } while loops && !stop.isSet
        return .over
    }

    /// Waits for a picture's turn; false when it was stopped.
    private func waits(_ pace: CameraPace, for time: Duration, until stop: StopSignal) -> Bool {
        guard pace == .slow else { return !stop.wait(for: time) }
        return rest.pause(until: stop, at: FrameClock().now) != .stopped
    }

    private func nextPicture(
        of footage: inout some Footage & ~Copyable, _ sink: FrameSink
    ) throws(EdgeError) -> [UInt8]? {
        let before = footage.broken
        let bytes = try footage.next()
        sink.broken(footage.broken - before)
        return bytes
    }

    private func inspected(_ bytes: [UInt8], _ sink: FrameSink) -> EncodedImage? {
        do throws(EdgeError) {
            return try decoder.inspect(bytes)
        } catch {
            sink.broken()
            return nil
        }
    }
}
