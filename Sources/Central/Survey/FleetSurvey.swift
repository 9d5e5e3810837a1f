public import EdgeCore
import FoundationEssentials
import SyncCore

/// A look at the fleet's books: what holds them, and what in them waits for somebody.
public struct FleetSurvey: Sendable, Equatable {
    /// What holds the books.
    public let database: CentralStanding.Database
    /// What they say; `nil` where their tables are of another version than this program's.
    public let fleet: CentralStanding.Fleet?

    /// Looks, at `wall`; a member is silent that was not heard of for longer than `patience`.
    init(_ db: any FleetSession, isShared: Bool, wall: Int64, patience: Duration) throws {
        database = try isShared ? Self.server(db) : Self.file(db)
        fleet =
            database.schema == database.knownSchema
            ? try Self.fleet(db, silentBefore: wall - patience.microseconds) : nil
    }

    private static func file(_ db: any FleetSession) throws -> CentralStanding.Database {
        CentralStanding.Database(
            kind: "sqlite", version: try db.value("SELECT sqlite_version()") ?? "",
            schema: try db.value("SELECT user_version FROM pragma_user_version") ?? 0,
            knownSchema: CentralSchema.migrations.count)
    }

    private static func server(_ db: any FleetSession) throws -> CentralStanding.Database {
        var database = CentralStanding.Database(
            kind: "postgresql", version: try db.value("SELECT current_setting('server_version')") ?? "",
            schema: try PostgresSchema.isThere(db) ? try PostgresSchema.version(db) : 0,
            knownSchema: CentralSchema.migrations.count)
        database.usedConnections = try db.value(
            "SELECT CAST(coalesce(sum(numbackends), 0) AS BIGINT) FROM pg_stat_database")
        database.connectionLimit = try db.value("SELECT CAST(current_setting('max_connections') AS BIGINT)")
        return database
    }

    private static func fleet(_ db: any FleetSession, silentBefore limit: Int64) throws -> CentralStanding.Fleet {
        let heard = "coalesce(last_seen, joined_at)"
        let members = "SELECT count(*) FROM devices WHERE standing = 'active'"
        var fleet = CentralStanding.Fleet(
            members: try db.value(members) ?? 0, silent: try db.value("\(members) AND \(heard) < ?", [limit]) ?? 0,
            quarantined: try queue("count(*)", "standing_since", "devices WHERE standing = 'quarantined'", db),
            erasures: try queue("count(DISTINCT subject)", "since", "erasure_proofs WHERE proven_at IS NULL", db),
            events: try queue("count(*)", "put_at", "event_queue", db))
        let last = try db.row(
            "SELECT name, \(heard) AS heard FROM devices WHERE standing = 'active' ORDER BY \(heard), id LIMIT 1")
        fleet.longestSilent = try last?["name"]
        fleet.longestSilentSince = try last?.optionalDate("heard")
        fleet.authorityExpiresAt = try db.row("SELECT max(ends_at) AS ends FROM authorities")?.optionalDate("ends")
        return fleet
    }

    private static func queue(
        _ number: String, _ moment: String, _ rows: String, _ db: any FleetSession
    ) throws -> CentralStanding.Queue {
        let row = try db.row("SELECT \(number) AS number, min(\(moment)) AS oldest FROM \(rows)")
        return CentralStanding.Queue(waiting: try row?["number"] ?? 0, oldestAt: try row?.optionalDate("oldest"))
    }
}

extension FleetDesk {
    /// Looks at the books while central runs.
    public func survey() async throws(EdgeError) -> FleetSurvey {
        let (isShared, wall, patience) = (database.isShared, wall, options.lease.fresh)
        return try await database.read { db in
            try FleetSurvey(db, isShared: isShared, wall: wall, patience: patience)
        }
    }
}
