public import EdgeCore

/// A list of pairs of pictures to compare: a TSV file with the header `same path_a path_b`.
public struct PairList: Sendable, Equatable {
    /// Two pictures.
    public struct Pair: Sendable, Equatable {
        /// Whether both show one person.
        public let same: Bool
        /// The first picture, below the root.
        public let pathA: String
        /// The second picture, below the root.
        public let pathB: String
    }

    /// The pairs in the order of the file.
    public let pairs: [Pair]

    /// Reads the text of the file.
    ///
    /// Throws `request.invalid` with the number of the line at fault.
    public init(parsing text: String) throws(EdgeError) {
        let table = try TSVTable(parsing: text, columns: ["same", "path_a", "path_b"])
        var pairs: [Pair] = []
        for row in table.rows {
            let same: Bool
            switch row.cells[0].lowercased() {
            case "1", "true": same = true
            case "0", "false": same = false
            default: throw TSVTable.fault(row.line, "the column same must hold 1 or 0")
            }
            pairs.append(Pair(same: same, pathA: row.cells[1], pathB: row.cells[2]))
        }
        self.pairs = pairs
    }

    /// Every picture once, in the order of the first use.
    public var pictures: [String] {
        var seen: Set<String> = []
        return pairs.flatMap { [$0.pathA, $0.pathB] }.filter { seen.insert($0).inserted }
    }
}

/// A list of presentations to judge: a TSV file with the header `path kind identity`.
public struct PresentationList: Sendable, Equatable {
    /// One picture.
    public struct Presentation: Sendable, Equatable {
        /// The picture, below the root.
        public let path: String
        /// `live`, or the name of an attack.
        public let kind: String
        /// Who is shown.
        public let identity: String

        /// Whether it is a bona fide presentation.
        public var isLive: Bool { kind.lowercased() == "live" }
    }

    /// The presentations in the order of the file.
    public let presentations: [Presentation]

    /// Reads the text of the file.
    ///
    /// Throws `request.invalid` with the number of the line at fault.
    public init(parsing text: String) throws(EdgeError) {
        let table = try TSVTable(parsing: text, columns: ["path", "kind", "identity"])
        var presentations: [Presentation] = []
        for row in table.rows {
            // The results name the sum of all attacks so.
            guard row.cells[1] != PresentationMetrics.overall else {
                throw TSVTable.fault(row.line, "an attack must not be named overall")
            }
            presentations.append(.init(path: row.cells[0], kind: row.cells[1], identity: row.cells[2]))
        }
        self.presentations = presentations
    }
}

/// A tab-separated table with a header, read strictly.
struct TSVTable {
    var rows: [(line: Int, cells: [String])] = []

    init(parsing text: String, columns: [String]) throws(EdgeError) {
        var isHeader = true
        // A CR LF is one character of its own, so that this splits both kinds of line end.
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if isHeader {
                guard cells == columns else {
                    throw Self.fault(index + 1, "the header must be \(columns.joined(separator: ", "))")
                }
                isHeader = false
                continue
            }
            guard cells.count == columns.count, !cells.contains(where: \.isEmpty) else {
                throw Self.fault(index + 1, "\(columns.count) tab-separated fields are wanted")
            }
            rows.append((index + 1, cells))
        }
        guard !rows.isEmpty else { throw EdgeError(.requestInvalid, "The list is empty.") }
    }

    static func fault(_ line: Int, _ text: String) -> EdgeError {
        EdgeError(.requestInvalid, "Line \(line): \(text).")
    }
}
