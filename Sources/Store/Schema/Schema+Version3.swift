extension Schema {
    /// Audit checkpoints and clocks, the sums over all tables, records for central.
    static let version3 = [version3Audit, version3Integrity, version3Outbox].joined(separator: "\n")
}
