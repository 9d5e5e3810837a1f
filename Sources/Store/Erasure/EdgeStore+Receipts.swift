public import EdgeCore
import FoundationEssentials
import GRDB

/// What is known of an erasure in its own transaction.
struct ErasureFacts {
    let client: ClientID
    /// `nil` for all people of a client.
    let person: PersonID?
    let cause: ErasureCause
    let requestedAt: Date
    var destroyed: ErasureCounts
}

extension EdgeStore: ErasureLedger {
    /// Erases a person as ``removePerson(_:of:)`` does, and tells the receipt.
    public func erasePerson(_ id: PersonID, of client: ClientID) async throws(EdgeError) -> ErasureRecord {
        try await erase(id, of: client, cause: .request, requestedAt: clock.wall)
    }

    /// One page of a tenant's erasures, or with `nil` of all, newest first.
    public func erasures(of client: ClientID?, page: PageRequest) async throws(EdgeError) -> PageOf<ErasureRecord> {
        var conditions = Conditions()
        if let client { conditions.add("tenant_id = ?", client.column) }
        return try await read { [self, conditions] db in
            let rows = try conditions.page(page, of: "erasure_receipts", order: "key DESC", db)
            return PageOf(
                total: try conditions.count(in: "erasure_receipts", db), items: try rows.map { try erasure($0) })
        }
    }

    /// One erasure; `nil` when the tenant has none like it.
    public func erasure(_ id: ErasureID, of client: ClientID?) async throws(EdgeError) -> ErasureRecord? {
        try await read { [self] db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM erasure_receipts WHERE id = ?1 AND (?2 IS NULL OR tenant_id = ?2)",
                arguments: [id.column, client?.column]
            ).map { try erasure($0) }
        }
    }

    /// The public key that receipts are checked with, as checkers of signed notes take it.
    public func erasureVerifierKey() async throws(EdgeError) -> String {
        let device = try await read { try StoreIdentity.device($0) }
        return try SignedNote.verifierKey(
            ErasureReceipt.signer(device: device), publicKey: signer.publicKey, signer)
    }

    /// Writes the audit line of an erasure and its receipt, in the erasure's own transaction.
    func recordErasure(_ facts: ErasureFacts, action: String, _ db: Database) throws -> ErasureRecord {
        let (id, moment) = (ErasureID(), clock.wall)
        try noteErasure(db)
        if let person = facts.person { noteMended(person) }
        try audit(
            AuditRecord(
                action: action, client: facts.client, person: facts.person, succeeded: true,
                detailsJSON: """
                    {"cause":"\(facts.cause.rawValue)","people":\(facts.destroyed.people),"receipt":"\(id)"}
                    """, at: moment), db)
        let isDestroyed = try options.rotation != nil && !isKeptKeyUsed(db)
        let due = isDestroyed ? moment.advanced(by: .seconds(86_400)) : nil
        let receipt = ErasureReceipt(
            id: id, device: try StoreIdentity.device(db), epoch: try StoreIdentity.epoch(db), client: facts.client,
            person: facts.person, cause: facts.cause, requestedAt: facts.requestedAt.inWholeSeconds,
            erasedAt: moment.inWholeSeconds, destroyed: facts.destroyed, auditLine: try lastAuditLine(db),
            keyDestructionDue: due?.inWholeSeconds)
        let note = try receipt.signed(by: signer)
        try db.execute(
            sql: "INSERT INTO erasure_receipts (id, tenant_id, receipt) VALUES (?, ?, ?)",
            arguments: [id.column, facts.client.column, note])
        return ErasureRecord(receipt: receipt, note: note)
    }

    func lastAuditLine(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0
    }

    private func erasure(_ row: Row) throws -> ErasureRecord {
        let note: String = row["receipt"]
        guard let receipt = try ErasureReceipt.open(note, publicKey: signer.publicKey, signer) else {
            throw EdgeError(.storeCorrupt, "A receipt of an erasure is not as the device signed it.")
        }
        return ErasureRecord(
            receipt: receipt, note: note, completion: row["completion"],
            keyDestroyedAt: row.optionalDate("key_destroyed_at"))
    }
}

extension EdgeStore {
    /// Receipts are signed a second time at most so many in one transaction.
    private static let completionsAtOnce = 200

    /// In the transaction that takes the erasures into a rotation: only these are out of reach at its end.
    func takeReceipts(_ db: Database) throws {
        try db.execute(sql: "UPDATE erasure_receipts SET is_taken = 1 WHERE completion IS NULL AND is_taken = 0")
    }

    /// Completes the receipts whose key is destroyed: call it only while no rotation is under way.
    ///
    /// What a power cut keeps from being completed is completed the next time. While a credential holds a key that opens
    /// older copies, none is: what it says would not be so.
    func completeReceipts() async throws(EdgeError) {
        guard try await !read({ [self] db in try isKeptKeyUsed(db) }) else { return }
        while try await completeSomeReceipts() {}
    }

    private func completeSomeReceipts() async throws(EdgeError) -> Bool {
        try await write { [self] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT key, id, receipt FROM erasure_receipts WHERE completion IS NULL AND is_taken = 1
                    ORDER BY key LIMIT ?
                    """, arguments: [Self.completionsAtOnce])
            let moment = clock.wall
            for row in rows {
                let completion = try ErasureCompletion(
                    id: row.id("id"), device: StoreIdentity.device(db),
                    receiptDigest: signer.sha256(Array((row["receipt"] as String).utf8)),
                    keyDestroyedAt: moment.inWholeSeconds, auditLine: lastRotation(db)
                ).signed(by: signer)
                try db.execute(
                    sql: "UPDATE erasure_receipts SET completion = ?, key_destroyed_at = ? WHERE key = ?",
                    arguments: [completion, moment.column, row["key"] as Int64])
            }
            return rows.count == Self.completionsAtOnce
        }
    }

    private func lastRotation(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit WHERE action = 'keys.rotated'") ?? 0
    }
}

extension Date {
    /// Without its fraction of a second, which receipts do not tell.
    fileprivate var inWholeSeconds: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)) }
}
