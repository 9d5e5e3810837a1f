extension Schema {
    /// Templates of more than one model, consent, and the receipts of erasures.
    static let peopleVersion3 = ""
}
