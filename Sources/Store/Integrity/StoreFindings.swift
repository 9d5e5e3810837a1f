import EdgeCore
import FoundationEssentials
import GRDB
import Logging

/// What a look at the store found that accepting it would settle.
struct StoreFindings: Sendable {
    /// What is wrong with the file and not with its rows.
    let faults: [String]
    /// The tables whose rows are not those that were written, each with what its sum differs by.
    let edited: [String: RowSum]
    let alarms: [StoreAlarm]
    let lanes: LaneVerification

    /// One of them: in words that stay the same as long as it does, and as people are told it.
    struct Finding: Sendable {
        let words: String
        let sentence: String
    }

    var all: [Finding] {
        var all = alarms.map { alarm in
            Finding(words: "alarm \(alarm.kind.rawValue) \(alarm.facts) \(alarm.detail)", sentence: alarm.detail)
        }
        for (table, change) in edited.sorted(by: { $0.key < $1.key }) {
            let words = "rows \(table) \(hexadecimal(change.bytes))"
            all.append(Finding(words: words, sentence: "\(table) was changed past edged."))
        }
        for (fault, times) in Dictionary(grouping: faults, by: { $0 }).sorted(by: { $0.key < $1.key }) {
            all.append(Finding(words: "file \(times.count) \(fault)", sentence: "In the file: \(fault)."))
        }
        for lane in lanes.firstBroken.keys.sorted() {
            all.append(Finding(words: "lane \(lane)", sentence: "The lane \(lane) for central is broken."))
        }
        return all
    }

    var words: Set<String> { Set(all.map(\.words)) }
}

/// What ``EdgeStore/verify()`` told last, as the file keeps it: nothing else is accepted, and nothing at all after another alarm.
///
/// It is a row of a table that is summed up: whoever writes it past `edged` has made an edit that nobody was shown.
enum ShownFindings {
    private static let name = "findings_shown"

    /// Empty where nothing was told, or what was told cannot be read.
    static func read(_ db: Database) throws -> Set<String> {
        let value = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
        return value.flatMap { try? JSONDecoder().decode(Set<String>.self, from: $0) } ?? []
    }

    static func keep(_ words: Set<String>, _ db: Database) throws {
        guard !words.isEmpty else { return try forget(db) }
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [name, try JSONEncoder().encode(words.sorted())])
    }

    static func forget(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM meta WHERE name = ?", arguments: [name])
    }
}

extension EdgeStore {
    /// Looks for all that accepting would settle.
    func lookThrough() async throws(EdgeError) -> StoreFindings {
        // What was edited under a running daemon stands on disk, and not in the pages that SQLite remembers.
        try await read { db in try db.execute(sql: "PRAGMA shrink_memory") }
        let faults = try await read { db in try StructureMending.faults(db) }
        let edited = try await read { [sums] db in try sums.deviations(db) }
        let lanes = try await read { [self] db in try verifyLanes(db) }
        let alarms = try await read { db in try AlarmRecord.standing(db) }
        return StoreFindings(faults: faults, edited: edited, alarms: alarms, lanes: lanes)
    }

    /// Remembers what is told from here on; a store that nothing can be written to is told of all the same.
    func noteShown(_ findings: StoreFindings) async {
        let words = findings.words
        do throws(EdgeError) {
            guard try await read({ db in try ShownFindings.read(db) }) != words else { return }
            try await write(.urgent) { db in try ShownFindings.keep(words, db) }
        } catch {
            log.error("what was found is not remembered", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}
