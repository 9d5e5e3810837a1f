import Capture
import EdgeCore

extension DaemonConfiguration {
    mutating func readPreview(_ section: ConfigSection) {
        preview.access = section.choice("access", default: .off)
        preview.framesPerSecond = section.integer("frames_per_second", in: 1...10) ?? preview.framesPerSecond
        preview.drawsFace = section.flag("face_box", default: false)
        section.finish()
    }

    mutating func readDecoder(_ section: ConfigSection, _ paths: PathResolver) {
        decoder.isolation = section.choice("isolation", default: .off)
        decoder.socket = section.text("socket").map(paths.absolute) ?? decoder.socket
        if decoder.socket.utf8.count > ControlSocketPath.longest {
            section.problem("socket", "must be at most \(ControlSocketPath.longest) bytes long as an absolute path")
        }
        section.finish()
    }

    var decoderEntries: [ConfigurationEntry] {
        Self.entries([("decoder.isolation", decoder.isolation.rawValue), ("decoder.socket", decoder.socket)])
    }

    var previewEntries: [ConfigurationEntry] {
        Self.entries([
            ("preview.access", preview.access.rawValue), ("preview.frames_per_second", "\(preview.framesPerSecond)"),
            ("preview.face_box", "\(preview.drawsFace)"),
        ])
    }
}
