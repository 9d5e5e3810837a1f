/// How long a device may go on without central, as central signed it.
public struct LeasePolicy: Sendable, Hashable, Codable {
    /// Until this age nothing is said.
    public var fresh: Duration
    /// Until this age new people may be enrolled.
    public var enrolling: Duration
    /// Until this age people are let in.
    public var valid: Duration

    /// A day, a week, thirty days, unless said otherwise.
    public init(
        fresh: Duration = .seconds(86_400), enrolling: Duration = .seconds(7 * 86_400),
        valid: Duration = .seconds(30 * 86_400)
    ) {
        self.fresh = fresh
        self.enrolling = enrolling
        self.valid = valid
    }
}

/// How old the last word of central is, and what may still be done.
public enum LeaseTier: String, Sendable, Codable, Hashable, Comparable {
    case fresh
    /// Everything goes on; the status says since when central is away.
    case aging
    /// Nobody new is enrolled.
    case closing
    /// Nobody is let in by face alone.
    case expired

    /// Whether a new person may be enrolled.
    public var allowsEnrollment: Bool { self < .closing }
    /// Whether a match may open.
    public var allowsDecision: Bool { self < .expired }

    private var rank: Int {
        switch self {
        case .fresh: 0
        case .aging: 1
        case .closing: 2
        case .expired: 3
        }
    }

    /// The younger is the lesser.
    public static func < (left: LeaseTier, right: LeaseTier) -> Bool { left.rank < right.rank }
}

/// The age of the last word of central, counted by the machine's own time and never downwards by a clock that was set.
public struct LeaseAge: Sendable, Equatable, Codable {
    /// The age when it was last put on disk.
    public private(set) var kept: Duration
    /// The wall clock then, microseconds since 1970.
    public private(set) var keptAt: Int64
    /// The machine's time since its start then; of this boot only.
    private var mark: Duration

    /// A lease that begins now.
    public init(wall: Int64, uptime: Duration) {
        kept = .zero
        keptAt = wall
        mark = uptime
    }

    /// The age at this moment of the same boot.
    public func age(uptime: Duration) -> Duration { kept + max(uptime - mark, .zero) }

    /// Brings it up to date, to be put on disk.
    public mutating func keep(wall: Int64, uptime: Duration) {
        kept = age(uptime: uptime)
        mark = uptime
        keptAt = wall
    }

    /// Goes on after a restart: the time in between counts by the wall clock, one that was set back counts as none.
    public mutating func resume(wall: Int64, uptime: Duration) {
        kept += .microseconds(max(wall - keptAt, 0))
        keptAt = max(wall, keptAt)
        mark = uptime
    }

    /// What may still be done at this age.
    public func tier(_ policy: LeasePolicy, uptime: Duration) -> LeaseTier {
        let age = age(uptime: uptime)
        if age <= policy.fresh { return .fresh }
        if age <= policy.enrolling { return .aging }
        return age <= policy.valid ? .closing : .expired
    }
}
