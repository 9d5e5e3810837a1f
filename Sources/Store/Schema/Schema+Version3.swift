extension Schema {
    /// Audit checkpoints and clocks, the sums over all tables, records for central, consent and receipts of erasures,
    /// templates of several models, and the device's place in a fleet.
    static let version3 = [
        version3Audit, version3Integrity, version3Outbox, version3People, version3Models, version3Fleet,
    ]
    .joined(separator: "\n")
}
