import EdgeCore
import EdgeTesting
import Logging
import Testing

@testable import Capture

/// Controls as cameras have them.
private enum Desk {
    static func control(
        _ name: String, _ range: ClosedRange<Int>, kind: CameraControl.Kind = .integer, standard: Int = 0,
        choices: [Int: String] = [:], isInactive: Bool = false, isReadOnly: Bool = false
    ) -> CameraControl {
        CameraControl(
            name: name, id: UInt32(truncatingIfNeeded: name.utf8.reduce(7) { ($0 &* 31) &+ Int($1) }), kind: kind,
            minimum: range.lowerBound, maximum: range.upperBound, step: 1, defaultValue: standard, value: standard,
            isInactive: isInactive, isReadOnly: isReadOnly, choices: choices)
    }

    /// A webcam behind a driver of today.
    static let webcam = [
        control("brightness", -64...64), control("gain", 0...100),
        control(
            "power_line_frequency", 0...2, kind: .menu, standard: 1, choices: [0: "Disabled", 1: "50 Hz", 2: "60 Hz"]),
        control("white_balance_automatic", 0...1, kind: .boolean, standard: 1),
        control("white_balance_temperature", 2800...6500, isInactive: true),
        control("backlight_compensation", 0...2),
        control(
            "auto_exposure", 0...3, kind: .menu, standard: 3, choices: [1: "Manual Mode", 3: "Aperture Priority Mode"]),
        control("exposure_time_absolute", 3...2047, standard: 250, isInactive: true),
        control("serial", 0...9, isReadOnly: true),
    ]

    /// What is set, in order, as a technician would write it.
    static func steps(_ wishes: [String: ControlValue], _ controls: [CameraControl] = webcam) -> [String] {
        ControlPlan(wishes, for: controls).steps.map { "\($0.control.name) = \($0.value)" }
    }

    static func problems(_ wishes: [String: ControlValue], _ controls: [CameraControl] = webcam) -> [String] {
        ControlPlan(wishes, for: controls).problems.map { "\($0.code.rawValue): \($0.detail)" }
    }
}

@Suite("What is set of a camera's controls")
struct ControlPlanTests {
    @Test("an automatic is off before the value that it would overrule")
    func order() {
        let steps = Desk.steps(["exposure": "10ms", "white_balance": 4600, "gain": 40])
        #expect(
            steps == [
                "auto_exposure = 1", "white_balance_automatic = 0", "exposure_time_absolute = 100", "gain = 40",
                "white_balance_temperature = 4600",
            ])
        let raw = Desk.steps(["exposure_absolute": 100, "exposure_auto": 1, "brightness": 3])
        #expect(raw == ["auto_exposure = 1", "brightness = 3", "exposure_time_absolute = 100"])
    }

    @Test(
        "an exposure is a duration, or a number of 100 us",
        arguments: [("10ms", 100), ("2ms", 20), ("500us", 5), ("320us", 3), (250, 250)] as [(ControlValue, Int)])
    func exposure(value: ControlValue, hundreds: Int) {
        #expect(
            Desk.steps(["exposure": value]) == ["auto_exposure = 1", "exposure_time_absolute = \(hundreds)"])
    }

    @Test("auto leaves the value to the camera, by the automatic that this camera has")
    func automatic() {
        #expect(
            Desk.steps(["exposure": "auto", "white_balance": "auto"]) == [
                "auto_exposure = 3", "white_balance_automatic = 1",
            ])
        let choices = [0: "Auto", 1: "Manual", 3: "Aperture"]
        let both = [Desk.control("auto_exposure", 0...3, kind: .menu, choices: choices)]
        #expect(Desk.steps(["exposure": "auto"], both) == ["auto_exposure = 0"])
        #expect(Desk.problems(["gain": "auto"]).first?.hasPrefix("capture.control.unknown: ") == true)
    }

    @Test("the mains' frequency is written in hertz, and choices of menus by their names")
    func menus() {
        #expect(Desk.steps(["power_line": 60]) == ["power_line_frequency = 2"])
        #expect(Desk.steps(["power_line": "off"]) == ["power_line_frequency = 0"])
        #expect(Desk.steps(["auto_exposure": "Aperture Priority Mode"]) == ["auto_exposure = 3"])
        let problems = Desk.problems(["power_line": "auto"])
        #expect(
            problems == [
                "capture.control.refused: power_line_frequency = 3: it takes 0 (Disabled), 1 (50 Hz), 2 (60 Hz)."
            ])
    }

    @Test("a control that the camera lacks is named, and the others are set all the same")
    func unknown() {
        #expect(Desk.problems(["warp_drive": 1]) == ["capture.control.unknown: It has no control warp_drive."])
        #expect(
            Desk.problems(["focus": 3]) == [
                "capture.control.unknown: It has no control focus_absolute, which focus needs."
            ])
        #expect(Desk.steps(["warp_drive": 1, "focus": 3, "backlight": 1]) == ["backlight_compensation = 1"])
    }

    @Test("what is out of range is named with the range, and its automatic stays on")
    func range() {
        let wishes: [String: ControlValue] = ["exposure": "1s", "brightness": 65, "serial": 1, "gain": 0]
        #expect(Desk.steps(wishes) == ["gain = 0"])
        #expect(
            Desk.problems(wishes) == [
                "capture.control.refused: exposure_time_absolute = 10000: it takes 3 to 2047.",
                "capture.control.refused: brightness = 65: it takes -64 to 64.",
                "capture.control.refused: serial = 1: it takes nothing, it is only to be read.",
            ])
    }

    @Test("what an automatic still holds after all was set is named")
    func withoutEffect() {
        let alone = ControlPlan(["exposure_time_absolute": 100], for: Desk.webcam)
        #expect(alone.problems.isEmpty)
        #expect(alone.withoutEffect(Desk.webcam).map(\.code) == [ErrorCode.cameraControlRefused])
        let active = Desk.webcam.map { control in
            var control = control
            control.isInactive = false
            return control
        }
        #expect(alone.withoutEffect(active).isEmpty)
    }

    @Test("a camera that counts exposure in steps of its own takes a number and no duration")
    func ownSteps() {
        let simple = [Desk.control("exposure", 0...255)]
        #expect(Desk.steps(["exposure": 80], simple) == ["exposure = 80"])
        #expect(Desk.problems(["exposure": "8ms"], simple).count == 1)
    }

    @Test("a control by its own name goes before the word for it")
    func ownName() {
        let steps = Desk.steps(["exposure": "10ms", "exposure_time_absolute": 50])
        #expect(steps == ["auto_exposure = 1", "exposure_time_absolute = 50"])
    }

    @Test("a value that no camera could take is seen without one")
    func problems() {
        let wrong: [(String, ControlValue)] = [
            ("exposure", "bright"), ("exposure", 0), ("exposure", "0ms"), ("gain", "much"), ("white_balance", "warm"),
            ("power_line", 55), ("power_line", "on"), ("backlight", "auto"), ("focus", "near"),
        ]
        for (name, value) in wrong { #expect(value.problem(as: name) != nil, "\(name) = \(value)") }
        let right: [(String, ControlValue)] = [
            ("exposure", "auto"), ("gain", "auto"), ("focus", 10), ("power_line", "auto"), ("power_line", 50),
            ("auto_exposure", "Manual Mode"), ("contrast", 7), ("White Balance", 5000),
        ]
        for (name, value) in right { #expect(value.problem(as: name) == nil, "\(name) = \(value)") }
    }
}

@Suite("Settings that a camera refuses")
struct RefusedSettingsTests {
    @Test("are conditions by their codes while it streams on, and end when they are taken")
    func conditions() {
        let health = HealthBoard()
        let sink = FrameSink(
            camera: "door", hub: CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2")),
            health: health, log: .silent, backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
        let plan = ControlPlan(["warp_drive": 1, "brightness": 99], for: Desk.webcam)
        for _ in 1...3 { sink.settingsApplied(refused: plan.problems) }
        let codes = Set(health.current.map(\.code))
        #expect(codes == ["capture.control.unknown", "capture.control.refused"])
        #expect(health.current.allSatisfy { $0.severity == .warning && $0.subject == "door" })
        sink.settingsApplied(refused: plan.problems.filter { $0.code == .cameraControl })
        #expect(health.current.map(\.code) == ["capture.control.unknown"])
        sink.settingsApplied(refused: [])
        #expect(health.current.isEmpty)
    }
}
