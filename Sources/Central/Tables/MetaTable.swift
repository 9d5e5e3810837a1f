import EdgeCore
import FoundationEssentials
import SyncCore

/// Single values of the database.
enum MetaTable {
    enum Name: String {
        case incarnation, openings, pseudonymKey = "pseudonym_key", pseudonymSealKey = "pseudonym_seal_key", model
        /// Lives that ended with a new one, as JSON; kept where several processes share the books.
        case earlier
        /// Set in a copy: whoever opens it begins a new incarnation.
        case copied
        /// Which move takes the books to PostgreSQL, or took them there: see ``MoveMark``.
        case moving, moved
        /// Cleared when the keys were exchanged after an erasure.
        case rotationDue = "rotation_due"
        /// The last announcement of roots as a signed note, and its number.
        case roots, rootsSerial = "roots_serial"
        /// The number of the last change of what devices go by.
        case configurationSerial = "configuration_serial"
    }

    static func value(_ name: Name, _ db: any FleetSession) throws -> [UInt8]? {
        try (db.value("SELECT value FROM meta WHERE name = ?", [name.rawValue]) as Data?).map { Array($0) }
    }

    static func keep(_ value: [UInt8]?, as name: Name, _ db: any FleetSession) throws {
        guard let value else {
            return try db.execute("DELETE FROM meta WHERE name = ?", [name.rawValue])
        }
        try db.execute(
            """
            INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """, [name.rawValue, Data(value)])
    }

    static func incarnation(_ db: any FleetSession) throws -> Incarnation? {
        try value(.incarnation, db).map { try Incarnation(column: Data($0)) }
    }

    static func earlier(_ db: any FleetSession) throws -> [Incarnation] {
        try value(.earlier, db).map { try JSONColumn.value(String(decoding: $0, as: UTF8.self)) } ?? []
    }

    static func noteEarlier(_ incarnation: Incarnation, _ db: any FleetSession) throws {
        try keep(Array(JSONColumn.text(earlier(db) + [incarnation]).utf8), as: .earlier, db)
    }

    static func number(_ name: Name, _ db: any FleetSession) throws -> Int64 {
        try value(name, db).flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    static func keep(_ number: Int64, as name: Name, _ db: any FleetSession) throws {
        try keep(Array(String(number).utf8), as: name, db)
    }
}
