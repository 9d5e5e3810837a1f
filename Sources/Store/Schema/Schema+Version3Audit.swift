extension Schema {
    /// Checkpoints of the audit chain, the forward-secure tail and how good each line's clock was.
    static let auditVersion3 = ""
}
