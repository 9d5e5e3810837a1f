import EdgeCore

extension DaemonConfiguration {
    /// What is kept of a face besides its templates.
    struct Templates: Equatable, Sendable {
        /// Whether the aligned face of each template is kept, sealed, so that another model can be switched to.
        var keepsCrops = false
    }

    mutating func readTemplates(_ section: ConfigSection) {
        templates.keepsCrops = section.flag("keep_crops", default: false)
        section.finish()
    }

    var templateEntries: [ConfigurationEntry] { Self.entries([("templates.keep_crops", "\(templates.keepsCrops)")]) }
}
