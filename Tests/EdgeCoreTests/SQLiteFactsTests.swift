import EdgeCore
import Foundation
import Testing

@Suite("The SQLite that keeps the store")
struct SQLiteFactsTests {
    @Test(
        "says whether the WAL-reset bug is fixed in it",
        arguments: [
            ("3.40.1", false), ("3.44.5", false), ("3.44.6", true), ("3.45.0", false), ("3.50.6", false),
            ("3.50.7", true),
            ("3.51.2", false), ("3.51.3", true), ("3.52.0", true), ("4.0.0", true), ("unknown", false),
        ])
    func fixed(version: String, isFixed: Bool) {
        #expect(SQLiteFacts(version: version).isWALResetFixed == isFixed)
    }

    @Test("stands in JSON under names of our own")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(SQLiteFacts(version: "3.51.3")), as: UTF8.self)
        #expect(text == #"{"version":"3.51.3","wal_reset_fixed":true}"#)
    }
}
