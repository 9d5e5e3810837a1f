public import EdgeCore
import FoundationEssentials
import GRDB

/// What a check of the store found.
public struct StoreVerification: Sendable, Equatable {
    /// The audit chain.
    public let audit: AuditVerification
    /// The records that wait for central.
    public let lanes: LaneVerification
    /// How many sealed records of people and sessions were opened.
    public let sealedRecords: Int
    /// How many of each table could not be opened: a bit, the key or the place differs.
    public let brokenSeals: [String: Int]
    /// How many people stand under another external id than the one that is sealed with them: they are listed, and not found by it.
    public let misfiledPeople: Int
    /// What SQLite found wrong with the file, and rows that point nowhere; at most a hundred sentences.
    public let fileFaults: [String]
    /// The tables whose rows are not those that were written through the store: a row was edited, taken out or put in.
    public let editedTables: [String]
    /// What was found before or just now, of the file, the anchor and the key of the trail's tail, and nobody has accepted.
    public let alarms: [StoreAlarm]

    /// Whether nothing was found.
    public var isWhole: Bool {
        audit.firstBroken == nil && lanes.isWhole && brokenSeals.isEmpty && misfiledPeople == 0 && fileFaults.isEmpty
            && editedTables.isEmpty && alarms.isEmpty
    }
}

extension EdgeStore {
    /// Walks the audit chain and the lanes, checks the file, sums up all tables and opens what is sealed of people and sessions.
    ///
    /// Each of the steps holds the one connection. What it tells may be accepted from then on: ``acceptContents()``.
    public func verify() async throws(EdgeError) -> StoreVerification {
        let audit = try await verifyAuditChain()
        try await tellTouchedFiles()
        let found = try await lookThrough()
        let (opened, broken, misfiled) = try await read { [self] db in try openSeals(db) }
        await noteShown(found)
        return StoreVerification(
            audit: audit, lanes: found.lanes, sealedRecords: opened, brokenSeals: broken, misfiledPeople: misfiled,
            fileFaults: found.faults, editedTables: found.edited.keys.sorted(), alarms: found.alarms)
    }

    private func openSeals(_ db: Database) throws -> (opened: Int, broken: [String: Int], misfiled: Int) {
        var opened = 0
        var misfiled = 0
        var broken: [String: Int] = [:]
        /// `open` says how many records it opened.
        func count(_ table: String, _ open: () throws -> Int) throws {
            do {
                opened += try open()
            } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
                broken[table, default: 0] += 1
            }
        }
        let people = try Row.fetchCursor(db, sql: "SELECT * FROM people")
        while let row = try people.next() {
            var owner: PersonOwner?
            try count("people") {
                owner = try PersonOwner(row, sealer)
                return 1
            }
            guard let owner else { continue }
            if try DigestMending.isMisfiled(row, owner, secrets) { misfiled += 1 }
            try count("people") {
                _ = try PersonProfile(row, of: owner, sealer)
                return (row["profile"] as Data?) == nil ? 0 : 1
            }
            try count("templates") { try templates(of: owner, db).count }
            try count("crops") { try crops(of: owner, db).count }
            try count("consents") { try openConsents(of: owner, db) }
            for kind in try pictureKinds(of: owner, db) {
                try count("person_images") { try openPicture(kind, of: owner, db) }
            }
        }
        let sessions = try Row.fetchCursor(
            db, sql: "SELECT id, client_id, subject_key, personal FROM sessions WHERE personal IS NOT NULL")
        while let row = try sessions.next() {
            try count("sessions") {
                guard let key = row["subject_key"] as Data? else { throw EdgeError(.sealBroken) }
                let place = SealPlace.session(try row.id("id"), of: try row.id("client_id"))
                _ = try sealer.open(row.bytes("personal"), subjectKey: Array(key), context: place)
                return 1
            }
        }
        return (opened, broken, misfiled)
    }

    private func openConsents(of owner: PersonOwner, _ db: Database) throws -> Int {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT e.id, c.sealed AS consent, c.recorded_at AS consent_at
                FROM consents c JOIN enrollments e ON e.key = c.enrollment_key WHERE c.person_key = ?
                """, arguments: [owner.key])
        for row in rows {
            let enrollment: EnrollmentID = try row.id("id")
            _ = try ConsentRecord(row, of: enrollment, client: owner.client, subjectKey: owner.subjectKey, sealer)
        }
        return rows.count
    }

    private func pictureKinds(of owner: PersonOwner, _ db: Database) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT kind FROM person_images WHERE person_key = ?", arguments: [owner.key])
    }

    private func openPicture(_ kind: String, of owner: PersonOwner, _ db: Database) throws -> Int {
        let row = try Row.fetchOne(
            db, sql: "SELECT kind, media_type, picture FROM person_images WHERE person_key = ? AND kind = ?",
            arguments: [owner.key, kind])
        guard let row else { throw EdgeError(.storeCorrupt) }
        let place = SealPlace.image(
            try row.word("kind"), mediaType: row["media_type"], of: owner.id, client: owner.client)
        _ = try sealer.open(row.bytes("picture"), subjectKey: owner.subjectKey, context: place)
        return 1
    }
}
