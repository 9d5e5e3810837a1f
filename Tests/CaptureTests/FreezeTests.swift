import EdgeCore
import EdgeTesting
import Logging
import Testing

@testable import Capture

@Suite("A frozen picture")
struct FreezeWatchTests {
    /// A watch that is shown pictures by their numbers, 30 a second; the sample of a picture is its number over `coarse`.
    private struct Show {
        var watch = FreezeWatch(limit: .seconds(5), confirmation: .milliseconds(1500))
        var coarse: UInt64 = 1
        var clock = FrameClock().now
        var wholes = 0

        mutating func see(_ picture: UInt64, framesPerSecond: Int = 30) -> FreezeWatch.Finding {
            clock = clock.advanced(by: .seconds(1) / framesPerSecond)
            return watch.saw(
                sample: picture / coarse,
                whole: {
                    wholes += 1
                    return picture
                }(), at: clock)
        }

        /// How many pictures it took until the camera was called frozen; `nil` when that did not happen.
        mutating func frozen(
            within count: Int, framesPerSecond: Int = 30, _ picture: (Int) -> UInt64
        ) -> Int? {
            (1...count).first { see(picture($0), framesPerSecond: framesPerSecond) == .frozen }
        }
    }

    @Test("is one that stays the same for the limit and while every byte is compared")
    func same() throws {
        var show = Show()
        let pictures = try #require(show.frozen(within: 1000) { _ in 7 })
        #expect((195...200).contains(pictures), "5 s and 1.5 s at 30 pictures a second, not \(pictures)")
        #expect(show.wholes <= 47, "whole pictures are looked at only in the last 1.5 s")
    }

    @Test("is also the same few in turn, as many as the driver has buffers", arguments: [2, 3, 4])
    func turns(count: Int) {
        var show = Show()
        #expect(show.frozen(within: 300) { UInt64($0 % count) } != nil)
    }

    @Test("is not a film in a loop, nor one new picture in five seconds")
    func moves() {
        var show = Show()
        #expect(show.frozen(within: 3000) { UInt64($0 % 5) } == nil)
        #expect(show.wholes == 0)
        #expect(show.frozen(within: 3000) { UInt64($0 / 140) } == nil)
    }

    @Test("is not one in which only that moves which the sample misses")
    func missed() {
        var show = Show()
        show.coarse = 1_000_000
        #expect(show.frozen(within: 3000) { UInt64($0) } == nil)
        #expect(show.wholes > 0 && show.wholes < 150, "and whole pictures are looked at for a moment only")
        #expect(show.frozen(within: 3000) { UInt64($0 / 30) } == nil, "a clock that moves once a second")
    }

    @Test("is not told from a handful of pictures, however long they take")
    func slow() {
        var show = Show()
        #expect(show.frozen(within: 20, framesPerSecond: 1) { _ in 7 } == nil)
        #expect(show.frozen(within: 40, framesPerSecond: 1) { _ in 7 } != nil)
    }

    @Test("is sought anew in every stream: the time between two does not count")
    func streams() {
        var show = Show()
        #expect(show.frozen(within: 140) { _ in 7 } == nil)
        show.clock = show.clock.advanced(by: .seconds(60))
        show.watch.begins()
        #expect(show.frozen(within: 190) { _ in 7 } == nil)
        #expect(show.frozen(within: 10) { _ in 7 } != nil)
    }
}

@Suite("What tells pictures apart")
struct PictureFingerprintTests {
    private func noisy(_ seed: UInt64, count: Int = 640 * 480 * 2) -> [UInt8] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<count).map { _ in UInt8(120 + numbers.next() % 4) }
    }

    private func prints(_ bytes: [UInt8], _ encoding: ImageEncoding) -> (sample: UInt64, whole: UInt64) {
        bytes.withUnsafeBytes {
            let print = PictureFingerprint(lent: $0, encoding)
            return (print.sample, print.whole)
        }
    }

    @Test("is the noise of a sensor, which a sample sees")
    func noise() {
        let (one, other) = (prints(noisy(1), .yuyv), prints(noisy(2), .yuyv))
        #expect(one.sample != other.sample && one.whole != other.whole)
        #expect(one == prints(noisy(1), .yuyv))
    }

    @Test("is any one byte, which only a look at all of them sees for certain")
    func oneByte() {
        let picture = noisy(1, count: 10_001)
        let before = prints(picture, .grey)
        for place in [0, 1, 8, 4999, 9_992, 9_999, 10_000] {
            var changed = picture
            changed[place] ^= 1
            #expect(prints(changed, .grey).whole != before.whole, "byte \(place)")
        }
    }

    @Test("is not the head of a JPEG, where some cameras write the time")
    func head() throws {
        var pixels = Pictures.quarters(width: 640, height: 480).pixels
        var numbers = SeededNumbers(seed: 3)
        for place in pixels.indices { pixels[place] ^= UInt8(numbers.next() % 32) }
        let jpeg = try Pictures.jpeg(Image(width: 640, height: 480, pixels: pixels))
        let stamped = ["12:00:01", "12:00:02"].map {
            prints(Pictures.insert(Pictures.segment(0xFE, Array($0.utf8)), into: jpeg), .jpeg)
        }
        #expect(stamped[0] == stamped[1])
        pixels[3 * 640 * 479] ^= 0x40
        let changed = try Pictures.jpeg(Image(width: 640, height: 480, pixels: pixels))
        let (before, after) = (prints(jpeg, .jpeg), prints(changed, .jpeg))
        #expect(before.whole != after.whole)
    }
}

@Suite("How bright a picture is")
struct BrightnessTests {
    private func brightness(_ bytes: [UInt8], _ encoding: ImageEncoding, _ width: Int, _ height: Int) -> Brightness? {
        let pixels = encoding == .yuyv ? 2 : encoding == .bgr ? 3 : 1
        let form = EncodedImage(
            encoding: encoding, width: width, height: height, stride: encoding == .jpeg ? 0 : pixels * width, bytes: [])
        return bytes.withUnsafeBytes { Brightness(lent: $0, form) }
    }

    @Test("is the same in every format, within what coding costs")
    func formats() throws {
        // The left half is dark, the right half bright.
        func luma(_ x: Int) -> UInt8 { x < 320 ? 40 : 200 }
        let row = (0..<640).map(luma)
        let grey = [[UInt8]](repeating: row, count: 480).flatMap { $0 }
        let bgr = grey.flatMap { [$0, $0, $0] }
        let pictures: [(ImageEncoding, [UInt8])] = [
            (.grey, grey), (.nv12, grey + [UInt8](repeating: 128, count: 640 * 240)),
            (.yuyv, grey.flatMap { [$0, 128] }), (.bgr, bgr),
            (.jpeg, try Pictures.jpeg(Image(width: 640, height: 480, pixels: bgr))),
        ]
        for (encoding, bytes) in pictures {
            let found = try #require(brightness(bytes, encoding, 640, 480), "\(encoding)")
            #expect(abs(found.mean - 120) < 3 && abs(found.deviation - 80) < 3, "\(encoding): \(found)")
            #expect(!found.showsNothing)
        }
    }

    @Test("is not told of a picture that is cut off or no picture")
    func unreadable() throws {
        #expect(brightness([UInt8](repeating: 0, count: 100), .grey, 640, 480) == nil)
        #expect(brightness([1, 2, 3], .jpeg, 640, 480) == nil)
        #expect(brightness([], .jpeg, 640, 480) == nil)
        let jpeg = try Pictures.jpeg(Pictures.quarters(width: 640, height: 480))
        #expect(brightness(Array(jpeg.prefix(jpeg.count / 2)), .jpeg, 640, 480) == nil)
    }

    @Test(
        "shows nothing when it is black or of one tone, and something when a face could be seen",
        arguments: [(0, 0, true), (16, 2, true), (30, 7, true), (128, 1, true), (255, 0, true)]
            + [(20, 30, false), (60, 10, false), (128, 40, false)])
    func nothing(mean: Int, spread: Int, showsNothing: Bool) throws {
        let points = [max(mean - spread, 0), mean + spread]
        #expect(try #require(Brightness(of: points)).showsNothing == showsNothing)
    }
}

@Suite("A camera that froze")
struct PictureWatchTests {
    private static let form = EncodedImage(encoding: .grey, width: 64, height: 64, stride: 64, bytes: [])

    /// What the watch says of a picture; its error's code where it throws.
    private static func look(
        _ watch: PictureWatch, _ seed: UInt64, dark: Bool = false, at now: FrameClock.Instant
    ) throws -> Bool {
        var numbers = SeededNumbers(seed: seed)
        let bytes = (0..<64 * 64).map { _ in dark ? 16 : UInt8(truncatingIfNeeded: numbers.next()) }
        return try bytes.withUnsafeBytes { try watch.admits(LentPicture($0, Self.form), at: now) }
    }

    @Test("is reported, and gives nothing more before it has moved for longer than a stuck one could")
    func reportedThenBelieved() throws {
        let watch = PictureWatch(frozenAfter: .seconds(5), confirmation: .seconds(1), coveredAfter: nil)
        let now = FrameClock().now
        watch.begins()
        for seed in 1...10 { #expect(try Self.look(watch, UInt64(seed), at: now)) }
        let start = now
        let error = #expect(throws: EdgeError.self) {
            for frame in 1...400 {
                let at = start.advanced(by: .milliseconds(33 * frame))
                guard try Self.look(watch, 10, at: at) else { return }
            }
        }
        #expect(error?.code == .cameraFrozen)
        watch.begins()
        // One new picture at the start of a stream is what many stuck cameras give.
        for seed in [10, 11, 11, 11] { #expect(try !Self.look(watch, UInt64(seed), at: now)) }
        for seed in 12...14 { #expect(try !Self.look(watch, UInt64(seed), at: now)) }
        #expect(try Self.look(watch, 15, at: now))
        #expect(try Self.look(watch, 15, at: now), "and the same picture twice is no fault")
    }

    @Test("is not one that sees nothing, nor one that is not watched")
    func spared() throws {
        let dark = PictureWatch(frozenAfter: .seconds(5), confirmation: .seconds(1), coveredAfter: nil)
        let unwatched = PictureWatch(frozenAfter: nil, confirmation: .seconds(1), coveredAfter: nil)
        var now = FrameClock().now
        for _ in 0..<1000 {
            now = now.advanced(by: .milliseconds(33))
            #expect(try Self.look(dark, 1, dark: true, at: now))
            #expect(try Self.look(unwatched, 1, at: now))
        }
    }

    @Test("stays a condition while its pictures are withheld, and is counted")
    func condition() {
        let hub = CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2"))
        let health = HealthBoard()
        let sink = FrameSink(
            camera: "door", hub: hub, health: health, log: .silent,
            backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
        var waits: [Duration] = []
        for _ in 1...3 {
            sink.opened(path: "/dev/video0", format: "GREY", width: 64, height: 64, why: "")
            sink.withhold(skipped: 0)
            waits.append(sink.failed(EdgeError(.cameraFrozen)))
            sink.withhold(skipped: 0)
            #expect(health.current.map(\.code) == ["capture.stream.frozen"])
            #expect(!hub.status.isStreaming && hub.status.fault == "capture.stream.frozen")
        }
        #expect(waits == [.milliseconds(250), .milliseconds(500), .seconds(1)], "starting it anew did not help")
        #expect(hub.status.frozen == 3 && hub.status.frames == 6)
        sink.deliver(
            EncodedImage(encoding: .grey, width: 1, height: 1, stride: 1, bytes: [0]), capturedAt: FrameClock().now)
        #expect(health.current.isEmpty && hub.status.fault == nil && hub.status.recoveries == 1)
    }
}
