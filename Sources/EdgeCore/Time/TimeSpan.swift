public import FoundationEssentials

/// A span of time: from its beginning, included, to its end, excluded.
public struct TimeSpan: Sendable, Equatable {
    /// The first moment; `nil` for no beginning.
    public var from: Date?
    /// The first moment after it; `nil` for no end.
    public var to: Date?

    /// All time, or a part of it.
    public init(from: Date? = nil, to: Date? = nil) {
        self.from = from
        self.to = to
    }

    /// Whole UTC days, the last one included; each is named by any moment in it.
    public init(days first: Date?, through last: Date?) {
        from = first.map(UTCDay.start)
        to = last.map(UTCDay.next)
    }

    /// The `count` whole UTC days that end with the day of `now`.
    public init(lastDays count: Int, until now: Date) {
        from = UTCDay.start(UTCDay.start(now).addingTimeInterval(-UTCDay.seconds * Double(max(count, 1) - 1)))
        to = UTCDay.next(now)
    }
}

/// Days of the calendar in UTC, which have no summer time.
public enum UTCDay {
    /// Seconds of a day.
    public static let seconds = 86_400.0

    /// The first moment of the day of `moment`.
    public static func start(_ moment: Date) -> Date {
        Date(timeIntervalSince1970: (moment.timeIntervalSince1970 / seconds).rounded(.down) * seconds)
    }

    /// The first moment of the day after it.
    public static func next(_ moment: Date) -> Date { start(moment).addingTimeInterval(seconds) }
}
