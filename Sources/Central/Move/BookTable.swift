import EdgeCore

/// A table of central's books as a move goes through it: page by page, in the order of its key.
struct BookTable: Sendable {
    let name: String
    let columns: [String]
    /// The columns of the key, in its order.
    let key: [String]

    /// How many rows are read at a time.
    private static let page = 200
    /// How many rows one statement puts in.
    private static let batch = 50

    /// All tables of the file, each after those that it refers to.
    ///
    /// That is the order in which they were made: a table refers to what was there before it.
    static func all(_ file: any FleetSession) throws -> [BookTable] {
        let names: [String] = try file.values(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid")
        return try names.map { try table($0, file) }
    }

    /// Puts the rows of the file into PostgreSQL; gives what was put in.
    func copy(_ file: any FleetSession, to line: any FleetSession, _ checker: any ProofChecker) throws -> BookSum {
        var sum = BookSum()
        try pages(file) { rows in
            for row in rows { try sum.add(row.values, checker) }
            try insert(rows, line)
        }
        return sum
    }

    /// The sum of what is there.
    func sum(_ db: any FleetSession, _ checker: any ProofChecker) throws -> BookSum {
        var sum = BookSum()
        try pages(db) { rows in
            for row in rows { try sum.add(row.values, checker) }
        }
        return sum
    }

    /// Whether nothing is in it.
    func isEmpty(_ db: any FleetSession) throws -> Bool { try db.row("SELECT 1 AS one FROM \(name) LIMIT 1") == nil }

    /// How many rows there are.
    func count(_ db: any FleetSession) throws -> Int { try db.value("SELECT count(*) FROM \(name)") ?? 0 }

    private static func table(_ name: String, _ file: any FleetSession) throws -> BookTable {
        let rows = try file.rows("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", [name])
        let columns = try rows.map { (name: try $0["name"] as String, place: try $0["pk"] as Int) }
        let key = columns.filter { $0.place > 0 }.sorted { $0.place < $1.place }.map { $0.name }
        guard !key.isEmpty else { throw EdgeError(.internalFault, "The table \(name) has no key.") }
        return BookTable(name: name, columns: columns.map { $0.name }, key: key)
    }

    /// Lends all rows, some at a time, but for those that stay where they are.
    private func pages(_ db: any FleetSession, _ body: ([FleetRow]) throws -> Void) throws {
        let order = key.joined(separator: ", ")
        let head = "SELECT \(columns.joined(separator: ", ")) FROM \(name)"
        let tail = "ORDER BY \(order) LIMIT \(Self.page)"
        let following = "\(head) WHERE (\(order)) > (\(Self.places(key.count))) \(tail)"
        var rows = try db.rows("\(head) \(tail)")
        while let last = rows.last {
            let place: [FleetValue] = try key.map { try last[$0] }
            try body(rows.filter(isMoved))
            guard rows.count == Self.page else { return }
            rows = try db.rows(following, place)
        }
    }

    private func isMoved(_ row: FleetRow) -> Bool {
        guard name == "meta", case .text(let text)? = row.values.first else { return true }
        return !MoveMark.names.contains(text)
    }

    /// Two texts at most, so that each is prepared once.
    private func insert(_ rows: [FleetRow], _ line: any FleetSession) throws {
        let whole = rows.count - rows.count % Self.batch
        for start in stride(from: 0, to: whole, by: Self.batch) {
            let values: [FleetValue] = rows[start..<(start + Self.batch)].flatMap { $0.values }
            try line.execute(insertion(of: Self.batch), values)
        }
        for row in rows[whole...] { try line.execute(insertion(of: 1), row.values) }
    }

    private func insertion(of rows: Int) -> String {
        let row = "(\(Self.places(columns.count)))"
        let all = [String](repeating: row, count: rows).joined(separator: ", ")
        return "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES \(all)"
    }

    private static func places(_ count: Int) -> String {
        [String](repeating: "?", count: count).joined(separator: ", ")
    }
}

/// A value that was read goes on as it is.
extension FleetValue: FleetColumn {
    var fleetValue: FleetValue { self }

    init(_ value: FleetValue) throws(EdgeError) { self = value }
}
