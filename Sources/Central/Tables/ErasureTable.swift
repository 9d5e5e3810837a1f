import EdgeCore
import FoundationEssentials
import SyncCore

/// Which devices have proven each erasure.
enum ErasureTable {
    /// The book of a subject's newest erasure; `nil` when there was none.
    static func find(_ subject: SubjectKey, _ db: any FleetSession) throws -> (below: UInt64, book: ErasureBook)? {
        let row = try db.row("SELECT below, ordered_at FROM erasures WHERE subject = ?", [subject.column])
        guard let row else { return nil }
        var book = ErasureBook(orderedAt: try row["ordered_at"], devices: [])
        let proofs = try db.rows(
            "SELECT device, since, proven_at FROM erasure_proofs WHERE subject = ?", [subject.column])
        for proof in proofs {
            let device: DeviceID = try proof.id("device")
            if let proven = try proof["proven_at"] as Int64? {
                book.prove(device, at: proven)
            } else {
                book.expect(device, at: try proof["since"])
            }
        }
        return (try row.count("below"), book)
    }

    /// Puts the book in place of the one before.
    static func keep(_ book: ErasureBook, of subject: SubjectKey, below: UInt64, _ db: any FleetSession) throws {
        try db.execute(
            """
            INSERT INTO erasures (subject, below, ordered_at) VALUES (?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET below = excluded.below, ordered_at = excluded.ordered_at
            """, [subject.column, Int64(clamping: below), book.orderedAt])
        try db.execute("DELETE FROM erasure_proofs WHERE subject = ?", [subject.column])
        for (device, since) in book.outstanding { try insert(subject, device, since, nil, db) }
        for (device, moment) in book.proven { try insert(subject, device, book.orderedAt, moment, db) }
    }

    /// Subjects whose erasure a device owes the proof of.
    static func duties(of device: DeviceID, _ db: any FleetSession) throws -> [SubjectKey] {
        try db.values("SELECT subject FROM erasure_proofs WHERE device = ? AND proven_at IS NULL", [device.column]).map
        { try SubjectKey(column: $0) }
    }

    private static func insert(
        _ subject: SubjectKey, _ device: DeviceID, _ since: Int64, _ proven: Int64?, _ db: any FleetSession
    ) throws {
        try db.execute(
            "INSERT INTO erasure_proofs (subject, device, since, proven_at) VALUES (?, ?, ?, ?)",
            [subject.column, device.column, since, proven])
    }
}
