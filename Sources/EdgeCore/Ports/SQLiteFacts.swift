/// The SQLite that keeps the store.
public struct SQLiteFacts: Sendable, Equatable, Codable {
    /// For example `3.40.1`.
    public let version: String
    /// Whether its WAL-reset bug is fixed: two connections that write and check a log in the same instant damage the file.
    ///
    /// The store has one connection, which shuts the bug out; somebody who opens the file with another tool brings it back.
    public let isWALResetFixed: Bool

    private enum CodingKeys: String, CodingKey {
        case version
        case isWALResetFixed = "walResetFixed"
    }

    /// Knows of a version by its number; the fix came with 3.51.3 and was carried back to 3.50.7 and 3.44.6.
    public init(version: String) {
        self.version = version
        let parts = version.split(separator: ".").compactMap { Int($0) }
        let (major, minor, patch) = (parts.first ?? 0, parts.dropFirst().first ?? 0, parts.dropFirst(2).first ?? 0)
        isWALResetFixed =
            switch (major, minor) {
            case (4..., _), (3, 52...): true
            case (3, 51): patch >= 3
            case (3, 50): patch >= 7
            case (3, 44): patch >= 6
            default: false
            }
    }
}
