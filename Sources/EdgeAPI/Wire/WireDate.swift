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
}
