extension Schema {
    /// What tells that a row was changed by somebody else.
    static let integrityVersion3 = ""
}
