extension Schema {
    /// Consent, and the receipts of erasures.
    static let peopleVersion3 = ""
}
