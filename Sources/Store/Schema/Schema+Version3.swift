extension Schema {
    /// Audit checkpoints and clocks, the sums over all tables, consent and receipts of erasures.
    static let version3 = [version3Audit, version3Integrity, version3People].joined(separator: "\n")
}
