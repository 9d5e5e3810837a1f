import EdgeCore

/// Who the rows of a gallery are, kept in chunks like the rows: a change copies one chunk and shares all others.
struct PersonList: Sendable {
    private static let capacity = GalleryChunk.capacity
    private(set) var chunks: [[MatchedPerson]] = []
    /// How many people.
    private(set) var count = 0

    /// Who has a row.
    subscript(row: Int) -> MatchedPerson {
        get { chunks[row / Self.capacity][row % Self.capacity] }
        set { chunks[row / Self.capacity][row % Self.capacity] = newValue }
    }

    /// Adds somebody at the end.
    mutating func append(_ person: MatchedPerson) {
        if count.isMultiple(of: Self.capacity) { chunks.append([]) }
        let last = chunks.count - 1
        if chunks[last].capacity == chunks[last].count {
            chunks[last].reserveCapacity(min(max(2 * chunks[last].count, 8), Self.capacity))
        }
        chunks[last].append(person)
        count += 1
    }

    /// Takes somebody out; the last one takes the place.
    mutating func remove(_ row: Int) {
        if row != count - 1 { self[row] = self[count - 1] }
        // What an array gives up stays in its memory: it is overwritten first.
        self[count - 1] = MatchedPerson(id: PersonID(), externalID: "")
        count -= 1
        chunks[chunks.count - 1].removeLast()
        if chunks[chunks.count - 1].isEmpty { chunks.removeLast() }
    }
}
