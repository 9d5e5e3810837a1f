import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// Who counts the records, and in which life of its file: 16 random bytes each, kept in `meta`.
struct StoreIdentity: Sendable, Equatable {
    /// Outlives epochs.
    let device: [UInt8]
    /// One life of the file: a restored copy counts again from an older number, in a new epoch.
    var epoch: [UInt8]

    /// What the file says; an identifier that it does not have yet is made.
    init(_ db: Database) throws {
        device = try Self.device(db)
        epoch = try Self.epoch(db)
    }

    /// The device's identifier; made when there is none.
    static func device(_ db: Database) throws -> [UInt8] { try value("device", db) ?? fresh("device", db) }

    /// The epoch's identifier; made when there is none.
    static func epoch(_ db: Database) throws -> [UInt8] { try value("epoch", db) ?? fresh("epoch", db) }

    /// What the two are called in the file.
    static let names = ["device", "epoch"]

    /// Throws `store.corrupt` where one of them is there and is none.
    static func requireReadable(_ db: Database) throws { for name in names { try requireReadable(name, db) } }

    /// The same for one of them.
    static func requireReadable(_ name: String, _ db: Database) throws { _ = try value(name, db) }

    /// Gives a file that does not say whose it is, or says it wrongly, its device again.
    static func restoreDevice(_ device: [UInt8], _ db: Database) throws {
        let known = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'device'")
        guard known != Data(device) else { return }
        try keep(device, as: "device", db)
    }

    /// Ends the epoch of a file that nobody has open; the next opening begins another for this reason.
    static func endEpoch(reason: EpochReason, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM meta WHERE name = 'epoch'")
        try keep(Array(reason.rawValue.utf8), as: "epoch_ended", db)
    }

    /// Gives the file a new epoch's identifier.
    static func renewEpoch(_ db: Database) throws -> [UInt8] {
        try db.execute(sql: "DELETE FROM meta WHERE name = 'epoch_ended'")
        return try fresh("epoch", db)
    }

    /// Why the file's epoch was ended while nobody had it open; `nil` when it goes on.
    static func endedEpoch(_ db: Database) throws -> EpochReason? {
        let mark = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'epoch_ended'")
        return mark.flatMap { EpochReason(rawValue: String(decoding: $0, as: UTF8.self)) }
    }

    private static func value(_ name: String, _ db: Database) throws -> [UInt8]? {
        let known = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT value FROM meta WHERE name = ?"), arguments: [name])
        guard known == nil || known?.count == 16 else {
            throw EdgeError(.storeCorrupt, "The identifier of the \(name) is damaged.")
        }
        return known.map { Array($0) }
    }

    private static func fresh(_ name: String, _ db: Database) throws -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let made = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        try keep(made, as: name, db)
        return made
    }

    private static func keep(_ value: [UInt8], as name: String, _ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", arguments: [name, Data(value)])
    }
}
