/// Names of controls as a configuration writes them.
enum ControlName {
    /// The driver's words in small letters with underscores, as `v4l2-ctl` prints them: `Exposure, Auto` is `exposure_auto`.
    static func normalized(_ words: String) -> String {
        words.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "_").lowercased()
    }

    /// What kernels before and after 5.15 call the same control.
    private static let renamed: [(String, String)] = [
        ("exposure_auto", "auto_exposure"),
        ("exposure_absolute", "exposure_time_absolute"),
        ("exposure_auto_priority", "exposure_dynamic_framerate"),
        ("white_balance_temperature_auto", "white_balance_automatic"),
        ("focus_auto", "focus_automatic_continuous"),
    ]

    /// The control that `name` means, by either of its names.
    static func find(_ name: String, in controls: [CameraControl]) -> CameraControl? {
        let name = normalized(name)
        let other = renamed.compactMap { $0.0 == name ? $0.1 : $0.1 == name ? $0.0 : nil }.first
        return controls.first { $0.name == name } ?? controls.first { $0.name == other }
    }

    /// Whether it says who decides about another control: a manual value is refused while its automatic is on.
    static func isAutomatic(_ name: String) -> Bool { name.contains("auto") || name.contains("dynamic") }
}
