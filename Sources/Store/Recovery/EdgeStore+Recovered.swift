import EdgeCore
import GRDB

extension EdgeStore {
    /// Writes the audit line of a recovery that made this file, in the caller's transaction.
    func noteRecovery(_ db: Database) throws {
        guard let report = try RecoveryReport.take(db) else { return }
        try audit(
            AuditRecord(action: "store.recovered", succeeded: true, detailsJSON: report, at: clock.wall), db)
    }

    /// Says so as long as a damaged file lies beside the store.
    func reportDamagedFiles() {
        let kept = FileExchange.kept(of: "\(directory)/\(DatabaseFile.name)")
        guard let newest = kept.first?.split(separator: "/").last else { return health.clear("store.recovered") }
        health.clear(ErrorCode.storeCorrupt.rawValue)
        health.raise(
            "store.recovered", title: "The store was damaged and mended; something may be missing.", severity: .warning,
            remedy: """
                Look at the audit line store.recovered for what was lost and enroll again who is missing; then remove \
                \(newest) from the store's directory.
                """)
    }
}
