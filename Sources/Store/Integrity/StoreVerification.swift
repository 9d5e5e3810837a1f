public import EdgeCore
import FoundationEssentials
import GRDB

/// What a proof of the whole store found.
public struct StoreVerification: Sendable, Equatable {
    /// The audit chain.
    public let audit: AuditVerification
    /// How many sealed records were opened.
    public let sealedRecords: Int
    /// How many of each table could not be opened: a bit, the key or the place differs.
    public let brokenSeals: [String: Int]
    /// What SQLite found wrong with the file, and rows that point nowhere; at most a hundred sentences.
    public let fileFaults: [String]

    /// Whether everything is as it was written.
    public var isWhole: Bool { audit.firstBroken == nil && brokenSeals.isEmpty && fileFaults.isEmpty }
}

extension EdgeStore {
    /// Walks the audit chain, checks the file's structure and opens the records of people, templates and pictures.
    public func verify() async throws(EdgeError) -> StoreVerification {
        let audit = try await verifyAuditChain()
        let faults = try await read { db in try Self.fileFaults(db) }
        let (opened, broken) = try await read { [self] db in try openSeals(db) }
        return StoreVerification(audit: audit, sealedRecords: opened, brokenSeals: broken, fileFaults: faults)
    }

    private static func fileFaults(_ db: Database) throws -> [String] {
        let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
        let lost = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
            "a row of \(row[0] as String? ?? "a table") points at a row of \(row[2] as String? ?? "another") that is gone"
        }
        return Array((found + lost).prefix(100))
    }

    private func openSeals(_ db: Database) throws -> (opened: Int, broken: [String: Int]) {
        var opened = 0
        var broken: [String: Int] = [:]
        func count(_ table: String, _ open: () throws -> Void) throws {
            do {
                try open()
                opened += 1
            } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
                broken[table, default: 0] += 1
            }
        }
        let people = try Row.fetchCursor(db, sql: "SELECT * FROM people")
        while let row = try people.next() {
            var owner: PersonOwner?
            try count("people") { owner = try PersonOwner(row, sealer) }
            guard let owner else { continue }
            try count("people") { _ = try PersonProfile(row, of: owner, sealer) }
            try count("templates") { _ = try templates(of: owner, db) }
            let pictures = try Row.fetchAll(
                db, sql: "SELECT kind, media_type, picture FROM person_images WHERE person_key = ?",
                arguments: [owner.key])
            for picture in pictures {
                try count("person_images") {
                    let kind: PersonImageKind = try picture.word("kind")
                    let place = SealPlace.image(
                        kind, mediaType: picture["media_type"], of: owner.id, client: owner.client)
                    _ = try sealer.open(picture.bytes("picture"), subjectKey: owner.subjectKey, context: place)
                }
            }
        }
        let sessions = try Row.fetchCursor(
            db, sql: "SELECT id, client_id, subject_key, personal FROM sessions WHERE personal IS NOT NULL")
        while let row = try sessions.next() {
            try count("sessions") {
                guard let key = row["subject_key"] as Data? else { throw EdgeError(.sealBroken) }
                let place = SealPlace.session(try row.id("id"), of: try row.id("client_id"))
                _ = try sealer.open(row.bytes("personal"), subjectKey: Array(key), context: place)
            }
        }
        return (opened, broken)
    }
}
