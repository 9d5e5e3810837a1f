/// Whether the last room on the disk may be used for a transaction.
enum WriteUrgency: Sendable {
    /// Refused once the reserve is given up.
    case usual
    /// What must not fail: erasures, misses that lock, the end in order.
    case urgent

    /// What a transaction is that says nothing of it.
    @TaskLocal static var current: WriteUrgency = .usual
}
