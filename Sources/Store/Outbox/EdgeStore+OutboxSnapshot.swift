import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// Everybody who is enrolled, told to central once in each epoch.
///
/// A device gets its first central late, and a new epoch gives up what was not acknowledged; enrollments from before would
/// never be told otherwise. Somebody who is told twice is the same person in the same generation.
extension EdgeStore {
    /// How many people are put into the lane in one transaction: a door waits at most that long.
    private static let peoplePerStep = 50

    /// Goes on with the present epoch's snapshot, as far as half of the enrollment lane allows; the rest is for the door.
    func snapshotWhenDue() async throws(EdgeError) {
        guard outboxLimits.hasCentral else { return }
        while try await write(.current, { [self] db in try takeSnapshotStep(db) }) {}
    }

    /// Whether there is more to be done at once.
    private func takeSnapshotStep(_ db: Database) throws -> Bool {
        let states = try laneStates(db)
        var mark = try SnapshotMark.read(of: states.epoch, db)
        guard !mark.isDone, hasHalf(states[.enrollment]) else { return false }
        if mark.isFresh { try tellClientsAgain(db) }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM people WHERE key > ? AND EXISTS (SELECT 1 FROM templates WHERE person_key = people.key)
                ORDER BY key LIMIT ?
                """, arguments: [mark.last, Self.peoplePerStep])
        for row in rows {
            mark.last = row["key"]
            if try tell(row, db) { mark.people += 1 }
        }
        mark.isDone = rows.count < Self.peoplePerStep
        if mark.isDone {
            try enqueue(
                OutboxDraft(
                    kind: "snapshot.completed", content: .facts(["people": .integer(mark.people)]), urgency: .essential),
                lane: .enrollment, db)
        }
        try mark.keep(of: states.epoch, db)
        return !mark.isDone
    }

    /// False for somebody whom central has told of itself, and for one whose records do not open: the proof of the store
    /// tells of them, and others must not wait.
    private func tell(_ row: Row, _ db: Database) throws -> Bool {
        do {
            // Before the record is opened: most people of a fleet are known.
            guard try !isKnownToFleet(row["key"], db) else { return false }
            let owner = try PersonOwner(row, sealer)
            try enqueueEnrollment(
                of: owner, enrollment: try row.optionalID("enrollment_id"), isSnapshot: true, db)
            return true
        } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
            return false
        }
    }

    /// The snapshot begins again: for a central that knows nobody yet.
    func restartSnapshot(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM meta WHERE name = 'outbox_snapshot'")
    }

    private func hasHalf(_ state: LaneState) -> Bool {
        let quota = outboxLimits.quota(of: .enrollment)
        return state.depth + Int64(Self.peoplePerStep) <= max(quota.records / 2, Int64(Self.peoplePerStep))
            && state.bytes <= quota.bytes / 2
    }
}

/// How far the snapshot of an epoch has come.
private struct SnapshotMark {
    var last: Int64 = 0
    var people = 0
    var isDone = false
    var isFresh: Bool { last == 0 && !isDone }

    static func read(of epoch: [UInt8], _ db: Database) throws -> SnapshotMark {
        let kept = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'outbox_snapshot'")
        let words = kept.map { String(decoding: $0, as: UTF8.self).split(separator: " ").map(String.init) } ?? []
        guard words.count == 4, words[0] == hexadecimal(epoch), let last = Int64(words[1]), let people = Int(words[2])
        else { return SnapshotMark() }
        return SnapshotMark(last: last, people: people, isDone: words[3] == "done")
    }

    func keep(of epoch: [UInt8], _ db: Database) throws {
        let text = "\(hexadecimal(epoch)) \(last) \(people) \(isDone ? "done" : "open")"
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('outbox_snapshot', ?)",
            arguments: [Data(text.utf8)])
    }
}
