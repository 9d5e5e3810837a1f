import EdgeCore
import Foundation
import Testing

@testable import Capture

/// A camera whose picture gets as bright as light, exposure and gain make it.
private final class LitCamera {
    private(set) var controls: [CameraControl]
    /// What falls on the face: 1 is right for an exposure of 10 ms without gain.
    var light = 1.0
    /// How its picture follows light: most cameras' does as a root of it, an infrared one's may as it is.
    var curve = 1 / 2.2
    private(set) var sets = 0

    init(_ controls: [CameraControl] = LitCamera.webcam) { self.controls = controls }

    static let webcam = [
        control(
            "auto_exposure", 0...3, kind: .menu, value: 3, choices: [1: "Manual Mode", 3: "Aperture Priority Mode"]),
        control("exposure_time_absolute", 3...2047, value: 100), control("gain", 0...100, value: 0),
        control("brightness", -64...64, value: 0),
    ]

    static func control(
        _ name: String, _ range: ClosedRange<Int>, kind: CameraControl.Kind = .integer, value: Int,
        choices: [Int: String] = [:]
    ) -> CameraControl {
        CameraControl(
            name: name, id: UInt32(truncatingIfNeeded: name.utf8.reduce(7) { ($0 &* 31) &+ Int($1) }), kind: kind,
            minimum: range.lowerBound, maximum: range.upperBound, step: 1, defaultValue: value, value: value,
            isInactive: false, isReadOnly: false, choices: choices)
    }

    func value(_ name: String) -> Int? { controls.first { $0.name == name }?.value }

    func set(_ steps: [ControlPlan.Step]) {
        sets += steps.count
        for step in steps {
            guard let index = controls.firstIndex(where: { $0.id == step.control.id }) else { continue }
            controls[index].value = step.value
        }
    }

    /// How bright the face is.
    var luma: Double {
        let exposure = Double(value("exposure_time_absolute") ?? 100) / 100
        let gain = exp2(Double(value("gain") ?? 0) / 20)
        return min(115 * pow(light * exposure * gain, curve), 255)
    }
}

@Suite("The light on a face")
struct FaceLightTests {
    private static let start = FrameClock().now
    private let rule = FaceLightRule()

    private func at(_ milliseconds: Int) -> FrameClock.Instant {
        Self.start.advanced(by: .milliseconds(milliseconds))
    }

    private func follower(
        _ camera: LitCamera, _ rule: FaceLightRule? = nil, configured: [String: ControlValue] = [:]
    ) -> FaceLight? {
        let plan = ControlPlan(configured, for: camera.controls)
        camera.set(plan.steps)
        return FaceLight(rule ?? self.rule, after: plan, for: camera.controls)
    }

    /// Shows a face thirty times a second; the time after the last picture.
    private func show(
        _ light: inout FaceLight, _ camera: LitCamera, from begin: Int = 0, pictures: Int
    ) -> Int {
        for picture in 0..<pictures {
            let now = at(begin + 33 * picture)
            let steps = light.saw(FaceBrightness(luma: camera.luma, takenAt: now), at: now) { control in
                camera.controls.first { $0.id == control.id }?.value
            }
            camera.set(steps)
        }
        return begin + 33 * pictures
    }

    @Test("is left to the camera while it is good enough", arguments: [0.45, 1, 1.8])
    func automatic(amount: Double) throws {
        let camera = LitCamera()
        var light = try #require(follower(camera))
        camera.light = amount
        _ = show(&light, camera, pictures: 300)
        #expect(camera.sets == 0 && !light.isHolding)
    }

    @Test(
        "is brought to what is wanted within a few seconds, from dark and from bright", arguments: [0.05, 0.2, 4, 5],
        [1 / 2.2, 1])
    func converges(amount: Double, curve: Double) throws {
        let camera = LitCamera()
        camera.curve = curve
        var light = try #require(follower(camera))
        camera.light = amount
        _ = show(&light, camera, pictures: 120)
        #expect(abs(camera.luma - 115) <= FaceLight.deadBand, "\(camera.luma)")
        #expect(camera.value("auto_exposure") == 1)
        // And it stays: no swinging about what is right.
        let sets = camera.sets
        _ = show(&light, camera, from: 4000, pictures: 300)
        #expect(camera.sets == sets)
    }

    @Test("goes no further than the limits, and then sets nothing more")
    func limits() throws {
        var rule = FaceLightRule()
        (rule.longestExposure, rule.mostGain) = (.milliseconds(20), 30)
        let camera = LitCamera()
        var light = try #require(follower(camera, rule))
        camera.light = 0.001
        _ = show(&light, camera, pictures: 600)
        #expect(camera.value("exposure_time_absolute") == 200 && camera.value("gain") == 30)
        let sets = camera.sets
        _ = show(&light, camera, from: 30_000, pictures: 100)
        #expect(camera.sets == sets)
        camera.light = 100
        _ = show(&light, camera, from: 40_000, pictures: 600)
        #expect(camera.value("exposure_time_absolute") == 3 && camera.value("gain") == 0)
    }

    @Test("takes the gain back before the exposure when it gets bright again")
    func noise() throws {
        let camera = LitCamera()
        var light = try #require(follower(camera))
        camera.light = 0.05
        let then = show(&light, camera, pictures: 200)
        let gain = try #require(camera.value("gain"))
        #expect(gain > 0 && camera.value("exposure_time_absolute") == 330)
        camera.light = 0.2
        let later = show(&light, camera, from: then, pictures: 200)
        #expect(camera.value("gain").map { $0 < gain } == true && camera.value("exposure_time_absolute") == 330)
        camera.light = 3
        _ = show(&light, camera, from: later, pictures: 200)
        #expect(camera.value("gain") == 0 && camera.value("exposure_time_absolute").map { $0 < 100 } == true)
        #expect(abs(camera.luma - 115) <= FaceLight.deadBand)
    }

    @Test("is set three times a second at most, by pictures that show what was set before")
    func rate() throws {
        let camera = LitCamera()
        var light = try #require(follower(camera))
        camera.light = 0.0001
        var moments: [Int] = []
        for picture in 0..<60 {
            let now = at(33 * picture)
            // The picture is from before the last step: it was long on its way.
            let face = FaceBrightness(luma: 10, takenAt: at(33 * picture - 100))
            if !light.saw(face, at: now, value: { _ in nil }).isEmpty { moments.append(33 * picture) }
        }
        #expect(moments.count >= 3)
        #expect(zip(moments, moments.dropFirst()).allSatisfy { $1 - $0 >= 400 }, "\(moments)")
    }

    @Test("is the camera's again some seconds after the last face, once")
    func handBack() throws {
        let camera = LitCamera()
        var light = try #require(follower(camera))
        camera.light = 0.2
        let last = show(&light, camera, pictures: 60) - 33
        #expect(light.overdue(at: at(last + 4900)).isEmpty && light.isHolding)
        let steps = light.overdue(at: at(last + 5000))
        #expect(steps.map(\.control.name) == ["auto_exposure", "gain"] && steps.map(\.value) == [3, 0])
        #expect(!light.isHolding && light.overdue(at: at(last + 9000)).isEmpty && light.handBack().isEmpty)
    }

    @Test("leaves alone what the configuration sets, under whatever name")
    func configured() throws {
        let fixed: [[String: ControlValue]] = [
            ["exposure": "10ms"], ["exposure_time_absolute": 100, "auto_exposure": 1], ["auto_exposure": 1],
        ]
        for settings in fixed {
            let camera = LitCamera()
            var light = try #require(follower(camera, configured: settings))
            camera.light = 0.1
            _ = show(&light, camera, pictures: 300)
            #expect(camera.value("exposure_time_absolute") == 100 && camera.value("auto_exposure") == 1)
            #expect(camera.value("gain").map { $0 > 0 } == true)
            #expect(light.beginning.isEmpty)
            #expect(light.handBack().map(\.control.name) == ["gain"])
        }
        #expect(follower(LitCamera(), configured: ["exposure": "10ms", "gain": 5]) == nil)
        let automatic = try #require(follower(LitCamera(), configured: ["exposure": "auto"]))
        #expect(automatic.beginning.map(\.value) == [3])
    }

    @Test("is nobody's where a camera has nothing to set, or nothing within the limits")
    func without() {
        var rule = FaceLightRule()
        rule.longestExposure = .microseconds(200)
        let brightness = LitCamera([LitCamera.control("brightness", -64...64, value: 0)])
        #expect(follower(brightness) == nil)
        let slow = LitCamera([LitCamera.control("exposure_time_absolute", 3...2047, value: 100)])
        #expect(follower(slow, rule) == nil && follower(slow) != nil)
    }

    @Test("is given up where a camera does not take what is set")
    func refused() throws {
        let camera = LitCamera()
        var light = try #require(follower(camera))
        camera.light = 0.1
        let then = show(&light, camera, pictures: 1)
        light.giveUp()
        let sets = camera.sets
        _ = show(&light, camera, from: then, pictures: 200)
        #expect(camera.sets == sets && !light.isHolding)
    }
}

@Suite("Faces that a camera is told of")
struct NotedFaceTests {
    @Test("are kept until the camera looks, the newest of them, once")
    func newest() {
        let hub = CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2"))
        #expect(hub.takeFace() == nil)
        let faces = (1...3).map { FaceBrightness(luma: Double($0), takenAt: FrameClock().now) }
        for face in faces { hub.note(face) }
        #expect(hub.takeFace() == faces.last && hub.takeFace() == nil)
    }

    @Test("a camera that has nothing to set has one condition, however often it is opened")
    func condition() {
        let health = HealthBoard()
        let sink = FrameSink(
            camera: "door", hub: CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2")),
            health: health, log: .silent, backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
        for _ in 1...3 { sink.settingsApplied(refused: [EdgeError(.cameraControl, "It has no exposure.")]) }
        #expect(health.current.map(\.code) == ["capture.control.unknown"])
        sink.settingRefused(EdgeError(.cameraControlRefused, "gain = 9 was refused."))
        #expect(Set(health.current.map(\.code)) == ["capture.control.unknown", "capture.control.refused"])
    }
}
