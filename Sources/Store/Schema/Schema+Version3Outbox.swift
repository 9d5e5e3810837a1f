extension Schema {
    /// The lanes of records that wait for central.
    static let outboxVersion3 = ""
}
