import EdgeCore

/// What the books say of a move: which one took them out of the file, and by which one they came to PostgreSQL.
///
/// A move has an id. The file gets it as `moving` just before the move's transaction is committed, and as `moved` after it;
/// PostgreSQL gets it as `moved` in that transaction. So whatever is cut off in between, a look at both says what came
/// through.
enum MoveMark {
    /// The rows of `meta` that stay where they are.
    static let names: Set<String> = [MetaTable.Name.moving.rawValue, MetaTable.Name.moved.rawValue]

    /// Throws `central.moved` where the books of a file are in PostgreSQL, or may be.
    static func expectNone(_ file: any FleetSession) throws {
        try expectNotMoved(file)
        guard try MetaTable.value(.moving, file) == nil else {
            throw EdgeError(
                .centralMoved, "A move of central's books to PostgreSQL was cut off at its end: run it again.")
        }
    }

    /// Throws `central.moved` for a file whose books are in PostgreSQL for certain.
    static func expectNotMoved(_ file: any FleetSession) throws {
        guard try MetaTable.value(.moved, file) == nil else { throw EdgeError(.centralMoved) }
    }

    /// The file's books are in PostgreSQL for certain.
    static func settle(_ move: [UInt8], _ file: any FleetSession) throws {
        try MetaTable.keep(move, as: .moved, file)
        try MetaTable.keep(nil, as: .moving, file)
    }

    /// A central may begin on the file again, in a new life: devices may have gone on elsewhere.
    static func remove(_ file: any FleetSession) throws {
        guard try MetaTable.value(.moving, file) != nil || MetaTable.value(.moved, file) != nil else { return }
        try MetaTable.keep([1], as: .copied, file)
        try MetaTable.keep(nil, as: .moving, file)
        try MetaTable.keep(nil, as: .moved, file)
    }
}
