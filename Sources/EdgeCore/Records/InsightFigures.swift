public import FoundationEssentials

/// An authentication that came to an end, one way or the other.
public struct AttemptRecord: Sendable {
    /// The session in its final state; its `cause` is set.
    public var session: SessionSnapshot
    /// The person recognised, or else the one who was claimed, where such a person is known.
    public var person: MatchedPerson?
    /// From the first face, or else from the session's beginning, to its end, milliseconds.
    public var milliseconds: Double
    /// See ``Risk``; `nil` where nothing tells.
    public var risk: Double?
    /// The address of whoever opened the session.
    public var address: String?
    /// What the caller called itself.
    public var userAgent: String?

    /// Puts a record together.
    public init(
        session: SessionSnapshot, person: MatchedPerson?, milliseconds: Double, risk: Double?, address: String?,
        userAgent: String?
    ) {
        self.session = session
        self.person = person
        self.milliseconds = milliseconds
        self.risk = risk
        self.address = address
        self.userAgent = userAgent
    }
}

/// Which authentications are wanted.
public struct AttemptFilter: Sendable {
    /// The tenant.
    public var client: ClientID
    /// Only successes, or only failures.
    public var succeeded: Bool?
    /// When they ended.
    public var span: TimeSpan

    /// All of a tenant's.
    public init(client: ClientID, succeeded: Bool? = nil, span: TimeSpan = TimeSpan()) {
        self.client = client
        self.succeeded = succeeded
        self.span = span
    }
}

/// How risky an attempt or a person's attempts are.
public enum RiskLevel: String, Sendable, Codable, CaseIterable {
    case low, medium, high

    /// By the mean risk of attempts: above 0.7 high, above 0.4 medium.
    public init(meanRisk: Double?) {
        let risk = meanRisk ?? 0
        self = risk > 0.7 ? .high : risk > 0.4 ? .medium : .low
    }

    /// By the share of successes: from 85 % low, from 60 % medium; without any attempt high.
    public init(successes: Int, of attempts: Int) {
        guard attempts > 0 else {
            self = .high
            return
        }
        self = successes * 100 >= attempts * 85 ? .low : successes * 100 >= attempts * 60 ? .medium : .high
    }
}

/// What the sessions of some time came to.
///
/// An enrollment or authentication counts when it was decided, when its time ran out after a frame, or when a
/// restart of the device cut it short; one that its client cancelled does not. It counts on the day of its end.
public struct SessionFigures: Sendable, Equatable {
    /// Enrollments that were completed.
    public var enrollmentsCompleted = 0
    /// Enrollments that ended otherwise.
    public var enrollmentsFailed = 0
    /// Authentications that recognised somebody.
    public var successes = 0
    /// Authentications that did not.
    public var failures = 0
    /// The failed authentications by cause; those of which no cause is known are not among them.
    public var causes: [FailureCause: Int] = [:]
    /// Frames of the enrollments.
    public var enrollmentFrames = 0
    /// Frames of the authentications.
    public var authenticationFrames = 0
    /// Different people recognised or claimed; counted for hours and days only.
    public var people = 0
    /// Mean unified quality of completed enrollments, 0…1.
    public var enrollmentQuality: Double?
    /// Mean passive score of completed enrollments that have one, 0…1.
    public var enrollmentLiveness: Double?
    /// Mean passive score of all sessions that have one, 0…1.
    public var liveness: Double?
    /// Mean passive score of authentications that have one, 0…1; failed ones keep none.
    public var authenticationLiveness: Double?
    /// Mean unified quality of authentications, 0…1.
    public var authenticationQuality: Double?
    /// Mean cosine of successful authentications.
    public var similarity: Double?
    /// Mean time of decided authentications, milliseconds.
    public var meanMilliseconds: Double?
    /// The shortest time.
    public var minMilliseconds: Double?
    /// The longest time.
    public var maxMilliseconds: Double?
    /// Mean risk of the authentications of which one is known, 0…1.
    public var risk: Double?
    /// Authentications with a risk of 0.7 and more.
    public var highRisk = 0
    /// All their frames, summed up; for hours and days only.
    public var census = FrameCensus()

    /// Nothing happened.
    public init() {}

    /// All frames.
    public var frames: Int { enrollmentFrames + authenticationFrames }
    /// All enrollments.
    public var enrollments: Int { enrollmentsCompleted + enrollmentsFailed }
    /// All authentications.
    public var attempts: Int { successes + failures }
    /// Successful authentications in 100; `nil` without any.
    public var successRate: Double? { Self.percent(successes, of: attempts) }
    /// Completed enrollments in 100; `nil` without any.
    public var enrollmentRate: Double? { Self.percent(enrollmentsCompleted, of: enrollments) }

    private static func percent(_ part: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(part) * 100 / Double(whole) : nil
    }
}

/// How long the parts of a time are that figures are wanted for.
public enum FigurePeriod: Sendable {
    /// Hours.
    case hour
    /// Days in UTC.
    case day

    /// Its length, seconds.
    public var seconds: Int64 {
        switch self {
        case .hour: 3600
        case .day: 86_400
        }
    }
}

/// The figures of one hour or day.
public struct PeriodFigures: Sendable, Equatable {
    /// Its first moment.
    public let start: Date
    /// What happened in it.
    public let figures: SessionFigures

    /// Puts figures to their time.
    public init(start: Date, figures: SessionFigures) {
        self.start = start
        self.figures = figures
    }
}

/// What one person's authentications came to.
public struct PersonFigures: Sendable, Equatable {
    /// The person.
    public var person: MatchedPerson
    /// All authentications that recognised or claimed the person.
    public var attempts: Int
    /// Those that recognised the person.
    public var successes: Int
    /// Mean cosine of the successes.
    public var similarity: Double?
    /// Mean passive score, 0…1.
    public var liveness: Double?
    /// Mean unified quality, 0…1.
    public var quality: Double?
    /// The end of the latest authentication.
    public var lastAt: Date?

    /// Puts figures together.
    public init(
        person: MatchedPerson, attempts: Int, successes: Int, similarity: Double? = nil, liveness: Double? = nil,
        quality: Double? = nil, lastAt: Date? = nil
    ) {
        self.person = person
        self.attempts = attempts
        self.successes = successes
        self.similarity = similarity
        self.liveness = liveness
        self.quality = quality
        self.lastAt = lastAt
    }

    /// How risky they are.
    public var risk: RiskLevel { RiskLevel(successes: successes, of: attempts) }
}
