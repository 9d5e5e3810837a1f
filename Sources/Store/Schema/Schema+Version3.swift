extension Schema {
    /// Audit checkpoints and clocks, the sums over all tables, records for central, consent and receipts of erasures,
    /// templates of several models.
    static let version3 = [version3Audit, version3Integrity, version3Outbox, version3People, version3Models]
        .joined(separator: "\n")
}
