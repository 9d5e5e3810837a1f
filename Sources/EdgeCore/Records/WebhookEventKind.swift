public import FoundationEssentials

/// The events that a webhook endpoint can be told of: exactly those that this device emits.
public enum WebhookEventKind: String, Sendable, CaseIterable {
    case authenticationFailed = "authentication.failed"
    case authenticationSuccess = "authentication.success"
    case credentialsReset = "client.credentials.reset"
    case enrollmentCompleted = "enrollment.completed"
    case enrollmentFailed = "enrollment.failed"
    case livenessFailed = "liveness.failed"
    case securityAlert = "security.alert"
    case sessionCancelled = "session.cancelled"
    case sessionCreated = "session.created"
    case sessionExpired = "session.expired"
    case spoofingDetected = "spoofing.detected"
    case userActivated = "user.activated"
    case userCreated = "user.created"
    case userDeactivated = "user.deactivated"
    case userDeleted = "user.deleted"
    case userEnrolled = "user.enrolled"
    case userUpdated = "user.updated"
    case endpointDisabled = "webhook.endpoint.disabled"

    /// What happened, in one sentence.
    public var summary: String {
        switch self {
        case .authenticationFailed: "An authentication was decided: not this person, or nobody known."
        case .authenticationSuccess: "A person was verified or identified."
        case .credentialsReset: "The client's credentials were made anew."
        case .enrollmentCompleted: "An enrollment was completed."
        case .enrollmentFailed: "An enrollment was refused."
        case .livenessFailed: "A session failed without evidence of a live person."
        case .securityAlert: "The device noted a security event."
        case .sessionCancelled: "A session was ended without a decision."
        case .sessionCreated: "A session was opened."
        case .sessionExpired: "A session ran out of time without a decision."
        case .spoofingDetected: "A session was shown a picture or a screen instead of a person."
        case .userActivated: "A user may be recognised again."
        case .userCreated: "A user was made known."
        case .userDeactivated: "A user may no longer be recognised."
        case .userDeleted: "A user was removed with everything that was known of it."
        case .userEnrolled: "A user has templates now."
        case .userUpdated: "A user's facts were changed."
        case .endpointDisabled: "A webhook endpoint answered 410 Gone and gets no more deliveries."
        }
    }

    /// Other names under which older clients ask for the event.
    public var aliases: [String] {
        switch self {
        case .authenticationSuccess: ["recognition.success", "user.authentication.success"]
        case .authenticationFailed: ["recognition.failed", "user.authentication.failed"]
        case .credentialsReset, .enrollmentCompleted, .enrollmentFailed, .livenessFailed, .securityAlert,
            .sessionCancelled, .sessionCreated, .sessionExpired, .spoofingDetected, .userActivated, .userCreated,
            .userDeactivated, .userDeleted, .userEnrolled, .userUpdated, .endpointDisabled:
            []
        }
    }

    /// The kind of a name or an alias.
    public init?(name: String) {
        guard let kind = Self.allCases.first(where: { $0.rawValue == name || $0.aliases.contains(name) }) else {
            return nil
        }
        self = kind
    }

    /// Whether a list of names asks for this event; `*` asks for all.
    public func isNamed(in names: [String]) -> Bool {
        names.contains { $0 == "*" || $0 == rawValue || aliases.contains($0) }
    }

    /// The event's id in the catalogue: a UUID of version 8 made from the name, the same on every device.
    public var catalogueID: UUID {
        let high = Self.fold(rawValue, seed: 0xcbf2_9ce4_8422_2325)
        let low = Self.fold(rawValue, seed: 0x6c62_272e_07bb_0142)
        let b = [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) } }
        return UUID(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6] & 0x0F | 0x80, b[7], b[8] & 0x3F | 0x80, b[9], b[10], b[11],
                b[12], b[13], b[14], b[15]
            ))
    }

    /// FNV-1a: names differ, nobody attacks them.
    private static func fold(_ text: String, seed: UInt64) -> UInt64 {
        text.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
