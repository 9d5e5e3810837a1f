public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// The authentications of a tenant, the latest first.
    public func attempts(
        _ filter: AttemptFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<AttemptRecord> {
        var conditions = Conditions("\(Self.attempt)")
        conditions.add(client: filter.client)
        conditions.add(filter.span, "completed_at")
        if let succeeded = filter.succeeded {
            conditions.add(succeeded ? "state = 'completed'" : "state <> 'completed'")
        }
        return try await read { [self, conditions] db in
            let rows = try conditions.page(
                page, of: "sessions", columns: Self.attemptColumns, order: "completed_at DESC, key DESC", db)
            return PageOf(
                total: try conditions.count(in: "sessions", db), items: try rows.map { try attempt($0, db) })
        }
    }

    /// One of them; `nil` when this tenant has none like it, or it has not ended.
    public func attempt(_ id: SessionID, of client: ClientID) async throws(EdgeError) -> AttemptRecord? {
        try await read { [self] db in
            try Row.fetchOne(
                db,
                sql: "SELECT \(Self.attemptColumns) FROM sessions WHERE id = ? AND client_id = ? AND \(Self.attempt)",
                arguments: [id.column, client.column]
            ).map { try attempt($0, db) }
        }
    }

    /// What each person's authentications came to, the latest active first; `total` counts all who fit.
    public func people(
        of client: ClientID, risk: RiskLevel?, limit: Int
    ) async throws(EdgeError) -> PageOf<PersonFigures> {
        let days = try await eachDay(of: client, in: TimeSpan()) { db, conditions in
            try Row.fetchAll(db, sql: PersonSums.query(conditions), arguments: conditions.arguments)
                .map { try PersonSums($0) }
        }
        var sums: [PersonID: PersonSums] = [:]
        for day in days.joined() { sums[day.person, default: PersonSums(day.person)].add(day) }
        return try await read { [self, sums] db in
            let known = try Row.fetchAll(
                db, sql: "SELECT id FROM people WHERE client_id = ? ORDER BY key DESC", arguments: [client.column]
            ).map { try PersonSums.of($0.id("id"), in: sums) }
            let wanted = known.filter { risk == nil || $0.risk == risk }
                .sorted { $0.lastAt ?? .min > $1.lastAt ?? .min }
            return PageOf(
                total: wanted.count,
                items: try wanted.prefix(max(limit, 0)).compactMap { sums in
                    try matchedPerson(sums.person, of: client, db).map(sums.figures)
                })
        }
    }

    private static let attempt = "kind <> 'enrollment' AND \(FigureQuery.ended)"
    private static let attemptColumns = """
        *, \(FigureQuery.who) AS who, \(FigureQuery.milliseconds) AS milliseconds, (\(FigureQuery.risk)) AS risk
        """

    private func attempt(_ row: Row, _ db: Database) throws -> AttemptRecord {
        var session = try snapshot(row, db)
        session.cause = try row.optionalWord("cause")
        let who: PersonID? = try row.optionalID("who")
        return AttemptRecord(
            session: session, person: try who.flatMap { try matchedPerson($0, of: session.client, db) },
            milliseconds: row["milliseconds"], risk: row["risk"], address: row["ip_address"],
            userAgent: row["user_agent"])
    }
}

/// One person's authentications, counted and summed up.
private struct PersonSums: Sendable {
    let person: PersonID
    private var attempts = 0
    private var successes = 0
    /// Sum and count.
    private var similarity = (0.0, 0)
    private var liveness = (0.0, 0)
    private var quality = (0.0, 0)
    /// The latest end, as in its column.
    private(set) var lastAt: Int64?

    init(_ person: PersonID) { self.person = person }

    init(_ row: Row) throws {
        person = try row.id("who")
        attempts = row["attempts"]
        successes = row["successes"]
        similarity = (row["similarity"], row["similarity_count"])
        liveness = (row["liveness"], row["liveness_count"])
        quality = (row["quality"], row["quality_count"])
        lastAt = row["last_at"]
    }

    static func query(_ conditions: Conditions) -> String {
        """
        SELECT \(FigureQuery.who) AS who, count(*) AS attempts,
            count(CASE WHEN state = 'completed' THEN 1 END) AS successes,
            total(CASE WHEN state = 'completed' THEN similarity_score END) AS similarity,
            count(CASE WHEN state = 'completed' THEN similarity_score END) AS similarity_count,
            total(liveness_score) AS liveness, count(liveness_score) AS liveness_count,
            total(quality_score) AS quality, count(quality_score) AS quality_count, max(completed_at) AS last_at
        FROM sessions WHERE kind <> 'enrollment' AND \(FigureQuery.ended) AND \(conditions.sql)
        GROUP BY who HAVING who IS NOT NULL
        """
    }

    static func of(_ person: PersonID, in sums: [PersonID: PersonSums]) -> PersonSums {
        sums[person] ?? PersonSums(person)
    }

    mutating func add(_ other: PersonSums) {
        attempts += other.attempts
        successes += other.successes
        similarity = (similarity.0 + other.similarity.0, similarity.1 + other.similarity.1)
        liveness = (liveness.0 + other.liveness.0, liveness.1 + other.liveness.1)
        quality = (quality.0 + other.quality.0, quality.1 + other.quality.1)
        lastAt = max(lastAt ?? .min, other.lastAt ?? .min)
    }

    var risk: RiskLevel { RiskLevel(successes: successes, of: attempts) }

    func figures(of person: MatchedPerson) -> PersonFigures {
        func mean(_ sum: (Double, Int)) -> Double? { sum.1 > 0 ? sum.0 / Double(sum.1) : nil }
        return PersonFigures(
            person: person, attempts: attempts, successes: successes, similarity: mean(similarity),
            liveness: mean(liveness), quality: mean(quality), lastAt: lastAt.map { Date(column: $0) })
    }
}
