import EdgeCore
import FoundationEssentials
import GRDB

/// A key-encryption key that no exchange destroys, because the credential that the master keys come from holds it.
extension EdgeStore {
    /// Which such key the file has never been written under; of another one nothing is known.
    private static let unused = "kept_key_unused"

    /// Notes for a file that holds no wrapped key yet that it never was written under the credential's own.
    ///
    /// Not for one that stands in the place of another, which may have been.
    func noteFirstKey() async throws(EdgeError) {
        guard let kept = options.rotation?.keptKeyID, kept != sealer.wrappingKeyID else { return }
        let tables = try await tablesWithSubjectKeys()
        try await write { db in
            let isBegun = try tables.contains { table in
                try Int.fetchOne(db, sql: "SELECT 1 FROM \(table) WHERE subject_key IS NOT NULL LIMIT 1") != nil
            }
            guard try !isBegun && !AlarmRecord.hasAny(db) else { return }
            try db.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
                arguments: [Self.unused, Self.bytes(ofKey: kept)])
        }
    }

    /// Forgets that, where the file is written under it after all: its ring was lost.
    func noteKeptKeyInUse() async throws(EdgeError) {
        guard options.rotation?.keptKeyID == sealer.wrappingKeyID else { return }
        try await write { db in
            try db.execute(sql: "DELETE FROM meta WHERE name = ?", arguments: [Self.unused])
        }
    }

    /// Whether copies of the file from an earlier day open with a key that the credential still holds: then no exchange
    /// shreds what was erased out of them.
    func isKeptKeyUsed(_ db: Database) throws -> Bool {
        guard let kept = options.rotation?.keptKeyID else { return false }
        let unused = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [Self.unused])
        return unused != Self.bytes(ofKey: kept)
    }

    /// Says so, as long as it is so.
    func reportKeptKey() async throws(EdgeError) {
        guard try await read({ [self] db in try isKeptKeyUsed(db) }) else { return health.clear("vault.key.kept") }
        health.raise(
            "vault.key.kept",
            title: "The unit's credential holds a key that the store was written under: copies from then still open.",
            severity: .warning,
            remedy: "Make the credential anew with edged keys trim, once edged keys rotate is done: runbook, Keys.")
    }

    static func bytes(ofKey id: UInt32) -> Data {
        Data(stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: id >> UInt32($0)) })
    }
}
