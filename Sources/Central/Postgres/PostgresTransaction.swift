/// The kinds of transactions.
///
/// Central's rules were written for one writer at a time. What only adds to a device's own lanes runs beside others of its
/// kind, one for each device, which its row's lock sees to; everything that changes people, scopes, devices or keys runs
/// with nobody beside it. The lock is one of PostgreSQL's, so it holds among all processes, and it is given in the order
/// in which it was asked for.
enum PostgresTransaction {
    /// Sees what was there at one moment, and writes nothing.
    case read
    /// Beside others of its kind.
    case shared
    /// Nobody else writes meanwhile.
    case alone

    /// `EDGC`, as in the SQLite file's header.
    private static let lock = CentralSchema.applicationID

    var beginning: [String] {
        switch self {
        case .read: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"]
        case .shared: ["BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock_shared(\(Self.lock))"]
        case .alone: ["BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock(\(Self.lock))"]
        }
    }
}
