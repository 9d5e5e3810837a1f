public import FoundationEssentials
import Synchronization

/// Something that a technician should know or mend.
public struct HealthCondition: Sendable, Equatable, Codable {
    /// How bad it is.
    public enum Severity: String, Sendable, Codable, Comparable {
        /// Worth knowing.
        case info
        /// Works, with less than wanted.
        case warning
        /// Something that users need does not work.
        case error

        /// Info before warning before error.
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
        private var rank: Int {
            switch self {
            case .info: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// A stable code, as in `docs/runbook.md`.
    public let code: String
    /// What it is about where several may have it at once, for example a camera's name.
    public let subject: String?
    /// What is wrong.
    public let title: String
    /// How bad it is.
    public let severity: Severity
    /// Since when.
    public let since: Date
    /// What to do.
    public let remedy: String
}

/// The conditions that hold now; every room raises and clears its own.
public final class HealthBoard: Sendable {
    private struct Key: Hashable {
        let code: String
        let subject: String?
    }

    private let conditions = Mutex<[Key: HealthCondition]>([:])
    private let clock: any EdgeClock

    /// Creates an empty board.
    public init(clock: any EdgeClock = SystemClock()) { self.clock = clock }

    /// Raises a condition; one that holds already keeps its `since`.
    public func raise(
        _ code: String, subject: String? = nil, title: String, severity: HealthCondition.Severity, remedy: String
    ) {
        let now = clock.wall
        conditions.withLock { held in
            let key = Key(code: code, subject: subject)
            held[key] = HealthCondition(
                code: code, subject: subject, title: title, severity: severity, since: held[key]?.since ?? now,
                remedy: remedy)
        }
    }

    /// Raises the condition that an error describes.
    public func raise(_ error: EdgeError, subject: String? = nil, severity: HealthCondition.Severity = .error) {
        raise(error.code.rawValue, subject: subject, title: error.detail, severity: severity, remedy: error.code.remedy)
    }

    /// Ends a condition; does nothing when it does not hold.
    public func clear(_ code: String, subject: String? = nil) {
        conditions.withLock { _ = $0.removeValue(forKey: Key(code: code, subject: subject)) }
    }

    /// Ends all conditions about `subject`.
    public func clear(subject: String) {
        conditions.withLock { held in held = held.filter { $0.key.subject != subject } }
    }

    /// All conditions, the worst first, then the oldest.
    public var current: [HealthCondition] {
        conditions.withLock { Array($0.values) }
            .sorted { ($1.severity, $0.since, $0.code) < ($0.severity, $1.since, $1.code) }
    }
}
