import EdgeCore
import Recognition
import Store
import Testing

@testable import edged

@Suite("What is kept of a face")
struct TemplatesConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    @Test("no crops where nothing is said; sessions and store hear the same")
    func keepsCrops() throws {
        for (text, isKept) in [("", false), ("[templates]\nkeep_crops = true", true), ("[templates]", false)] {
            let configuration = try read(text)
            #expect(configuration.forSessions.keepsCrops == isKept)
            #expect(configuration.forStore.keepsCrops == isKept)
            #expect(configuration.entries.first { $0.key == "templates.keep_crops" }?.value == "\(isKept)")
        }
        #expect(throws: EdgeError.self) { try read("[templates]\nkeep_crop = true") }
        #expect(throws: EdgeError.self) { try read("[templates]\nkeep_crops = 1") }
    }
}
