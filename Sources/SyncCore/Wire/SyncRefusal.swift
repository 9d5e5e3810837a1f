/// Why central does not do what a device asks for; each has a stable code of its own on the wire.
public enum SyncRefusal: Error, Sendable, Equatable {
    /// The bootstrap token is wrong, used, or over.
    case tokenInvalid
    /// Nobody knows this device here.
    case deviceUnknown
    /// It told two histories, or an operator stopped it: an operator must look.
    case quarantined
    /// It was taken out of the fleet: what it holds of others must go.
    case revoked
    /// The device must open its epoch before it pushes.
    case epochNeeded
    /// This epoch is over: the message is late, or the device is an older copy of itself.
    case epochEnded
    /// Records before this batch are missing: go back to this number.
    case gap(expected: UInt64)
    /// The device tells another history than the one on disk, up to this number; it is quarantined.
    case fork(at: UInt64)
    /// Digests and hashes do not fit the records, or a record is too long: it was cut or mixed up on the way.
    case malformed(String)
    /// The device must show a certificate; it may ask for one without.
    case certificateNeeded
    /// The certificate that the device shows or asks for is not one that central takes; why, for people.
    case certificateRefused(String)
    /// Not now: ask again after that many milliseconds.
    case busy(retryMilliseconds: Int)
    /// Nobody answered, or nobody that could be understood; only the asking side says so, for people.
    case unreachable(String, WayFault = .central)

    /// The code on the wire.
    public var code: String {
        switch self {
        case .tokenInvalid: "sync.token.invalid"
        case .deviceUnknown: "sync.device.unknown"
        case .quarantined: "sync.device.quarantined"
        case .revoked: "sync.device.revoked"
        case .epochNeeded: "sync.epoch.needed"
        case .epochEnded: "sync.epoch.ended"
        case .gap: "sync.gap"
        case .fork: "sync.fork"
        case .malformed: "sync.malformed"
        case .certificateNeeded: "sync.certificate.needed"
        case .certificateRefused: "sync.certificate.refused"
        case .busy: "sync.busy"
        case .unreachable: "sync.central.unreachable"
        }
    }
}

/// What on the way to central keeps an answer from coming.
public enum WayFault: Sendable, Equatable, CaseIterable {
    /// Central, or nothing that could be told from it.
    case central
    /// What answers shows a certificate that is not trusted.
    case certificate
    /// The device cannot use the key of its own certificate.
    case ownKey
    /// The proxy is not there, or says nothing.
    case proxyAway
    /// The proxy does not let the device through, or does not reach central.
    case proxyRefuses
    /// The proxy wants other credentials.
    case proxyCredentials
}

/// A refusal as it stands in an answer's body, beside the status 401, 403, 409, 400, 422 or 503.
public struct SyncRefusalBody: Sendable, Equatable, Codable {
    /// ``SyncRefusal/code``.
    public var code: String
    /// For people.
    public var detail: String
    /// The number that ``SyncRefusal/gap(expected:)`` and ``SyncRefusal/fork(at:)`` name.
    public var sequence: UInt64?
    /// The wait of ``SyncRefusal/busy(retryMilliseconds:)``.
    public var retryMilliseconds: Int?

    enum CodingKeys: String, CodingKey {
        case code, detail, sequence
        case retryMilliseconds = "retry_ms"
    }

    /// The body for a refusal.
    public init(_ refusal: SyncRefusal) {
        (code, detail) = (refusal.code, "")
        switch refusal {
        case .gap(let expected): (detail, sequence) = ("Records before this batch are missing.", expected)
        case .fork(let place): (detail, sequence) = ("The device tells another history.", place)
        case .malformed(let text): detail = text
        case .busy(let wait): (detail, retryMilliseconds) = ("Ask again later.", wait)
        case .tokenInvalid: detail = "The token is wrong, used, or over."
        case .deviceUnknown: detail = "The device is not known here."
        case .quarantined: detail = "The device is quarantined; an operator must look at it."
        case .revoked: detail = "The device was taken out of the fleet."
        case .unreachable(let text, _), .certificateRefused(let text): detail = text
        case .certificateNeeded: detail = "The device must show a certificate of this central instance."
        case .epochNeeded: detail = "The epoch must be opened first."
        case .epochEnded: detail = "The epoch is over."
        }
    }

    /// A body as it came.
    public init(code: String, detail: String, sequence: UInt64?, retryMilliseconds: Int?) {
        self.code = code
        self.detail = detail
        self.sequence = sequence
        self.retryMilliseconds = retryMilliseconds
    }

    /// The refusal that the body tells of; `nil` for a code that is not one.
    public var refusal: SyncRefusal? {
        switch code {
        case "sync.token.invalid": .tokenInvalid
        case "sync.device.unknown": .deviceUnknown
        case "sync.device.quarantined": .quarantined
        case "sync.device.revoked": .revoked
        case "sync.epoch.needed": .epochNeeded
        case "sync.epoch.ended": .epochEnded
        case "sync.gap": sequence.map { .gap(expected: $0) }
        case "sync.fork": .fork(at: sequence ?? 0)
        case "sync.malformed": .malformed(detail)
        case "sync.certificate.needed": .certificateNeeded
        case "sync.certificate.refused": .certificateRefused(detail)
        case "sync.busy": .busy(retryMilliseconds: retryMilliseconds ?? 1000)
        default: nil
        }
    }
}
