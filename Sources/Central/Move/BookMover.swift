import EdgeCore
import FoundationEssentials

/// One move, on the thread that has the file: all of it is one transaction of PostgreSQL.
struct BookMover {
    let file: any FleetSession
    let line: PostgresLine
    let checker: any ProofChecker

    /// Moves the books, or finds that an earlier move came through whose end was not seen.
    func run() throws -> MoveReport {
        defer { line.close() }
        try MoveMark.expectNotMoved(file)
        let tables = try BookTable.all(file)
        let move = Array(UUID().column)
        try line.begin(.alone)
        let counts: [Int]
        do {
            if let earlier = try earlierMove() {
                counts = try tables.map { try $0.count(line) }
                line.rollBack()
                try MoveMark.settle(earlier, file)
                return MoveReport(tables: Self.listing(tables, counts), wasDone: true)
            }
            counts = try fill(tables, move)
        } catch {
            line.rollBack()
            throw error
        }
        try commit(move)
        return MoveReport(tables: Self.listing(tables, counts), wasDone: false)
    }

    /// The move that the file waits for the end of, where PostgreSQL has its books.
    private func earlierMove() throws -> [UInt8]? {
        guard let waiting = try MetaTable.value(.moving, file), try PostgresSchema.isThere(line) else { return nil }
        return try MetaTable.value(.moved, line) == waiting ? waiting : nil
    }

    /// Copies everything and reads it back; gives the numbers of rows.
    private func fill(_ tables: [BookTable], _ move: [UInt8]) throws -> [Int] {
        try prepare(tables)
        let sums = try tables.map { try $0.copy(file, to: line, checker) }
        try MetaTable.keep(move, as: .moved, line)
        for (table, sum) in zip(tables, sums) {
            guard try table.sum(line, checker) == sum else {
                throw EdgeError(
                    .internalFault, "What arrived of \(table.name) in PostgreSQL is not what the file holds.")
            }
        }
        return sums.map(\.rows)
    }

    /// Makes the tables where there are none; throws `central.target.unfit`.
    private func prepare(_ tables: [BookTable]) throws {
        guard try PostgresSchema.isThere(line) else {
            guard try PostgresSchema.isBare(line) else {
                throw EdgeError(.centralTarget, "The PostgreSQL database holds tables that are not central's.")
            }
            return try PostgresSchema.create(line)
        }
        let version = try PostgresSchema.version(line)
        guard version == CentralSchema.migrations.count else {
            throw EdgeError(
                .centralTarget,
                "The PostgreSQL database has schema \(version), the file \(CentralSchema.migrations.count).")
        }
        guard let taken = try tables.first(where: { try !$0.isEmpty(line) }) else { return }
        throw EdgeError(.centralTarget, "The PostgreSQL database has rows in \(taken.name).")
    }

    /// From the mark on no central begins on the file; one whose commit was refused may again.
    private func commit(_ move: [UInt8]) throws {
        do { try MetaTable.keep(move, as: .moving, file) } catch {
            line.rollBack()
            throw error
        }
        do { try line.commit() } catch {
            line.rollBack()
            // Without an answer it may have come through: the next run looks.
            if let fault = error as? PostgresFault, case .refused = fault {
                try MetaTable.keep(nil, as: .moving, file)
            }
            throw error
        }
        try MoveMark.settle(move, file)
    }

    private static func listing(_ tables: [BookTable], _ counts: [Int]) -> [MoveReport.Table] {
        zip(tables, counts).map { MoveReport.Table(name: $0.name, rows: $1) }
    }
}
