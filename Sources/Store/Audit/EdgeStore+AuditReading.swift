public import EdgeCore
public import FoundationEssentials
import GRDB

/// A line of the trail as it is shown: what was recorded, and by which clocks.
public struct RecordedLine: Sendable, Equatable {
    /// Its number, from 1.
    public let sequence: Int64
    /// What was recorded.
    public let record: AuditRecord
    /// Which start of the machine the next one counts from.
    public let bootID: String
    /// Nanoseconds since the machine started; with the time that it slept where the line has a quality.
    public let bootTime: Int64
    /// How far the wall time can be trusted; `nil` in lines that were written before schema 3.
    public let quality: ClockQuality?
}

/// Which lines are wanted; all without a condition.
public struct AuditFilter: Sendable, Equatable {
    /// Lines of this tenant.
    public var client: ClientID?
    /// Lines that say this was done; with `*` at its end, that begin so.
    public var action: String?
    /// Lines of this time or later.
    public var since: Date?

    /// No condition.
    public init() {}

    var conditions: Conditions {
        var conditions = Conditions()
        conditions.add(client: client)
        if let since { conditions.add("at >= ?", since.column) }
        switch action {
        case let action? where action.hasSuffix("*"):
            let start = String(action.dropLast())
            conditions.add("substr(action, 1, ?) = ?", start.count, start)
        case let action?: conditions.add("action = ?", action)
        case nil: break
        }
        return conditions
    }
}

/// Lines of the trail, newest first.
public struct AuditPage: Sendable, Equatable {
    /// The lines that fit; none where none of those looked at did.
    public let lines: [RecordedLine]
    /// What to ask with for the next page; `nil` when all was looked at.
    public let before: Int64?
}

extension EdgeStore {
    /// How many lines are looked at in one read, whether they fit or not, so that transactions get in between.
    private static let linesLookedAt: Int64 = 5000

    /// Lines that are older than the line `before`, newest first, at most `limit` (1…500) of them.
    public func auditPage(
        _ filter: AuditFilter, before: Int64?, limit: Int
    ) async throws(EdgeError) -> AuditPage {
        let limit = min(max(limit, 1), 500)
        return try await read { db in
            var conditions = filter.conditions
            let end = try before ?? (Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0) + 1
            let start = end - Self.linesLookedAt
            conditions.add("sequence >= ? AND sequence < ?", start, end)
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM audit WHERE \(conditions.sql) ORDER BY sequence DESC LIMIT ?",
                arguments: conditions.arguments + [limit])
            let lines = try rows.map { try AuditLine($0).shown }
            // A full page ends with its last line; another one was looked through to its beginning.
            let next = lines.count == limit ? lines.last?.sequence ?? start : start
            let isMore = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM audit WHERE sequence < ?)", arguments: [next])
            return AuditPage(lines: lines, before: isMore == true ? next : nil)
        }
    }

    /// The first line that was written at this time or later; one more than the last when there is none.
    ///
    /// A clock that was set back may have left earlier times behind it.
    public func firstAuditLine(since date: Date) async throws(EdgeError) -> Int64 {
        var next: Int64 = 1
        while true {
            let step = try await read { [next] db -> (found: Int64?, last: Int64) in
                let end = next + Self.linesLookedAt
                let found = try Int64.fetchOne(
                    db, sql: "SELECT min(sequence) FROM audit WHERE sequence >= ? AND sequence < ? AND at >= ?",
                    arguments: [next, end, date.column])
                return (found, try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0)
            }
            if let found = step.found { return found }
            next += Self.linesLookedAt
            if next > step.last { return step.last + 1 }
        }
    }
}

extension AuditLine {
    fileprivate var shown: RecordedLine {
        RecordedLine(
            sequence: sequence, record: record, bootID: bootID, bootTime: clock?.bootTime ?? monotonic,
            quality: clock?.quality)
    }
}
