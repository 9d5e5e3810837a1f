import Foundation
import GRDB

@testable import Store
@testable import StoreTesting

/// One way to edit a store past `edged`; each is tried at random places.
enum RandomEdit: String, CaseIterable {
    case flip, erasePage, swapPages, truncate, lengthen, splicePage, olderPage, olderFile, otherFile
    case dropRow, swapRows, olderRow, insertRow, changeColumn, olderTable, dropTable, schema
    case anchorGone, anchorOlder, anchorFlip, anchorOther, sums, strangeLog
    case killedChangeColumn, killedDropRow, killedLogGone, killedLogCut, killedLogFlip, killedFlip, killedOlderFile
    case killedAnchorFlip, killedAnchorSlot, killedAnchorGone

    /// Whether it begins with a store that was killed.
    var isKilled: Bool { rawValue.hasPrefix("killed") }

    /// Whether what it touches may be bytes that say nothing, free space or old frames of the log, which only the digest of a
    /// store that was closed in order covers.
    var mayHitNothing: Bool { [.killedLogCut, .killedLogFlip, .killedFlip].contains(self) }

    private static let page = 4096

    /// Lays out a store and edits it; says what was done, `nil` where the place that was drawn holds nothing to edit.
    func perform(on bench: TamperBench, _ random: inout some RandomNumberGenerator) throws -> String? {
        try bench.lay(isKilled ? bench.killed : bench.stopped)
        switch self {
        case .flip, .erasePage, .swapPages, .truncate, .lengthen, .splicePage, .olderPage, .olderFile, .otherFile,
            .killedFlip, .killedOlderFile:
            return try editFile(bench, &random)
        case .anchorGone, .anchorOlder, .anchorFlip, .anchorOther, .killedAnchorFlip, .killedAnchorSlot,
            .killedAnchorGone:
            return try editAnchor(bench, &random)
        case .strangeLog, .killedLogGone, .killedLogCut, .killedLogFlip: return try editLog(bench, &random)
        default: return try editRows(bench, &random)
        }
    }

    // MARK: Bytes

    private func editFile(_ bench: TamperBench, _ random: inout some RandomNumberGenerator) throws -> String? {
        let url = URL(filePath: bench.file)
        let before = try Data(contentsOf: url)
        var bytes = before
        let pages = bytes.count / Self.page
        let one = Int.random(in: 0..<pages, using: &random)
        let two = Int.random(in: 0..<pages, using: &random)
        var what = "page \(one)"
        switch self {
        case .flip, .killedFlip:
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                what = "byte \(place)"
            }
        case .erasePage:
            bytes.replace(one, with: Data(repeating: UInt8.random(in: 0...255, using: &random), count: Self.page))
        case .swapPages:
            let kept = bytes.page(one)
            bytes.replace(one, with: bytes.page(two))
            bytes.replace(two, with: kept)
            what += " and \(two)"
        case .truncate: bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
        case .lengthen: bytes += bytes.page(one).prefix(Int.random(in: 1...Self.page, using: &random))
        case .splicePage, .olderPage:
            let source = self == .olderPage ? bench.earlier : bench.others
            guard let other = source.randomElement(using: &random)?[DatabaseFile.name],
                other.count >= (one + 1) * Self.page
            else { return nil }
            bytes.replace(one, with: other.page(one))
        case .olderFile, .killedOlderFile:
            bytes = bench.earlier.randomElement(using: &random)?[DatabaseFile.name] ?? bytes
        case .otherFile: bytes = bench.others.randomElement(using: &random)?[DatabaseFile.name] ?? bytes
        default: return nil
        }
        guard bytes != before else { return nil }
        try bytes.write(to: url)
        if self == .killedOlderFile { try? FileManager.default.removeItem(atPath: "\(bench.file)-wal") }
        return what
    }

    private func editAnchor(_ bench: TamperBench, _ random: inout some RandomNumberGenerator) throws -> String? {
        let url = URL(filePath: "\(bench.directory)/\(Anchor.name)")
        var bytes = try Data(contentsOf: url)
        var what = rawValue
        switch self {
        case .anchorGone, .killedAnchorGone: try FileManager.default.removeItem(at: url)
        case .killedAnchorSlot:
            let slots = [bytes[0..<512], bytes[4096..<4608]].map { Data($0) }
            let place = Int.random(in: 0...1, using: &random)
            bytes.replaceSubrange((place * 4096)..<(place * 4096 + 512), with: slots[1 - place])
            try bytes.write(to: url)
            what = "slot \(place)"
        case .anchorFlip, .killedAnchorFlip:
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try bytes.write(to: url)
            what = "byte \(place)"
        default:
            let source = self == .anchorOlder ? bench.earlier : bench.others
            try source.randomElement(using: &random)?[Anchor.name]?.write(to: url)
        }
        return what
    }

    private func editLog(_ bench: TamperBench, _ random: inout some RandomNumberGenerator) throws -> String? {
        let url = URL(filePath: "\(bench.file)-wal")
        if self == .strangeLog {
            try bench.killed["\(DatabaseFile.name)-wal"]?.write(to: url)
            return "log"
        }
        var bytes = try Data(contentsOf: url)
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch self {
        case .killedLogGone: bytes = Data()
        case .killedLogCut: bytes = bytes.prefix(place)
        default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        try bytes.write(to: url)
        return "byte \(place)"
    }

    // MARK: SQL

    private func editRows(_ bench: TamperBench, _ random: inout some RandomNumberGenerator) throws -> String? {
        let source = self == .insertRow ? bench.others : bench.earlier
        let aside = try source.randomElement(using: &random).map { try bench.aside($0) } ?? ""
        let queue = try DatabaseQueue(path: bench.file)
        defer { try? queue.close() }
        var generator = random
        defer { random = generator }
        return try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: "ATTACH ? AS aside", arguments: [aside])
            let tables = try SummedTable.all(db).map(\.name).filter { !$0.hasPrefix("sqlite_") }
            let before = try Int.fetchOne(db, sql: "SELECT total_changes()") ?? 0
            var what: String?
            var changed = false
            // Few tables take a stranger's row; the first that does.
            for table in tables.shuffled(using: &generator).prefix(self == .insertRow ? tables.count : 1) where !changed
            {
                what = try edit(table, db, &generator)
                changed = try Int.fetchOne(db, sql: "SELECT total_changes()") != before
            }
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            return changed || self == .schema || self == .dropTable ? what : nil
        }
    }

    private func edit(
        _ table: String, _ db: Database, _ random: inout some RandomNumberGenerator
    ) throws -> String? {
        switch self {
        case .dropRow, .killedDropRow: try drop(table, db, &random)
        case .changeColumn, .killedChangeColumn: return try change(table, db, &random)
        case .swapRows: return try swap(table, db, &random)
        case .insertRow: try? db.execute(sql: "INSERT OR IGNORE INTO \(table) SELECT * FROM aside.\(table)")
        case .olderRow:
            try? db.execute(
                sql: """
                    INSERT OR REPLACE INTO \(table)
                    SELECT * FROM (SELECT * FROM aside.\(table) EXCEPT SELECT * FROM main.\(table)) ORDER BY random() LIMIT 1
                    """)
        case .olderTable:
            guard try Row.fetchOne(db, sql: "SELECT * FROM aside.\(table) EXCEPT SELECT * FROM main.\(table)") != nil
            else { return nil }
            try db.execute(
                sql: """
                    DELETE FROM \(table); INSERT INTO \(table) SELECT * FROM aside.\(table);
                    INSERT OR REPLACE INTO table_sums SELECT * FROM aside.table_sums WHERE name = '\(table)';
                    """)
        case .dropTable: try db.execute(sql: "DROP TABLE \(table)")
        case .sums: return try editSums(db, &random)
        case .schema:
            let statements = [
                "DROP INDEX sessions_of_person", "CREATE TABLE more (x)", "CREATE INDEX more ON usage (at, status)",
                "CREATE TRIGGER more AFTER INSERT ON audit BEGIN DELETE FROM lockouts; END", "PRAGMA user_version = 2",
                "PRAGMA application_id = 7", "ALTER TABLE sessions ADD COLUMN more TEXT",
                "UPDATE sqlite_sequence SET seq = seq + 1", "DELETE FROM sqlite_sequence",
            ]
            let statement = statements.randomElement(using: &random) ?? ""
            try db.execute(sql: statement)
            return statement
        default: return nil
        }
        return table
    }

    private func drop(_ table: String, _ db: Database, _ random: inout some RandomNumberGenerator) throws {
        let condition = try condition(of: table, db)
        let rows = try Row.fetchAll(db, sql: "SELECT \(condition.columns) FROM \(table)")
        guard let row = rows.randomElement(using: &random) else { return }
        try db.execute(
            sql: "DELETE FROM \(table) WHERE \(condition.sql)", arguments: StatementArguments(row.databaseValues))
    }

    private func change(
        _ table: String, _ db: Database, _ random: inout some RandomNumberGenerator
    ) throws -> String? {
        let condition = try condition(of: table, db)
        let rows = try Row.fetchAll(db, sql: "SELECT \(condition.columns) FROM \(table)")
        guard let row = rows.randomElement(using: &random),
            let column = try columns(table, db).randomElement(using: &random)
        else { return nil }
        let values = [
            "\(column) + 1", "1 - \(column)", "CAST(randomblob(length(\(column))) AS BLOB)", "\(column) || 'x'", "NULL",
            "substr(\(column), 1, length(\(column)) - 1)", "x'00'", "''", "0.25",
        ]
        let value = values.randomElement(using: &random) ?? "NULL"
        let old = try DatabaseValue.fetchOne(
            db, sql: "SELECT \(column) FROM \(table) WHERE \(condition.sql)",
            arguments: StatementArguments(row.databaseValues))
        // What a column does not take is no edit.
        try? db.execute(
            sql: "UPDATE \(table) SET \(column) = \(value) WHERE \(condition.sql)",
            arguments: StatementArguments(row.databaseValues))
        let new = try DatabaseValue.fetchOne(
            db, sql: "SELECT \(column) FROM \(table) WHERE \(condition.sql)",
            arguments: StatementArguments(row.databaseValues))
        return old == new ? nil : "\(table).\(column) = \(value)"
    }

    /// Exchanges a column of two rows.
    private func swap(_ table: String, _ db: Database, _ random: inout some RandomNumberGenerator) throws -> String? {
        let condition = try condition(of: table, db)
        let rows = try Row.fetchAll(db, sql: "SELECT \(condition.columns) FROM \(table)").shuffled(using: &random)
        guard rows.count > 1, let column = try columns(table, db).randomElement(using: &random) else { return nil }
        let values = try rows.prefix(2).map { row in
            try DatabaseValue.fetchOne(
                db, sql: "SELECT \(column) FROM \(table) WHERE \(condition.sql)",
                arguments: StatementArguments(row.databaseValues)) ?? .null
        }
        guard values[0] != values[1] else { return nil }
        for (row, value) in zip(rows, values.reversed()) {
            try? db.execute(
                sql: "UPDATE \(table) SET \(column) = ? WHERE \(condition.sql)",
                arguments: StatementArguments([value] + row.databaseValues))
        }
        return "\(table).\(column)"
    }

    private func editSums(_ db: Database, _ random: inout some RandomNumberGenerator) throws -> String {
        let statements = [
            "DELETE FROM table_sums", "DELETE FROM table_sums WHERE name = ''",
            "DELETE FROM table_sums WHERE name = 'audit'", "UPDATE table_sums SET sum = randomblob(length(sum))",
            "UPDATE table_sums SET sum = randomblob(32) WHERE name = 'people'",
            "UPDATE table_sums SET sum = randomblob(48) WHERE name = ''", "DROP TABLE table_sums",
            "INSERT INTO table_sums VALUES ('more', zeroblob(32))",
            "DELETE FROM table_sums; INSERT INTO table_sums SELECT * FROM aside.table_sums",
        ]
        let statement = statements.randomElement(using: &random) ?? ""
        try db.execute(sql: statement)
        return statement
    }

    private func columns(_ table: String, _ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
    }

    /// What tells one row of a table.
    private func condition(of table: String, _ db: Database) throws -> (columns: String, sql: String) {
        let keys = try String.fetchAll(
            db, sql: "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", arguments: [table])
        return (keys.joined(separator: ", "), keys.map { "\($0) IS ?" }.joined(separator: " AND "))
    }
}

extension Data {
    fileprivate func page(_ number: Int) -> Data { subdata(in: (number * 4096)..<((number + 1) * 4096)) }

    fileprivate mutating func replace(_ number: Int, with page: Data) {
        replaceSubrange((number * 4096)..<((number + 1) * 4096), with: page)
    }
}
