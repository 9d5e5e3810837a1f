import Capture

extension CameraDescription {
    /// What a technician reads about a device.
    var summary: String {
        var lines = ["\(path): \(card) [\(driver), \(bus)]\(isCamera ? "" : ", not a camera")"]
        if let problem { lines.append("    \(problem)") }
        lines += links.map { "    \($0)" }
        if isCamera { lines += selectors.map { "    \($0)" } }
        lines += formats.map { format in
            let sizes = format.sizes.map(\.text).joined(separator: " ")
            return "    \(format.code)\(format.isEmulated ? " (converted)" : ""): \(sizes)"
        }
        let controls = controls.map { "\($0.name) \($0.minimum)..\($0.maximum)" }
        if !controls.isEmpty { lines.append("    controls: \(controls.joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }
}

extension CameraSize {
    fileprivate var text: String {
        let rates = intervals.map { String(Int($0.framesPerSecond.rounded())) }.joined(separator: ",")
        let upTo = range.map { "-\($0.maximumWidth)x\($0.maximumHeight)" } ?? ""
        return "\(width)x\(height)\(upTo)\(rates.isEmpty ? "" : "@\(rates)")"
    }
}
