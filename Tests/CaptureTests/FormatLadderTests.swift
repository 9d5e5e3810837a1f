import EdgeCore
import Glibc
import Testing

@testable import Capture

@Suite("Ladder of formats for a full bus")
struct FormatLadderTests {
    private func offer(
        _ code: String, _ sizes: [(Int, Int)], rates: [Int] = [30, 15], isEmulated: Bool = false
    ) -> CameraFormat {
        let intervals = rates.map { FrameInterval(numerator: 1, denominator: $0) }
        return CameraFormat(
            code: code, description: code, isCompressed: code == "MJPG", isEmulated: isEmulated,
            sizes: sizes.map { CameraSize(width: $0.0, height: $0.1, intervals: intervals) })
    }

    private func wish(
        _ width: Int = 640, _ height: Int = 480, rate: Int? = 30, preference: [String] = ["MJPG", "YUYV"]
    ) -> FormatWish { FormatWish(width: width, height: height, framesPerSecond: rate, preference: preference) }

    private func forms(_ wish: FormatWish, _ offers: [CameraFormat]) throws -> [String] {
        try FormatLadder(wish, from: offers).rungs.map(\.form)
    }

    @Test("goes from pixels to MJPEG before it takes anything from size and rate, and to smaller pixels last")
    func compressedFirst() throws {
        let sizes = [(640, 480), (320, 240)]
        let wish = wish(preference: ["YUYV", "MJPG"])
        #expect(
            try forms(wish, [offer("YUYV", sizes), offer("MJPG", sizes)]) == [
                "YUYV 640×480 at 30.0/s", "MJPG 640×480 at 30.0/s", "MJPG 640×480 at 15.0/s", "MJPG 320×240 at 30.0/s",
                "MJPG 320×240 at 15.0/s", "YUYV 640×480 at 15.0/s", "YUYV 320×240 at 30.0/s", "YUYV 320×240 at 15.0/s",
            ])
    }

    @Test("of a camera without MJPEG each step is cheaper, the larger first")
    func pixels() throws {
        #expect(
            try forms(wish(1280, 720, rate: 15), [offer("YUYV", [(320, 240), (640, 480), (1280, 720)])])
                == ["YUYV 1280×720 at 15.0/s", "YUYV 640×480 at 15.0/s", "YUYV 320×240 at 15.0/s"])
    }

    @Test("what libv4l2 converts stays so: what else the camera offers is not read")
    func converted() throws {
        let offers = [offer("H264", [(640, 480)]), offer("BGR3", [(640, 480), (320, 240)], isEmulated: true)]
        let rungs = try FormatLadder(wish(), from: offers).rungs
        #expect(rungs.count > 1 && rungs.allSatisfy { $0.encoding == .bgr })
    }

    @Test("never has what nobody wants, what is not read, or what is larger or quicker than the wish")
    func withinTheWish() throws {
        let offers = [
            offer("MJPG", [(320, 240), (640, 480), (1920, 1080)], rates: [60, 30, 15]), offer("H264", [(320, 240)]),
            offer("NV12", [(320, 240)]), offer("YUYV", [(320, 240)], rates: [15], isEmulated: true),
        ]
        for rung in try FormatLadder(wish(), from: offers).rungs {
            #expect(rung.format.description == "MJPG", "\(rung.form)")
            #expect(rung.width <= 640 && rung.height <= 480)
            #expect(rung.interval.map { $0.framesPerSecond <= 30 } == true)
        }
    }

    @Test("ends where sessions can do no more, or at the wish where that is less")
    func floor() throws {
        let tiny = offer("MJPG", [(160, 120), (320, 180), (320, 240), (640, 480)], rates: [30, 10, 5, 1])
        let rungs = try FormatLadder(wish(), from: [tiny]).rungs
        let least = try #require(rungs.last)
        #expect(least.form == "MJPG 320×240 at 10.0/s")
        #expect(rungs.allSatisfy { $0.width >= 320 && $0.height >= 240 })
        #expect(rungs.allSatisfy { ($0.interval?.framesPerSecond ?? 0) >= 10 })
        #expect(try forms(wish(160, 120, rate: 5), [tiny]) == ["MJPG 160×120 at 5.0/s"])
    }

    @Test("of a camera with all sizes and rates there are some, and not hundreds")
    func range() throws {
        var size = CameraSize(
            width: 16, height: 16, range: .init(maximumWidth: 1920, maximumHeight: 1080, widthStep: 2, heightStep: 2),
            intervals: [FrameInterval(numerator: 1, denominator: 60), FrameInterval(numerator: 1, denominator: 1)])
        size.isEveryIntervalPossible = true
        let ranged = CameraFormat(code: "YUYV", description: "", isCompressed: false, isEmulated: false, sizes: [size])
        #expect(
            try forms(wish(), [ranged]) == [
                "YUYV 640×480 at 30.0/s", "YUYV 640×480 at 15.0/s", "YUYV 640×480 at 10.0/s",
                "YUYV 320×240 at 30.0/s", "YUYV 320×240 at 15.0/s", "YUYV 320×240 at 10.0/s",
            ])
        let many = (1...60).map { (32 * $0, 24 * $0) }
        let all = try FormatLadder(wish(1920, 1440), from: [offer("MJPG", many, rates: Array(1...30))]).rungs
        #expect((8...20).contains(all.count), "\(all.count)")
    }

    @Test("a camera that tells no sizes or rates is tried in its other formats")
    func untold() throws {
        let bare = ["YUYV", "MJPG"].map { offer($0, []) }
        #expect(try forms(wish(preference: ["YUYV", "MJPG"]), bare) == ["YUYV 640×480", "MJPG 640×480"])
        #expect(try forms(wish(rate: nil), [offer("MJPG", [(640, 480)], rates: [])]) == ["MJPG 640×480"])
    }

    @Test("without a wish the rate is the camera's own at first, and told from then on")
    func ownRate() throws {
        #expect(
            try forms(wish(rate: nil), [offer("MJPG", [(640, 480)])]) == ["MJPG 640×480", "MJPG 640×480 at 15.0/s"])
    }

    @Test("is walked down to the first rung with room, and no further")
    func walk() throws {
        let ladder = try FormatLadder(wish(), from: [offer("MJPG", [(640, 480), (320, 240)])])
        var tried: [FormatChoice] = []
        let begun = try ladder.begin { choice throws(EdgeError) in
            tried.append(choice)
            guard tried.count == 3 else { throw EdgeError(.cameraBandwidth) }
            return choice
        }
        #expect(begun == ladder.rungs[2] && tried == Array(ladder.rungs.prefix(3)))
        #expect(ladder.shortfall(of: begun)?.code == .cameraBandwidth)
        #expect(ladder.shortfall(of: begun)?.detail.contains("it gives \(begun.form) instead") == true)
        #expect(ladder.shortfall(of: ladder.rungs[0]) == nil)
    }

    @Test("is left at once for another fault, and when the camera is to stop")
    func left() throws {
        let ladder = try FormatLadder(wish(), from: [offer("MJPG", [(640, 480), (320, 240)])])
        for (code, isStopped) in [(ErrorCode.cameraMissing, false), (.cameraBandwidth, true)] {
            var tries = 0
            let error = #expect(throws: EdgeError.self) {
                try ladder.begin(until: { isStopped }) { _ throws(EdgeError) -> Int in
                    tries += 1
                    throw EdgeError(code)
                }
            }
            #expect(error?.code == code && tries == 1)
        }
        var tries = 0
        let error = #expect(throws: EdgeError.self) {
            try ladder.begin { _ throws(EdgeError) -> Int in
                tries += 1
                throw EdgeError(.cameraBandwidth)
            }
        }
        #expect(tries == ladder.rungs.count && error?.code == .cameraBandwidth)
        #expect(error?.detail.contains("MJPG 320×240 at 15.0/s") == true)
    }

    @Test("a bus without room is told apart from a device that fails")
    func noRoom() throws {
        let choice = try FormatChoice(wish(), from: [offer("MJPG", [(640, 480)])])
        let full = DeviceFault.starting(choice, ENOSPC, "/dev/video0")
        #expect(full.code == .cameraBandwidth && full.detail.contains("MJPG 640×480 at 30.0/s"))
        #expect(DeviceFault.starting(choice, EBUSY, "/dev/video0").code == .cameraBusy)
        #expect(DeviceFault.starting(choice, EIO, "/dev/video0").code == .cameraFailed)
        #expect(DeviceFault.error(ENOSPC, "opening", "/dev/video0").code == .cameraFailed)
    }
}
