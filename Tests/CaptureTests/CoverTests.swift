import EdgeCore
import EdgeTesting
import Logging
import Synchronization
import Testing

@testable import Capture

@Suite("A covered lens")
struct CoverWatchTests {
    private static let start = FrameClock().now

    private func brightness(_ mean: Int, _ spread: Int) throws -> Brightness {
        try #require(Brightness(of: [max(mean - spread, 0), mean + spread]))
    }

    private func at(_ second: Double) -> FrameClock.Instant {
        Self.start.advanced(by: .milliseconds(Int(second * 1000)))
    }

    @Test("is told once it has shown nothing for the limit, and once when it shows something again")
    func coveredAndUncovered() throws {
        var watch = CoverWatch(limit: .seconds(10))
        let (dark, light) = (try brightness(16, 2), try brightness(120, 40))
        for second in 0...9 { #expect(watch.saw(dark, at: at(Double(second))) == nil) }
        #expect(watch.saw(dark, at: at(10)) == .covered(dark))
        for second in 11...600 { #expect(watch.saw(dark, at: at(Double(second))) == nil) }
        for second in 601...602 { #expect(watch.saw(light, at: at(Double(second))) == nil) }
        #expect(watch.saw(light, at: at(603)) == .uncovered)
        for second in 604...700 { #expect(watch.saw(light, at: at(Double(second))) == nil) }
    }

    @Test("is one of one tone too, however bright", arguments: [30, 128, 250])
    func oneTone(level: Int) throws {
        var watch = CoverWatch(limit: .seconds(2))
        let picture = try brightness(level, 1)
        #expect(watch.saw(picture, at: at(0)) == nil)
        #expect(watch.saw(picture, at: at(2)) == .covered(picture))
    }

    @Test("is not a shadow that passes, nor a dark room in which a lamp is to be seen")
    func shadow() throws {
        var watch = CoverWatch(limit: .seconds(10))
        let (dark, light, lamp) = (try brightness(16, 2), try brightness(120, 40), try brightness(20, 19))
        for second in 0..<600 { #expect(watch.saw(second % 10 == 9 ? light : dark, at: at(Double(second))) == nil) }
        for second in 600..<700 { #expect(watch.saw(lamp, at: at(Double(second))) == nil) }
    }

    @Test("needs more light to end than to begin: dusk does not make it come and go")
    func hysteresis() throws {
        var watch = CoverWatch(limit: .seconds(5))
        let (dark, dusk, light) = (try brightness(30, 7), try brightness(36, 9), try brightness(60, 20))
        for second in 0..<5 { #expect(watch.saw(dark, at: at(Double(second))) == nil) }
        #expect(watch.saw(dark, at: at(5)) == .covered(dark))
        for second in 6..<300 { #expect(watch.saw(second % 2 == 0 ? dark : dusk, at: at(Double(second))) == nil) }
        // A lamp that flickers once is no light.
        for second in 300..<400 { #expect(watch.saw(second % 3 == 0 ? dark : light, at: at(Double(second))) == nil) }
        for second in 400...401 { #expect(watch.saw(light, at: at(Double(second))) == nil) }
        #expect(watch.saw(light, at: at(402)) == .uncovered, "the third bright picture in a row")
    }

    @Test("is looked for once a second")
    func rate() {
        var watch = CoverWatch(limit: .seconds(10))
        let looks = (0..<300).filter { watch.isDue(at: at(Double($0) / 30)) }
        #expect(looks.count == 10)
    }

    @Test("is looked for anew in a new stream")
    func begins() throws {
        var watch = CoverWatch(limit: .seconds(10))
        let dark = try brightness(16, 2)
        for second in 0...9 { #expect(watch.saw(dark, at: at(Double(second))) == nil) }
        watch.begins()
        for second in 10...19 { #expect(watch.saw(dark, at: at(Double(second))) == nil) }
        #expect(watch.saw(dark, at: at(20)) == .covered(dark))
    }

    @Test("is written to the log at most once in a quarter of an hour, with its end")
    func telling() throws {
        var telling = CoverTelling()
        let dark = CoverWatch.Change.covered(try brightness(16, 2))
        var written: [Int] = []
        for minute in 0..<60 {
            let now = at(Double(60 * minute))
            if telling.isWritten(minute % 2 == 0 ? dark : .uncovered, at: now) { written.append(minute) }
        }
        #expect(written == [0, 1, 16, 17, 32, 33, 48, 49])
    }
}

@Suite("A camera that sees nothing")
struct CoveredCameraTests {
    private let hub = CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2"))
    private let health = HealthBoard()
    private let lines = LogLines()

    private func sink() -> FrameSink {
        FrameSink(
            camera: "door", hub: hub, health: health, log: .keeping(lines),
            backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
    }

    @Test("streams on with a warning that ends by itself, and the journal does not fill")
    func warning() throws {
        let sink = sink()
        let dark = CoverWatch.Change.covered(try #require(Brightness(of: [14, 18])))
        let picture = EncodedImage(encoding: .grey, width: 1, height: 1, stride: 1, bytes: [0])
        sink.deliver(picture, capturedAt: FrameClock().now)
        for _ in 1...50 {
            sink.lightChanged(dark)
            let condition = try #require(health.current.first)
            #expect(condition.code == "capture.picture.covered" && condition.severity == .warning)
            #expect(condition.subject == "door" && condition.title.contains("darkness"))
            #expect(hub.status.isStreaming && hub.status.isCovered && hub.status.fault == nil)
            sink.lightChanged(.uncovered)
            #expect(health.current.isEmpty && !hub.status.isCovered)
        }
        #expect(lines.all == ["warning Camera sees nothing", "notice Camera sees again"])
    }

    @Test("is told by its fault alone when it goes away")
    func gone() throws {
        let sink = sink()
        sink.lightChanged(.covered(try #require(Brightness(of: [200, 200]))))
        #expect(health.current.first?.title.contains("one tone") == true)
        _ = sink.failed(EdgeError(.cameraMissing))
        #expect(health.current.map(\.code) == ["capture.device.missing"])
        #expect(!hub.status.isCovered)
    }

    @Test("is seen in the pictures of every kind that drivers give, and not looked for where that is off")
    func pictures() throws {
        let start = FrameClock().now
        for (encoding, bytes) in [
            (ImageEncoding.yuyv, [UInt8](repeating: 16, count: 2 * 640 * 480)),
            (.jpeg, try Pictures.jpeg(Image(width: 640, height: 480, pixels: .init(repeating: 16, count: 921_600)))),
        ] {
            let form = EncodedImage(encoding: encoding, width: 640, height: 480, stride: 1280, bytes: [])
            let watch = PictureWatch(frozenAfter: nil, confirmation: .zero, coveredAfter: .seconds(2))
            let off = PictureWatch(frozenAfter: nil, confirmation: .zero, coveredAfter: nil)
            let changes = bytes.withUnsafeBytes { bytes in
                (0..<5).map { watch.light(of: LentPicture(bytes, form), at: start.advanced(by: .seconds($0))) }
            }
            #expect(changes.compactMap(\.self).count == 1 && changes[2] != nil, "\(encoding): \(changes)")
            bytes.withUnsafeBytes { bytes in
                for second in 0..<5 {
                    #expect(off.light(of: LentPicture(bytes, form), at: start.advanced(by: .seconds(second))) == nil)
                }
            }
        }
    }
}
