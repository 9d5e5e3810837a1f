import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Capture

@Suite("Trying a camera")
struct CameraTrialTests {
    @Test("counts pictures, their rate and their age, and shows each to the one who keeps them")
    func figures() {
        let start = FrameClock().now
        let times = (1...11).map { start.advanced(by: .milliseconds(100 * $0)) }
        let trial = CameraTrial(
            status: CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2"), times: times,
            ages: (0...10).map(Double.init), start: start, conditions: [])
        #expect(trial.frames == 11 && trial.framesPerSecond == 10)
        #expect(trial.firstFrameMs == 100 && trial.ageMedianMs == 5 && trial.ageP99Ms == 10)
    }

    @Test("a camera that is not there gives no picture, and its condition is in the result")
    func missing() async throws {
        let configuration = CameraConfiguration(name: "door", source: .device("usb:ffff:ffff"))
        let trial = try await CameraTrial.run(configuration, for: .milliseconds(200), log: .silent)
        #expect(trial.frames == 0 && trial.framesPerSecond == 0 && trial.firstFrameMs == nil)
        #expect(trial.status.fault == "capture.device.missing")
        #expect(trial.conditions.map(\.code) == ["capture.device.missing"])
    }

    @Test("explains why a camera cannot be opened, with a remedy, and that footage needs no choice")
    func explanation() {
        let missing = CameraExplanation(of: CameraConfiguration(name: "door", source: .device("driver:none")))
        #expect(missing.code == "capture.device.missing" && missing.path == nil)
        #expect(missing.remedy?.isEmpty == false)
        let file = CameraExplanation(of: CameraConfiguration(name: "door", source: .device("/dev/null")))
        #expect(file.code == "capture.device.not_a_camera" && file.path == "/dev/null")
        let footage = CameraExplanation(of: CameraConfiguration(name: "door", source: .replay("/footage")))
        #expect(footage.problem == nil && footage.why != nil)
    }

    @Test("says that a replay has no controls, which is a fault only where some are set")
    func replayControls() {
        var footage = CameraConfiguration(name: "door", source: .replay("/footage"))
        let plain = CameraExplanation(of: footage)
        #expect(plain.noControls == "a replay has no controls" && plain.code == nil && plain.controls.isEmpty)
        #expect(plain.refusedSettings.isEmpty)
        footage.controls = ["gain": .number(40), "exposure": .word("auto")]
        #expect(CameraExplanation(of: footage).refusedSettings == ["A replay has no controls: exposure, gain."])
        let missing = CameraExplanation(of: CameraConfiguration(name: "door", source: .device("driver:none")))
        #expect(missing.noControls == nil)
    }
}
