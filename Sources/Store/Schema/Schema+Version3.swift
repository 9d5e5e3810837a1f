extension Schema {
    /// Audit checkpoints and clocks, the sums over all tables.
    static let version3 = [version3Audit, version3Integrity].joined(separator: "\n")
}
