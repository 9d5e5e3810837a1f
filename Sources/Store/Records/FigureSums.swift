import EdgeCore
import FoundationEssentials
import GRDB

/// Counts and sums of sessions, before they become means.
struct FigureSums: Sendable {
    /// Numbers that are added up when days are put together.
    private var numbers: [Double]
    private var fastest: Double?
    private var slowest: Double?

    private static let counts = [
        "enrollments_completed", "enrollments_failed", "successes", "failures", "high_risk",
    ]
    private static let sums = [
        "enrollment_frames", "authentication_frames", "enrollment_quality", "enrollment_liveness", "liveness",
        "authentication_liveness", "authentication_quality", "similarity", "risk", "time",
    ]
    private static let names =
        FailureCause.allCases.map { "cause_\($0.rawValue)" } + counts + sums + sums.map { "\($0)_count" }
    private static let places = Dictionary(uniqueKeysWithValues: zip(names, 0...))

    /// Nothing yet.
    init() { numbers = Self.names.map { _ in 0 } }

    /// Reads a row of ``FigureQuery``.
    init(_ row: Row) {
        numbers = Self.names.map { row[$0] }
        fastest = row["fastest"]
        slowest = row["slowest"]
    }

    /// Puts another part of the time to it.
    mutating func add(_ other: FigureSums) {
        for place in numbers.indices { numbers[place] += other.numbers[place] }
        fastest = [fastest, other.fastest].compactMap(\.self).min()
        slowest = [slowest, other.slowest].compactMap(\.self).max()
    }

    private subscript(name: String) -> Double { Self.places[name].map { numbers[$0] } ?? 0 }

    private func mean(_ name: String) -> Double? {
        let count = self["\(name)_count"]
        return count > 0 ? self[name] / count : nil
    }

    /// What they come to.
    var figures: SessionFigures {
        var figures = SessionFigures()
        for cause in FailureCause.allCases {
            let count = Int(self["cause_\(cause.rawValue)"])
            if count > 0 { figures.causes[cause] = count }
        }
        figures.enrollmentsCompleted = Int(self["enrollments_completed"])
        figures.enrollmentsFailed = Int(self["enrollments_failed"])
        figures.successes = Int(self["successes"])
        figures.failures = Int(self["failures"])
        figures.highRisk = Int(self["high_risk"])
        figures.enrollmentFrames = Int(self["enrollment_frames"])
        figures.authenticationFrames = Int(self["authentication_frames"])
        figures.enrollmentQuality = mean("enrollment_quality")
        figures.enrollmentLiveness = mean("enrollment_liveness")
        figures.liveness = mean("liveness")
        figures.authenticationLiveness = mean("authentication_liveness")
        figures.authenticationQuality = mean("authentication_quality")
        figures.similarity = mean("similarity")
        figures.risk = mean("risk")
        figures.meanMilliseconds = mean("time")
        figures.minMilliseconds = fastest
        figures.maxMilliseconds = slowest
        return figures
    }
}

extension PeriodFigures {
    /// Reads a row of one part of the time.
    init(_ row: Row, length: Int64) {
        var figures = FigureSums(row).figures
        figures.people = row["persons"]
        for column in CensusColumn.all { column.read(row, &figures.census) }
        self.init(start: Date(column: (row["bucket"] as Int64) * length), figures: figures)
    }
}

/// A member of the census in its column, summed up over sessions.
struct CensusColumn: Sendable {
    private let name: String
    let read: @Sendable (Row, inout FrameCensus) -> Void

    /// The sum as a column of a query.
    var sum: String { "total(json_extract(census, '$.\(name)')) AS census_\(name)" }

    private init(_ name: String, _ member: any WritableKeyPath<FrameCensus, Int> & Sendable) {
        self.name = name
        read = { row, census in census[keyPath: member] = Int(row["census_\(name)"] as Double) }
    }

    private init(_ name: String, _ member: any WritableKeyPath<FrameCensus, Double> & Sendable) {
        self.name = name
        read = { row, census in census[keyPath: member] = row["census_\(name)"] }
    }

    /// The names are those that the encoder writes.
    static let all = [
        CensusColumn("noFace", \.noFace), CensusColumn("multipleFaces", \.multipleFaces),
        CensusColumn("occluded", \.occluded), CensusColumn("blurred", \.blurred), CensusColumn("dark", \.dark),
        CensusColumn("bright", \.bright), CensusColumn("otherwiseRefused", \.otherwiseRefused),
        CensusColumn("highQuality", \.highQuality), CensusColumn("mediumQuality", \.mediumQuality),
        CensusColumn("lowQuality", \.lowQuality), CensusColumn("quality", \.quality),
        CensusColumn("faceWidth", \.faceWidth), CensusColumn("measured", \.measured),
        CensusColumn("sharpness", \.sharpness), CensusColumn("contrast", \.contrast),
    ]
}

extension FrameCensus {
    /// As it stands in its column; `nil` where a sum is not a number.
    var json: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}
