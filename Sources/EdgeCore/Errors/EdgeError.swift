/// What kind of failure a code is; each border maps it to its own form (HTTP status, exit code).
public enum ErrorKind: Sendable {
    /// The request itself is wrong.
    case invalid
    /// No or bad credentials.
    case unauthorized
    /// Good credentials without the right.
    case forbidden
    /// No such thing, or somebody else's.
    case notFound
    /// At odds with what is there.
    case conflict
    /// Was there and is over.
    case gone
    /// Too many bytes or pixels.
    case tooLarge
    /// A media type that is not read.
    case unsupported
    /// Too often.
    case limited
    /// Something needed is missing; a technician must act.
    case unavailable
    /// A fault of ours.
    case failed
}

/// Every failure that crosses a room's border.
///
/// The code is for machines and for `docs/runbook.md`; the detail is for people. Neither holds a secret, a name or a template.
public struct EdgeError: Error, Sendable, Equatable {
    /// Which failure.
    public let code: ErrorCode
    /// What happened, in one sentence, with the facts needed to act.
    public let detail: String
    /// The request field at fault, when there is one.
    public let field: String?
    /// When to try again.
    public let retryAfter: Duration?

    /// Creates an error; without `detail` the code's own title stands.
    public init(_ code: ErrorCode, _ detail: String? = nil, field: String? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.detail = detail ?? code.title
        self.field = field
        self.retryAfter = retryAfter
    }
}

extension EdgeError: CustomStringConvertible {
    /// `code: detail`.
    public var description: String { "\(code.rawValue): \(detail)" }
}
