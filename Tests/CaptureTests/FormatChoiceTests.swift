import EdgeCore
import Testing

@testable import Capture

@Suite("Choice of a camera's format")
struct FormatChoiceTests {
    private func sizes(_ list: [(Int, Int)], rates: [Int] = [30, 15]) -> [CameraSize] {
        list.map { size in
            CameraSize(
                width: size.0, height: size.1, intervals: rates.map { FrameInterval(numerator: 1, denominator: $0) })
        }
    }

    private func offer(_ code: String, _ sizes: [CameraSize], isEmulated: Bool = false) -> CameraFormat {
        CameraFormat(code: code, description: code, isCompressed: code == "MJPG", isEmulated: isEmulated, sizes: sizes)
    }

    private func wish(
        _ width: Int = 640, _ height: Int = 480, rate: Int? = 30,
        preference: [String] = ["MJPG", "YUYV", "NV12", "GREY"]
    ) -> FormatWish { FormatWish(width: width, height: height, framesPerSecond: rate, preference: preference) }

    private let vga = [(320, 240), (640, 480), (1280, 720)]

    @Test(
        "takes the first of the preferred formats that the camera offers itself",
        arguments: [
            (["YUYV", "MJPG"], "MJPG"), (["YUYV"], "YUYV"), (["GREY", "NV12"], "NV12"), (["RGB3", "GREY"], "GREY"),
        ])
    func preference(offered: [String], chosen: String) throws {
        let choice = try FormatChoice(wish(), from: offered.map { offer($0, sizes(vga)) })
        #expect(choice.format.description == chosen)
        #expect(choice.why.contains(chosen))
    }

    @Test(
        "takes the nearest size",
        arguments: [
            ((640, 480), (640, 480)), ((600, 400), (640, 480)), ((1, 1), (320, 240)), ((4000, 3000), (1280, 720)),
        ])
    func size(wished: (Int, Int), expected: (Int, Int)) throws {
        let choice = try FormatChoice(wish(wished.0, wished.1), from: [offer("MJPG", sizes(vga))])
        #expect(choice.width == expected.0 && choice.height == expected.1)
        #expect(choice.why.contains(wished == expected ? "as asked" : "nearest"))
    }

    @Test(
        "fits a size into the steps of a range",
        arguments: [
            ((640, 480), (640, 480)), ((645, 483), (648, 484)), ((9, 9), (16, 16)), ((9999, 9999), (1920, 1080)),
        ])
    func range(wished: (Int, Int), expected: (Int, Int)) throws {
        let range = CameraSize(
            width: 16, height: 16,
            range: .init(maximumWidth: 1920, maximumHeight: 1080, widthStep: 8, heightStep: 4), intervals: [])
        let choice = try FormatChoice(wish(wished.0, wished.1), from: [offer("YUYV", [range])])
        #expect(choice.width == expected.0 && choice.height == expected.1)
        #expect(choice.interval == nil)
    }

    @Test("never leaves a range whose end is no step", arguments: [1, 17, 63, 64, 100])
    func rangeEnd(wished: Int) {
        let range = CameraSize(
            width: 16, height: 16, range: .init(maximumWidth: 62, maximumHeight: 62, widthStep: 16, heightStep: 0),
            intervals: [])
        let fitted = range.nearest(wish(wished, wished))
        #expect((16...62).contains(fitted.width) && fitted.width % 16 == 0)
        #expect((16...62).contains(fitted.height))
    }

    @Test(
        "takes the slowest rate that is fast enough, else the fastest",
        arguments: [(30, 30.0), (20, 25), (5, 10), (60, 30), (10, 10)])
    func rate(wished: Int, expected: Double) throws {
        let choice = try FormatChoice(wish(rate: wished), from: [offer("MJPG", sizes(vga, rates: [10, 30, 25]))])
        #expect(choice.interval?.framesPerSecond == expected)
    }

    @Test("takes 29.97 for 30, any rate of a range, and none when none is wished")
    func rates() throws {
        var ntsc = CameraSize(width: 640, height: 480, intervals: [FrameInterval(numerator: 1001, denominator: 30_000)])
        #expect(ntsc.interval(for: 30)?.numerator == 1001)
        ntsc.intervals = [FrameInterval(numerator: 1, denominator: 60), FrameInterval(numerator: 1, denominator: 1)]
        ntsc.isEveryIntervalPossible = true
        #expect(ntsc.interval(for: 24) == FrameInterval(numerator: 1, denominator: 24))
        #expect(ntsc.interval(for: 200)?.framesPerSecond == 60)
        #expect(ntsc.interval(for: nil) == nil)
        ntsc.intervals = [FrameInterval(numerator: 0, denominator: 30)]
        #expect(ntsc.interval(for: 30) == nil)
    }

    @Test("falls back to what libv4l2 converts, and only then")
    func emulated() throws {
        let offers = [
            offer("pRAA", []), offer("BGR3", sizes(vga), isEmulated: true), offer("YUYV", sizes(vga), isEmulated: true),
        ]
        let choice = try FormatChoice(wish(), from: offers)
        #expect(choice.encoding == .bgr && choice.why.contains("pRAA"))
        let native = try FormatChoice(wish(), from: offers + [offer("GREY", sizes(vga))])
        #expect(native.encoding == .grey)
    }

    @Test("asks for the wished size where the driver lists none")
    func noSizes() throws {
        let choice = try FormatChoice(wish(), from: [offer("MJPG", [])])
        #expect(choice.width == 640 && choice.height == 480 && choice.interval == nil)
    }

    @Test("refuses a camera without a readable format and says what it offers")
    func nothingReadable() {
        let error = #expect(throws: EdgeError.self) {
            try FormatChoice(wish(), from: [offer("H264", []), offer("YU12", [])])
        }
        #expect(error?.code == .cameraFormat && error?.detail.contains("H264, YU12") == true)
        #expect(throws: EdgeError.self) { try FormatChoice(wish(), from: []) }
    }

    @Test("writes format codes as the kernel does")
    func fourCC() {
        #expect(FourCC("MJPG")?.code == 0x4750_4A4D)
        #expect(FourCC("Y16")?.description == "Y16")
        #expect(FourCC("") == nil && FourCC("TOOLONG") == nil)
    }
}

@Suite("Names of controls")
struct ControlNameTests {
    private func control(_ name: String) -> CameraControl {
        CameraControl(
            name: name, id: 1, kind: .integer, minimum: 0, maximum: 1, step: 1, defaultValue: 0, value: 0,
            isInactive: false, isReadOnly: false, choices: [:])
    }

    @Test(
        "are the driver's words in small letters",
        arguments: [
            ("Brightness", "brightness"), ("Exposure, Auto", "exposure_auto"),
            ("White Balance Temperature, Auto", "white_balance_temperature_auto"),
            ("Exposure (Absolute)", "exposure_absolute"),
        ])
    func normalized(words: String, name: String) { #expect(ControlName.normalized(words) == name) }

    @Test("may be the old or the new name of the same control")
    func renamed() {
        let controls = [control("auto_exposure"), control("gain")]
        #expect(ControlName.find("exposure_auto", in: controls)?.name == "auto_exposure")
        #expect(ControlName.find("auto_exposure", in: controls)?.name == "auto_exposure")
        #expect(ControlName.find("Gain", in: controls)?.name == "gain")
        #expect(ControlName.find("zoom", in: controls) == nil)
    }
}
