import FoundationEssentials

/// Points in time as the API writes and reads them.
enum WireDate {
    /// ISO 8601 in UTC, whole seconds: `2026-10-12T12:30:00Z`.
    static func text(_ date: Date) -> String { date.formatted(.iso8601) }

    /// Reads ISO 8601 with a time zone, with or without fractions of a second.
    static func parse(_ text: String) -> Date? {
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? plain.parse(text)) ?? (try? fractional.parse(text))
    }

    /// The beginning, in UTC, of a day written as `2026-10-12`; `nil` for a day that is not in the calendar.
    static func day(_ text: String) -> Date? {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], text.utf8.count == 10,
            let date = parse("\(text)T00:00:00Z"), dayText(date) == text
        else { return nil }
        return date
    }

    /// The UTC day of a point in time as `2026-10-12`.
    static func dayText(_ date: Date) -> String { String(text(date).prefix(10)) }
}
