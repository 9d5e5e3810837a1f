import Capture
import EdgeCore

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

extension CameraExplanation {
    /// What a technician reads about a configured camera.
    var summary: String {
        let meant = path.map { $0 == device ? device : "\(device) is \($0)" } ?? device
        let lines = [
            "\(name): \(meant)\(card.map { " (\($0))" } ?? "")\(isPinned ? ", pinned" : "")",
            format.map { "    \($0) \(width ?? 0)x\(height ?? 0)" }, why.map { "    \($0)" },
            problem.map { "    \($0) [\(code ?? "")]" }, remedy.map { "    \($0)" },
        ]
        return (lines.compactMap(\.self) + refusedSettings.map { "    \($0)" }).joined(separator: "\n")
    }

    /// What a technician reads about what can be set.
    var controlsSummary: String {
        let lines = controls.map { "    \($0.summary)" } + [noControls, problem].compactMap(\.self).map { "    \($0)" }
        return (["\(name): \(path ?? device)"] + lines + refusedSettings.map { "    \($0)" }).joined(separator: "\n")
    }
}

extension CameraControl {
    /// One line about it.
    fileprivate var summary: String {
        let now = value.map { ", now \($0)" } ?? ""
        return "\(name): \(range); at the start \(defaultValue)\(now)\(isInactive ? ", an automatic decides" : "")"
    }
}

extension CameraTrial {
    /// What a technician reads about a trial.
    var summary: String {
        func text(_ value: Double?) -> String { value.map { "\($0) ms" } ?? "-" }
        let picture = "\(status.format) \(status.width)x\(status.height)"
        let lines =
            [
                "\(status.name): \(frames) pictures\(status.format.isEmpty ? "" : " (\(picture))"), \(framesPerSecond)/s",
                "    first after \(text(firstFrameMs)); age \(text(ageMedianMs)), 99 of 100 below \(text(ageP99Ms))",
                "    dropped \(status.dropped), broken \(status.broken), frozen \(status.frozen), recoveries \(status.recoveries)",
            ] + conditions.flatMap { ["    \($0.title) [\($0.code)]", "    \($0.remedy)"] }
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
