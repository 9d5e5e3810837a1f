extension Schema {
    /// Audit checkpoints and clocks, the sums over all tables, records for central, consent and receipts of erasures.
    static let version3 = [version3Audit, version3Integrity, version3Outbox, version3People].joined(separator: "\n")
}
