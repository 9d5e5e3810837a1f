public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: InsightReader {
    /// What the sessions that ended in `span` came to.
    public func figures(of client: ClientID?, in span: TimeSpan) async throws(EdgeError) -> SessionFigures {
        let days = try await eachDay(of: client, in: span) { db, conditions in
            try Row.fetchOne(db, sql: FigureQuery.whole(conditions), arguments: conditions.arguments)
                .map { FigureSums($0) } ?? FigureSums()
        }
        return days.reduce(into: FigureSums()) { $0.add($1) }.figures
    }

    /// The same for each hour or UTC day in which something ended, the latest first.
    public func figures(
        of client: ClientID?, in span: TimeSpan, by period: FigurePeriod
    ) async throws(EdgeError) -> [PeriodFigures] {
        let length = period.seconds * 1_000_000
        let days = try await eachDay(of: client, in: span) { db, conditions in
            try Row.fetchAll(db, sql: FigureQuery.parts(of: length, conditions), arguments: conditions.arguments)
                .map { PeriodFigures($0, length: length) }
        }
        return days.joined().reversed()
    }

    /// Asks `question` for each UTC day in which sessions of the span ended, one day at a time, the oldest first.
    ///
    /// There is one connection: a question about years at once would hold up every decision meanwhile.
    func eachDay<Answer: Sendable>(
        of client: ClientID?, in span: TimeSpan,
        _ question: @escaping @Sendable (Database, Conditions) throws -> Answer
    ) async throws(EdgeError) -> [Answer] {
        var answers: [Answer] = []
        var rest = span
        while true {
            let present = rest
            let found = try await read { db -> (answer: Answer, end: Date)? in
                var conditions = Self.conditions(client, present)
                let first = try Int64.fetchOne(
                    db, sql: "SELECT min(completed_at) FROM sessions WHERE \(conditions.sql)",
                    arguments: conditions.arguments)
                guard let first else { return nil }
                // Whole numbers: a moment before midnight must not be rounded into the next day.
                let end = Date(column: (first / Self.dayLength + 1) * Self.dayLength)
                conditions = Self.conditions(
                    client, TimeSpan(from: Date(column: first), to: min(end, present.to ?? end)))
                return (try question(db, conditions), end)
            }
            guard let found else { return answers }
            answers.append(found.answer)
            rest.from = found.end
        }
    }

    private static let dayLength: Int64 = 86_400_000_000

    /// What there is, of one tenant or of the whole device.
    public func totals(of client: ClientID?) async throws(EdgeError) -> StoreTotals {
        let active: Int
        if let client {
            active = try await self.client(client)?.isActive == true ? 1 : 0
        } else {
            active = try await clients().count { $0.isActive }
        }
        return try await read { db in
            var totals = StoreTotals()
            totals.clients = active
            var own = Conditions()
            own.add(client: client)
            totals.people = try own.count(in: "people", db)
            let enrolled = "EXISTS (SELECT 1 FROM templates WHERE person_key = people.key)"
            totals.enrolledPeople = try own.with(enrolled).count(in: "people", db)
            totals.openSessions = try own.with("state IN ('pending', 'active', 'processing')")
                .count(in: "sessions", db)
            totals.enrollments = try own.with("kind = 'enrollment' AND state = 'completed'").count(in: "sessions", db)
            totals.authentications = try own.with("kind <> 'enrollment' AND \(FigureQuery.ended)")
                .count(in: "sessions", db)
            return totals
        }
    }

    /// All sessions that ended, counted.
    public func sessionCounts() async throws(EdgeError) -> [SessionCount] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, state, cause, count(*) AS count FROM sessions
                    WHERE state IN ('completed', 'failed', 'expired', 'cancelled') GROUP BY kind, state, cause
                    ORDER BY kind, state, cause
                    """
            ).map { row in
                try SessionCount(
                    kind: row.word("kind"), state: row.word("state"), cause: row.optionalWord("cause"),
                    count: row["count"])
            }
        }
    }

    private static func conditions(_ client: ClientID?, _ span: TimeSpan) -> Conditions {
        var conditions = Conditions()
        conditions.add(client: client)
        conditions.add(span, "completed_at")
        return conditions
    }
}

extension Conditions {
    /// The same with a condition more that needs no values.
    func with(_ text: String) -> Conditions {
        var conditions = self
        conditions.add(text)
        return conditions
    }
}
