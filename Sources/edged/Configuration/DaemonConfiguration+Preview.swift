import Capture
import EdgeCore

extension DaemonConfiguration {
    mutating func readPreview(_ section: ConfigSection) {
        preview.access = section.choice("access", default: .off)
        preview.framesPerSecond = section.integer("frames_per_second", in: 1...10) ?? preview.framesPerSecond
        section.finish()
    }

    var previewEntries: [ConfigurationEntry] {
        Self.entries([
            ("preview.access", preview.access.rawValue), ("preview.frames_per_second", "\(preview.framesPerSecond)"),
        ])
    }
}
