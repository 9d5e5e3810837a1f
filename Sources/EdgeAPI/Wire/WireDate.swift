import FoundationEssentials

/// Points in time as the API writes and reads them.
enum WireDate {
    /// ISO 8601 in UTC, whole seconds: `2026-10-12T12:30:00Z`.
    static func text(_ date: Date) -> String { date.formatted(.iso8601) }

    /// Reads ISO 8601 with a time zone, with or without fractions of a second.
    static func parse(_ text: String) -> Date? {
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? plain.parse(text)) ?? (try? fractional.parse(text)) ?? farZone(text)
    }

    /// RFC 3339 goes to `+23:59`, the library to `+18:00`: the local time as if it were UTC, less the offset.
    private static func farZone(_ text: String) -> Date? {
        let zone = Array(text.utf8.suffix(6))
        guard text.utf8.count > 6, zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"),
            zone[3] == UInt8(ascii: ":"), let hours = Int(String(decoding: zone[1...2], as: UTF8.self)),
            let minutes = Int(String(decoding: zone[4...5], as: UTF8.self)), (18...23).contains(hours),
            (0...59).contains(minutes), let local = parse(text.dropLast(6) + "Z")
        else { return nil }
        let offset = Double(hours * 3600 + minutes * 60)
        return local.addingTimeInterval(zone[0] == UInt8(ascii: "+") ? -offset : offset)
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
