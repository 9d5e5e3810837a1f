import EdgeCore
import Logging

/// Writes to the log when a condition begins and when it ends, under its code: `journalctl -x` then tells what to do.
struct ConditionLog {
    private struct Name: Hashable {
        let code: String
        let subject: String?
    }

    private let log: Logger
    private var held: [Name: HealthCondition] = [:]

    init(_ log: Logger) { self.log = log }

    /// Tells how the conditions differ from those of the last call.
    mutating func tell(_ conditions: [HealthCondition]) {
        var present: [Name: HealthCondition] = [:]
        for condition in conditions {
            let name = Name(code: condition.code, subject: condition.subject)
            present[name] = condition
            guard held[name]?.severity != condition.severity else { continue }
            log.log(level: Self.level(condition.severity), "\(condition.title)", metadata: Self.fields(condition))
        }
        for (name, condition) in held where present[name] == nil {
            log.notice("over: \(condition.title)", metadata: Self.fields(condition))
        }
        held = present
    }

    private static func fields(_ condition: HealthCondition) -> Logger.Metadata {
        var fields: Logger.Metadata = ["code": "\(condition.code)"]
        if let subject = condition.subject { fields["subject"] = "\(subject)" }
        return fields
    }

    private static func level(_ severity: HealthCondition.Severity) -> Logger.Level {
        switch severity {
        case .info: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
