import Capture
import EdgeCore
import Testing

@testable import edged

@Suite("Who may look through the cameras, in the configuration")
struct PreviewConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    @Test("nobody where nothing is said")
    func defaults() throws {
        #expect(try read("").preview == PreviewRules())
        #expect(PreviewRules().access == .off)
        #expect(try read("").entries.first { $0.key == "preview.access" }?.value == "off")
    }

    @Test("who, and how many pictures a second", arguments: PreviewAccess.allCases)
    func keys(access: PreviewAccess) throws {
        let preview = try read("[preview]\naccess = \"\(access.rawValue)\"\nframes_per_second = 2").preview
        #expect(preview.access == access && preview.framesPerSecond == 2)
    }

    @Test("a box around the face where that is written")
    func faceBox() throws {
        #expect(!PreviewRules().drawsFace)
        let read = try read("[preview]\nface_box = true")
        #expect(read.preview.drawsFace && read.preview.access == .off)
        #expect(read.entries.first { $0.key == "preview.face_box" }?.value == "true")
    }

    @Test(
        "anything else is refused",
        arguments: [
            "access = \"on\"", "access = true", "frames_per_second = 0", "frames_per_second = 11", "face_box = 1",
        ])
    func refused(line: String) {
        let error = #expect(throws: EdgeError.self) { try read("[preview]\n\(line)") }
        #expect(error?.code == .configurationInvalid)
    }

    @Test("central cannot switch it on: that is the device's own to say")
    func notOfCentral() {
        for key in ["preview.access", "preview.frames_per_second", "preview.face_box"] {
            #expect(ConfigCatalogue.key(key)?.effect == .restart)
        }
    }
}
