/// One line of the audit trail with everything that is hashed and signed of it; ids as lower-case hexadecimal digits.
public struct AuditTrailLine: Sendable, Equatable, Codable {
    /// Its number, from 1.
    public var sequence: Int64
    /// What was done.
    public var action: String
    /// The tenant, when there is one.
    public var client: String?
    /// The session, when there is one.
    public var session: String?
    /// The person, when there is one.
    public var person: String?
    /// Whether it succeeded.
    public var succeeded: Bool
    /// A reason or error code.
    public var reason: String?
    /// Further facts as JSON text.
    public var details: String
    /// When, by the wall clock; microseconds since 1970.
    public var at: Int64
    /// Which start of the machine the next two count from.
    public var bootID: String
    /// Nanoseconds since the machine started, without the time that it slept.
    public var monotonic: Int64
    /// The same with the time that it slept; `nil`, as the next one, in lines that were written before schema 3.
    public var bootTime: Int64?
    /// How far `at` can be trusted.
    public var clockQuality: ClockQuality?
    /// In which interval it was sealed; `nil`, as the next one, where lines are not.
    public var sealInterval: Int64?
    /// The code by that interval's key over ``canonical``; 64 digits.
    public var sealCode: String?
    /// The hash of the line before; 64 digits.
    public var previousHash: String
    /// Its own hash, under a key of the device; 64 digits.
    public var hash: String

    /// Puts a line together.
    public init(
        sequence: Int64, action: String, client: String?, session: String?, person: String?, succeeded: Bool,
        reason: String?, details: String, at: Int64, bootID: String, monotonic: Int64, bootTime: Int64?,
        clockQuality: ClockQuality?, sealInterval: Int64? = nil, sealCode: String? = nil, previousHash: String,
        hash: String
    ) {
        self.sequence = sequence
        self.action = action
        self.client = client
        self.session = session
        self.person = person
        self.succeeded = succeeded
        self.reason = reason
        self.details = details
        self.at = at
        self.bootID = bootID
        self.monotonic = monotonic
        self.bootTime = bootTime
        self.clockQuality = clockQuality
        self.sealInterval = sealInterval
        self.sealCode = sealCode
        self.previousHash = previousHash
        self.hash = hash
    }

    /// The line as text, every field and the hash before: what is hashed, and what a checkpoint is held against.
    ///
    /// Each field has its length before it, so none runs into the next. Lines without a clock keep their first form, lines
    /// without a seal their second.
    public var canonical: String {
        let form = sealInterval != nil ? "3" : clockQuality != nil ? "2" : "1"
        let start: [String?] = [
            form, "\(sequence)", action, client, session, person, succeeded ? "1" : "0",
            reason, details, "\(at)", bootID, "\(monotonic)",
        ]
        let clock: [String?] = clockQuality.map { [bootTime.map { "\($0)" }, $0.rawValue] } ?? []
        let seal: [String?] = sealInterval.map { ["\($0)"] } ?? []
        let fields = start + clock + seal + [previousHash]
        return fields.map { field in field.map { "\($0.utf8.count):\($0)," } ?? "-," }.joined()
    }

    private enum CodingKeys: String, CodingKey {
        case sequence, action, client, session, person, succeeded, reason, details, at, monotonic, hash
        case bootID = "boot_id"
        case bootTime = "boot_time"
        case clockQuality = "clock_quality"
        case sealInterval = "seal_interval"
        case sealCode = "seal_code"
        case previousHash = "previous_hash"
    }
}
