extension Schema {
    /// Audit checkpoints and clocks.
    static let version3 = [version3Audit].joined(separator: "\n")
}
