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
