public import EdgeCore
import GRDB

extension EdgeStore {
    /// The SQLite that this program runs with.
    public static let sqlite = SQLiteFacts(version: version ?? "unknown")

    private static var version: String? {
        try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
    }
}
