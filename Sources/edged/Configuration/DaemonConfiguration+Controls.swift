import Capture
import EdgeCore

extension DaemonConfiguration {
    static func readProfiles(_ sections: [ConfigSection]) -> [CameraProfile] {
        var names: Set<String> = []
        return sections.compactMap { section in
            defer { section.finish() }
            let name = section.text("name")
            let controls = readControls(section)
            guard let name else {
                section.problem("name", "give the profile a name")
                return nil
            }
            if !names.insert(name).inserted { section.problem("name", "\"\(name)\" is used twice") }
            return CameraProfile(name: name, controls: controls)
        }
    }

    /// The profile that a camera refers to.
    static func readProfile(_ section: ConfigSection, _ profiles: [CameraProfile]) -> CameraProfile? {
        guard let name = section.text("profile") else { return nil }
        let profile = profiles.first { $0.name == name }
        if profile == nil { section.problem("profile", "there is no [[camera_profiles]] \"\(name)\"") }
        return profile
    }

    /// What is set of controls; whether the camera has them is seen when it is opened.
    static func readControls(_ section: ConfigSection) -> [String: ControlValue] {
        var controls: [String: ControlValue] = [:]
        for (name, written) in section.table("controls").sorted(by: { $0.key < $1.key }) {
            let value: ControlValue
            switch written {
            case .integer(let number): value = .number(number)
            case .boolean(let flag): value = .number(flag ? 1 : 0)
            case .string(let word): value = .word(word)
            case .number, .array, .table:
                section.problem("controls.\(name)", "must be a whole number or a word, not \(written.kind)")
                continue
            }
            if let problem = value.problem(as: name) { section.problem("controls.\(name)", problem) }
            controls[name] = value
        }
        return controls
    }

    static func written(_ controls: [String: ControlValue]) -> String? {
        guard !controls.isEmpty else { return nil }
        return controls.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
    }

    var profileEntries: [ConfigurationEntry] {
        Self.entries(cameraProfiles.map { ("camera_profiles.\($0.name).controls", Self.written($0.controls)) })
    }
}

extension DaemonConfiguration.Camera {
    /// What the profile sets and, before it, the camera itself.
    var settings: [String: ControlValue] { (profile?.controls ?? [:]).merging(controls) { _, own in own } }
}
