import Capture
import EdgeCore
import Testing

@testable import edged

@Suite("Settings of cameras in the configuration")
struct CameraSettingsTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch let error as EdgeError {
            return error.detail.split(separator: "\n").map(String.init)
        } catch {
            return ["\(error)"]
        }
    }

    private static let door = "[[cameras]]\nname = \"door\"\ndevice = \"/dev/video0\"\n"

    @Test("are numbers, words, true and false, in a table of their own or in one line")
    func forms() throws {
        let inline = try read(Self.door + "controls = { exposure = \"10ms\", power_line = 50, hdr = true }")
        let table = try read(
            Self.door + "[cameras.controls]\nexposure = \"10ms\"\npower_line = 50\nhdr = true")
        let wanted: [String: ControlValue] = ["exposure": "10ms", "power_line": 50, "hdr": 1]
        #expect(inline.cameras[0].controls == wanted)
        #expect(table.cameras[0].controls == wanted)
        let row = inline.entries.first { $0.key == "cameras.door.controls" }
        #expect(row?.value == "exposure = \"10ms\", hdr = 1, power_line = 50")
    }

    @Test("come from the profile too, and a camera's own go before it")
    func profile() throws {
        let configuration = try read(
            Self.door + """
                profile = "dusk"
                controls = { gain = 5 }
                [[camera_profiles]]
                name = "dusk"
                controls = { gain = 40, exposure = "auto" }
                """)
        let wanted: [String: ControlValue] = ["gain": 5, "exposure": "auto"]
        #expect(configuration.cameras[0].forCapture.controls == wanted)
        let keys = configuration.entries.map(\.key)
        #expect(keys.contains("cameras.door.profile") && keys.contains("camera_profiles.dusk.controls"))
    }

    @Test("say what a camera does while nobody reads it; without a word it streams on")
    func idle() throws {
        let standard = try read(Self.door).cameras[0].forCapture
        #expect(standard.idle == .stream && standard.idleAfter == .seconds(30) && standard.faceLight == nil)
        let slow = try read(Self.door + "idle = \"slow\"\nidle_after = \"2m\"\nidle_fps = 4")
        #expect(slow.cameras[0].forCapture.idle == .slow(framesPerSecond: 4))
        #expect(slow.cameras[0].forCapture.idleAfter == .seconds(120))
        let released = try read(Self.door + "idle = \"release\"")
        #expect(released.cameras[0].forCapture.idle == .release)
        let rows = Dictionary(uniqueKeysWithValues: slow.entries.map { ($0.key, $0.value) })
        #expect(rows["cameras.door.idle"] == "slow" && rows["cameras.door.idle_after"] == "120s")
        #expect(rows["cameras.door.idle_fps"] == "4" && rows["cameras.door.face_exposure"] == "false")
    }

    @Test("say how far exposure and gain may follow faces")
    func faceExposure() throws {
        let configuration = try read(
            Self.door + """
                face_exposure = true
                face_brightness = 130
                face_exposure_max = "20ms"
                face_gain_max = 64
                """)
        var wanted = FaceLightRule()
        (wanted.brightness, wanted.longestExposure, wanted.mostGain) = (130, .milliseconds(20), 64)
        #expect(configuration.cameras[0].forCapture.faceLight == wanted)
        let rows = Dictionary(uniqueKeysWithValues: configuration.entries.map { ($0.key, $0.value) })
        #expect(rows["cameras.door.face_exposure_max"] == "20ms" && rows["cameras.door.face_gain_max"] == "64")
        #expect(try read(Self.door + "face_exposure = true").cameras[0].forCapture.faceLight == FaceLightRule())
    }

    @Test("of rest and exposure that make no sense are told with their line")
    func senseless() {
        let found = problems(
            Self.door + """
                idle = "sleep"
                idle_after = "1s"
                idle_fps = 25
                face_exposure = "auto"
                face_brightness = 255
                face_exposure_max = "0ms"
                face_gain_max = 0
                """)
        #expect(found.count == 7, "\(found)")
        for (line, key) in [
            (4, "idle"), (5, "idle_after"), (6, "idle_fps"), (7, "face_exposure"), (8, "face_brightness"),
            (9, "face_exposure_max"), (10, "face_gain_max"),
        ] {
            #expect(found.contains { $0.hasPrefix("edged.toml:\(line): cameras[0].\(key):") }, "\(key) of \(found)")
        }
    }

    @Test("that no camera could take are told with their line")
    func wrong() {
        let found = problems(
            Self.door + """
                profile = "dawn"
                [cameras.controls]
                exposure = "bright"
                gain = 1.5
                [[camera_profiles]]
                controls = { power_line = 55 }
                """)
        #expect(found.count == 5, "\(found)")
        for key in [
            "edged.toml:4: cameras[0].profile:", "edged.toml:6: cameras[0].controls.exposure:",
            "edged.toml:7: cameras[0].controls.gain:", "edged.toml:8: camera_profiles[0].name:",
            "edged.toml:9: camera_profiles[0].controls.power_line:",
        ] {
            #expect(found.contains { $0.hasPrefix(key) }, "\(key) of \(found)")
        }
    }
}
