import EdgeCore
import FoundationEssentials

/// What a running daemon's own status comes to.
struct StatusExam {
    let status: DeviceStatus
    let now: Date

    /// One finding for each condition, and for each area that has none what is good about it.
    var findings: [Finding] {
        // What a central instance tells of its fleet, its own exam tells with the fix.
        let conditions = status.conditions.filter { status.central == nil || !CentralWatch.codes.contains($0.code) }
        let told = conditions.map(Self.finding)
        var found = told
        for finding in [daemon, models, keys] + cameras + fleet
        where !told.contains(where: { Self.says($0, asMuchAs: finding) }) { found.append(finding) }
        return found
    }

    /// A note is told once; that something is good, only where nothing is wrong.
    private static func says(_ condition: Finding, asMuchAs finding: Finding) -> Bool {
        guard condition.area == finding.area else { return false }
        switch finding.verdict {
        case .good: return condition.verdict != .note
        case .note: return true
        // A condition tells why; of cameras each begins with the camera's name.
        case .warning, .bad:
            let subject = finding.text.prefix { $0 != ":" }
            return condition.verdict != .note && (finding.area != .cameras || condition.text.hasPrefix(subject + ":"))
        case .unknown: return false
        }
    }

    private static func finding(_ condition: HealthCondition) -> Finding {
        let verdict: Finding.Verdict =
            switch condition.severity {
            case .info: .note
            case .warning: .warning
            case .error: .bad
            }
        let subject = condition.subject.map { "\($0): " } ?? ""
        return Finding(
            area(of: condition.code), verdict, "\(subject)\(condition.title) [\(condition.code)]",
            fix: condition.remedy)
    }

    /// By the room that the code names.
    static func area(of code: String) -> Finding.Area {
        if code.hasPrefix("store.disk") || code == "store.io" { return .disk }
        if code.contains("certificate") { return .certificate }
        if code == ErrorCode.infraredUnavailable.rawValue { return .cameras }
        switch code.prefix(while: { $0 != "." }) {
        case "capture": return .cameras
        case "sync", "outbox", "fleet": return .central
        case "vault": return .keys
        case "clock": return .clock
        case "liveness", "recognition", "model", "models": return .models
        case "configuration": return .configuration
        default: return .daemon
        }
    }

    private var daemon: Finding {
        let hours = status.uptimeSeconds / 3600
        return Finding(
            .daemon, .good,
            "edged \(status.version) runs for \(hours) h with \(status.people) people at \(status.address).")
    }

    private var cameras: [Finding] {
        guard !status.cameras.isEmpty else {
            return [Finding(.cameras, .note, "No camera is configured; pictures come from callers of the API alone.")]
        }
        return status.cameras.map { camera in
            if camera.pace == .released {
                return Finding(.cameras, .good, "\(camera.name): released until somebody reads it.")
            }
            guard camera.isStreaming else {
                return Finding(
                    .cameras, .bad, "\(camera.name): \(camera.fault ?? "no picture comes").",
                    fix: "edged cameras explain \(camera.name)")
            }
            let rate = Int(camera.framesPerSecond.rounded())
            return Finding(
                .cameras, .good, "\(camera.name): \(camera.format) \(camera.width)x\(camera.height), \(rate)/s.")
        }
    }

    private var models: Finding {
        let missing = status.models.filter { !$0.isLoaded }.map(\.id)
        guard missing.isEmpty else {
            return Finding(
                .models, .note, "Not loaded, since nothing needs them: \(missing.joined(separator: ", ")).")
        }
        return Finding(
            .models, .good, "\(status.models.count) models are loaded, liveness is \(status.livenessPolicy).")
    }

    private var keys: Finding {
        switch status.keyBinding {
        case "none":
            Finding(
                .keys, .note, "The key is a file beside the store: whoever takes the disk has both.",
                fix: "docs/runbook.md, Keys: a credential of the unit, or a key in a TPM")
        case let binding?: Finding(.keys, .good, "Keys come from \(status.keySource), bound to \(binding).")
        case nil: Finding(.keys, .good, "Keys come from \(status.keySource).")
        }
    }

    private var fleet: [Finding] {
        guard let sync = status.sync else { return [Finding(.central, .note, "The device belongs to no fleet.")] }
        let last = sync.lastContactAt.map { "\(Int(now.timeIntervalSince($0)))" } ?? "?"
        let central =
            switch sync.phase {
            case "online": Finding(.central, .good, "Central answered \(last) s ago.")
            case "paused": Finding(.central, .warning, "Sync is paused.", fix: "edged sync resume")
            case "connecting", "offline":
                Finding(
                    .central, .warning, "Central is not reached; it answered \(last) s ago.", fix: "edged sync status")
            default:
                Finding(
                    .central, .bad, "Central does not work with this device: \(sync.phase).", fix: "edged sync status")
            }
        guard let end = sync.certificateExpiresAt else { return [central] }
        // That one is about to end without another is a condition of the daemon's.
        let hours = Int(end.timeIntervalSince(now) / 3600)
        return [central, Finding(.certificate, .good, "The certificate for central holds for \(hours) h.")]
    }
}
