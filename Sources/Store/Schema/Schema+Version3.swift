extension Schema {
    /// A store that can prove what it holds: integrity, audit checkpoints, the outbox's lanes, consent and erasure.
    static let version3 = [
        integrityVersion3, auditVersion3, outboxVersion3, peopleVersion3, templatesVersion3,
    ].joined(separator: "\n")
}
