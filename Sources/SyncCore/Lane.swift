/// One of the four ordered streams in which a device's records travel to central.
///
/// Each lane counts, chains and acknowledges for itself, so a long audit backlog never delays the proof of an erasure.
public enum Lane: String, Sendable, Codable, CaseIterable {
    /// Erasure and revocation acknowledgements, lock-outs, tamper and clock alarms.
    case control
    /// Enrollments, template changes, consent records.
    case enrollment
    /// Every decision and administrative act.
    case audit
    /// Webhook events and metrics.
    case events
}

extension Lane: Comparable {
    /// 0 is sent first.
    public var priority: Int {
        switch self {
        case .control: 0
        case .enrollment: 1
        case .audit: 2
        case .events: 3
        }
    }

    /// The lane that is sent first is the lesser one.
    public static func < (left: Lane, right: Lane) -> Bool { left.priority < right.priority }
}
