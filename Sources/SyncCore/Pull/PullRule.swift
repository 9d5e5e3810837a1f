/// Central's decisions about a device that asks for changes.
public enum PullRule {
    /// The most entries of one answer.
    public static let limit = 500

    /// What to answer for one scope.
    public enum Verdict: Sendable, Equatable {
        /// Removals after the first number, then changes after the second; see ``page(after:removals:puts:newest:limit:)``.
        case changes(after: ScopeCursor)
        /// The device's place is of another incarnation, or its removals are no longer kept: the whole scope anew.
        case resync
    }

    /// Judges a cursor; up to `compactedThrough` removals are not all kept any more.
    public static func judge(
        _ cursor: ScopeCursor, of known: Incarnation?, present: Incarnation, newest: UInt64, compactedThrough: UInt64
    ) -> Verdict {
        guard known == present else { return .resync }
        // A cursor beyond the end can only come from another history.
        guard cursor.removals <= newest, cursor.changes <= newest else { return .resync }
        // Whoever has nothing of the scope yet needs nobody taken away.
        guard cursor == .start || cursor.removals >= compactedThrough else { return .resync }
        return .changes(after: cursor)
    }

    /// Makes one answer of what the feed holds after a cursor.
    ///
    /// `removals` are the removals after `cursor.removals`, `puts` the other entries after `cursor.changes`, each by
    /// number and at most `limit`; `newest` is the scope's newest number, read in the same transaction.
    public static func page(
        after cursor: ScopeCursor, removals: [FeedEntry], puts: [FeedEntry], newest: UInt64, limit: Int = limit
    ) -> FeedPage {
        let taken = Array(removals.prefix(limit))
        // While removals are left over nothing else is told.
        let removalsEnd = taken.count < removals.count || taken.count == limit ? taken.last?.change : newest
        var next = ScopeCursor(removals: removalsEnd ?? newest, changes: cursor.changes)
        guard next.removals == newest else { return FeedPage(entries: taken, next: next, isComplete: false) }
        let room = limit - taken.count
        let rest = Array(puts.prefix(room))
        let isComplete = rest.count == puts.count && rest.count < room
        next.changes = isComplete ? newest : (rest.last?.change ?? cursor.changes)
        return FeedPage(entries: taken + rest, next: next, isComplete: isComplete)
    }
}

/// One answer's part for one scope; applied in one transaction with its cursor.
public struct FeedPage: Sendable, Equatable, Codable {
    /// Removals first.
    public let entries: [FeedEntry]
    /// Where the device stands after it.
    public let next: ScopeCursor
    /// Whether nothing is left: then the roots of both sides must be equal.
    public let isComplete: Bool

    /// Describes a page.
    public init(entries: [FeedEntry], next: ScopeCursor, isComplete: Bool) {
        self.entries = entries
        self.next = next
        self.isComplete = isComplete
    }
}
