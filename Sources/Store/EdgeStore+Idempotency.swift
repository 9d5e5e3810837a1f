public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: IdempotencyRepository {
    /// How long an answer is kept.
    static let answersKept = Duration.seconds(24 * 3600)
    /// How many answers one client may have kept; beyond that the oldest go.
    static let answersOfClient = 10_000

    /// The answer that was kept; `nil` when there is none.
    ///
    /// Throws `idempotency.erased` where it was about somebody who has been removed since.
    public func keptAnswer(_ key: IdempotencyKey) async throws(EdgeError) -> KeptAnswer? {
        let digest = try digest(of: key)
        return try await read { [self] db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM kept_answers
                    WHERE client_id = ? AND operation = ? AND key_digest = ? AND created_at >= ?
                    """,
                arguments: [key.client.column, key.operation, Data(digest), oldestKept.column])
            return try row.map { row in
                guard !row.bytes("answer").isEmpty else { throw EdgeError(.idempotencyErased) }
                let plain = try sealer.open(
                    row.bytes("answer"), subjectKey: row.bytes("subject_key"),
                    context: SealPlace.answer(digest, of: key.client))
                return try KeptAnswer(plain, requestDigest: row.bytes("request_digest"))
            }
        }
    }

    /// Keeps an answer, sealed; the first one of a key stays.
    public func keep(_ answer: KeptAnswer, for key: IdempotencyKey) async throws(EdgeError) {
        let digest = try digest(of: key)
        let user = try answer.externalUserID.map { text throws(EdgeError) in
            try Data(self.digest(ofExternalID: text, client: key.client))
        }
        let subjectKey = try sealer.makeSubjectKey()
        let sealed = try sealer.seal(
            answer.bytes, subjectKey: subjectKey, context: SealPlace.answer(digest, of: key.client))
        try await write { [self] db in
            // The keys may have been exchanged since the answer was sealed.
            let subjectKey = try sealer.rewrap(subjectKey)
            try db.execute(sql: "DELETE FROM kept_answers WHERE created_at < ?", arguments: [oldestKept.column])
            try db.cachedStatement(
                sql: """
                    INSERT INTO kept_answers (client_id, operation, key_digest, request_digest, external_id_digest,
                        subject_key, answer, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """
            ).execute(arguments: [
                key.client.column, key.operation, Data(digest), Data(answer.requestDigest), user, Data(subjectKey),
                Data(sealed), clock.wall.column,
            ])
            try db.cachedStatement(
                sql: """
                    DELETE FROM kept_answers WHERE client_id = ? AND key <= (
                        SELECT key FROM kept_answers WHERE client_id = ? ORDER BY key DESC LIMIT 1 OFFSET ?)
                    """
            ).execute(arguments: [key.client.column, key.client.column, Self.answersOfClient])
        }
    }

    /// Takes the answers about a removed person away.
    ///
    /// That their keys were used stays for as long as an answer: a late repeat would make the person anew.
    func forgetAnswers(about digest: Data, of client: ClientID, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE kept_answers
                SET external_id_digest = NULL, request_digest = zeroblob(32), subject_key = ?, answer = x''
                WHERE client_id = ? AND external_id_digest = ?
                """,
            arguments: [Data(sealer.makeSubjectKey()), client.column, digest])
    }

    private var oldestKept: Date { clock.wall.advanced(by: .zero - Self.answersKept) }

    private func digest(of key: IdempotencyKey) throws(EdgeError) -> [UInt8] {
        try secrets.digest("\(key.client.place):\(key.operation):\(key.text)", purpose: "idempotency.key")
    }
}

extension KeptAnswer {
    /// What is sealed of an answer.
    fileprivate var bytes: [UInt8] {
        var writer = ByteWriter(version: 1)
        writer.append(String(status))
        writer.append(contentType)
        writer.append(String(decoding: body, as: UTF8.self))
        return writer.bytes
    }

    fileprivate init(_ bytes: [UInt8], requestDigest: [UInt8]) throws {
        var reader = try ByteReader(bytes, version: 1)
        guard let status = try reader.text().flatMap({ Int($0) }) else {
            throw EdgeError(.storeCorrupt, "A kept answer has an unknown form.")
        }
        let contentType = try reader.text()
        let body = try reader.text() ?? ""
        self.init(
            requestDigest: requestDigest, externalUserID: nil, status: status, contentType: contentType,
            body: Array(body.utf8))
    }
}

extension SealPlace {
    fileprivate static func answer(_ digest: [UInt8], of client: ClientID) -> SealContext {
        SealContext(kind: "answer", client: client, row: hexadecimal(digest), version: 1)
    }
}
