import EdgeCore
import FoundationEssentials
import GRDB

/// The SQL of the figures about sessions: one statement and one pass over a day.
enum FigureQuery {
    /// Sessions that count; see ``SessionFigures``.
    ///
    /// A session that ran out of time has a cause if anybody came, a cancelled one if the device cut it short.
    static let ended = """
        completed_at IS NOT NULL
            AND (state IN ('completed', 'failed') OR (state IN ('expired', 'cancelled') AND cause IS NOT NULL))
        """

    /// Who was recognised, or else claimed, where such a person is known.
    static let who = """
        coalesce(sessions.person_id, (SELECT people.id FROM people WHERE people.client_id = sessions.client_id
            AND people.external_id_digest = sessions.claimed_digest))
        """

    /// From the first face, or else from the beginning, to the end, milliseconds.
    static let milliseconds = "max(completed_at - coalesce(first_face_at, created_at), 0) / 1000.0"

    /// A success is as risky as it is unlike the template; a stranger, an attack and a locked user are as risky as
    /// can be; of a session that compared nobody nothing is known.
    static let risk = """
        CASE WHEN state = 'completed' THEN min(max(1 - similarity_score, 0), 1)
            WHEN cause IN ('face_not_recognized', 'liveness_failed', 'spoofing_detected', 'rate_limited') THEN 1.0 END
        """

    /// The statement for one row, with the columns of ``FigureSums``.
    static func whole(_ conditions: Conditions) -> String {
        "SELECT \(sums.joined(separator: ", ")) FROM sessions WHERE \(ended) AND \(conditions.sql)"
    }

    /// The statement for a row for each `length` microseconds, with what is counted for such parts only.
    static func parts(of length: Int64, _ conditions: Conditions) -> String {
        let people = "count(DISTINCT CASE WHEN \(authentication) THEN \(who) END) AS persons"
        let columns = ["completed_at / \(length) AS bucket"] + sums + [people] + CensusColumn.all.map(\.sum)
        return """
            SELECT \(columns.joined(separator: ", ")) FROM sessions WHERE \(ended) AND \(conditions.sql)
            GROUP BY bucket ORDER BY bucket
            """
    }

    private static let enrollment = "kind = 'enrollment'"
    private static let authentication = "kind <> 'enrollment'"

    /// Counts and sums, no means: those of several days are added.
    private static let sums: [String] = {
        let causes = FailureCause.allCases.map { cause in
            count("\(authentication) AND cause = '\(cause.rawValue)'", "cause_\(cause.rawValue)")
        }
        let decided = "\(authentication) AND state IN ('completed', 'failed')"
        return causes + [
            count("\(enrollment) AND state = 'completed'", "enrollments_completed"),
            count("\(enrollment) AND state <> 'completed'", "enrollments_failed"),
            count("\(authentication) AND state = 'completed'", "successes"),
            count("\(authentication) AND state <> 'completed'", "failures"),
            count("\(authentication) AND coalesce((\(risk)) >= 0.7, FALSE)", "high_risk"),
            sum("frames_processed", enrollment, "enrollment_frames"),
            sum("frames_processed", authentication, "authentication_frames"),
            sum("quality_score", "\(enrollment) AND state = 'completed'", "enrollment_quality"),
            sum("liveness_score", "\(enrollment) AND state = 'completed'", "enrollment_liveness"),
            sum("liveness_score", "TRUE", "liveness"), sum("liveness_score", authentication, "authentication_liveness"),
            sum("quality_score", authentication, "authentication_quality"),
            sum("similarity_score", "\(authentication) AND state = 'completed'", "similarity"),
            sum("(\(risk))", authentication, "risk"), sum(milliseconds, decided, "time"),
            "min(CASE WHEN \(decided) THEN \(milliseconds) END) AS fastest",
            "max(CASE WHEN \(decided) THEN \(milliseconds) END) AS slowest",
        ]
    }()

    private static func count(_ condition: String, _ name: String) -> String {
        "count(CASE WHEN \(condition) THEN 1 END) AS \(name)"
    }

    /// The sum, and of how many it is.
    private static func sum(_ value: String, _ condition: String, _ name: String) -> String {
        """
        total(CASE WHEN \(condition) THEN \(value) END) AS \(name),
            count(CASE WHEN \(condition) THEN \(value) END) AS \(name)_count
        """
    }
}
