/// What a store has answered, by the place in the disk's log: after each answer, the state it must never fall behind.
struct CrashLedger: Sendable {
    struct Entry: Sendable {
        let step: String
        /// Operations on the disk when the answer was given.
        let operations: Int
        /// Digest of all rows then.
        let fingerprint: UInt64
    }

    private(set) var entries: [Entry] = []

    mutating func answered(_ step: String, operations: Int, fingerprint: UInt64) {
        entries.append(Entry(step: step, operations: operations, fingerprint: fingerprint))
    }

    /// The number of the last step answered when the log was this long; 0, the open store, when none was.
    func lastAnswered(at operations: Int) -> Int {
        // The log grows, so the entries are in order.
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].operations <= operations { low = middle + 1 } else { high = middle }
        }
        return max(low - 1, 0)
    }

    /// What a store may hold after a crash: all that was answered, and at most the one transaction under way.
    func allows(_ fingerprint: UInt64, afterStep number: Int) -> Bool {
        entries[number...min(number + 1, entries.count - 1)].contains { $0.fingerprint == fingerprint }
    }

    /// Where a state belongs that is not allowed, for the message.
    func place(of fingerprint: UInt64) -> String {
        entries.lastIndex { $0.fingerprint == fingerprint }.map { "the state after step \($0), \(entries[$0].step)" }
            ?? "a state that never was"
    }
}
