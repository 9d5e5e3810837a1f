import EdgeCore
import FoundationEssentials
import GRDB

/// Which key seals the next line, as the database says it; the key itself is in ``TailFile``.
struct TailPosition: Sendable, Equatable {
    let generation: [UInt8]
    let interval: Int64

    init(generation: [UInt8], interval: Int64) {
        self.generation = generation
        self.interval = interval
    }

    init(_ key: AuditTailKey) { self.init(generation: key.generation, interval: key.interval) }

    /// `nil` when lines are not sealed.
    init?(_ db: Database) throws {
        let kept = try Data.fetchOne(db.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'audit_tail'"))
        guard let bytes = kept.map({ Array($0) }), bytes.count == 24 else { return nil }
        self.init(
            generation: Array(bytes[..<16]), interval: bytes[16...].reduce(Int64(0)) { $0 << 8 | Int64($1) })
    }

    func keep(_ db: Database) throws {
        let number = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: interval >> $0) }
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('audit_tail', ?)")
            .execute(arguments: [Data(generation + number)])
    }

    static func forget(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM meta WHERE name = 'audit_tail'")
    }
}

extension AuditTailKey {
    func isAt(_ position: TailPosition) -> Bool {
        generation == position.generation && interval == position.interval
    }
}
