import Capture
import EdgeCore

extension DaemonConfiguration {
    mutating func readPreview(_ section: ConfigSection) {
        preview.access = section.choice("access", default: .off)
        preview.framesPerSecond = section.integer("frames_per_second", in: 1...10) ?? preview.framesPerSecond
        preview.drawsFace = section.flag("face_box", default: false)
        section.finish()
    }

    var previewEntries: [ConfigurationEntry] {
        Self.entries([
            ("preview.access", preview.access.rawValue), ("preview.frames_per_second", "\(preview.framesPerSecond)"),
            ("preview.face_box", "\(preview.drawsFace)"),
        ])
    }
}
