import FoundationEssentials
import SyncCore
import Testing

@Suite("What a device is told of a scope")
struct PullTests {
    private static let present = Incarnation(rawValue: UUID())

    private func removal(_ change: UInt64) -> FeedEntry {
        FeedEntry(subject: SubjectKey(rawValue: UUID()), change: change, content: .erased(below: 1))
    }

    private func put(_ change: UInt64) -> FeedEntry {
        FeedEntry(subject: SubjectKey(rawValue: UUID()), change: change, content: .put(SubjectTests.version()))
    }

    private func judge(_ cursor: ScopeCursor, of known: Incarnation? = present) -> PullRule.Verdict {
        PullRule.judge(cursor, of: known, present: Self.present, newest: 10, compactedThrough: 4)
    }

    @Test("it goes on from where it was")
    func goesOn() {
        let cursor = ScopeCursor(removals: 9, changes: 3)
        #expect(judge(cursor) == .changes(after: cursor))
    }

    @Test("it gets everything anew when central is another, when removals are forgotten, or when it is ahead")
    func resync() {
        #expect(judge(.start, of: nil) == .resync)
        #expect(judge(ScopeCursor(removals: 9, changes: 9), of: Incarnation(rawValue: UUID())) == .resync)
        #expect(judge(ScopeCursor(removals: 3, changes: 3)) == .resync)
        #expect(judge(ScopeCursor(removals: 11, changes: 3)) == .resync)
        #expect(judge(.start) == .changes(after: .start))
    }

    @Test("removals come first, however many enrollments wait")
    func removalsFirst() {
        let page = PullRule.page(
            after: .start, removals: [removal(5), removal(9)], puts: [put(1), put(2), put(3)], newest: 9, limit: 4)
        #expect(page.entries.map(\.change) == [5, 9, 1, 2])
        #expect(page.next == ScopeCursor(removals: 9, changes: 2) && !page.isComplete)
        let next = PullRule.page(after: page.next, removals: [], puts: [put(3)], newest: 9, limit: 4)
        #expect(next.next == ScopeCursor(removals: 9, changes: 9) && next.isComplete)
    }

    @Test("more removals than fit are told page by page, and nothing else before they are through")
    func manyRemovals() {
        let removals = (1...6).map { removal($0) }
        let page = PullRule.page(after: .start, removals: removals, puts: [put(7)], newest: 7, limit: 4)
        #expect(page.entries.map(\.change) == [1, 2, 3, 4] && page.next == ScopeCursor(removals: 4, changes: 0))
        let next = PullRule.page(
            after: page.next, removals: Array(removals[4...]), puts: [put(7)], newest: 7, limit: 4)
        #expect(next.entries.map(\.change) == [5, 6, 7] && next.isComplete)
    }

    @Test("a tree tells which of 256 buckets differ, in whatever order its people come")
    func tree() {
        let people = (0..<500).map { number in
            (
                subject: SubjectKey(
                    rawValue: UUID(
                        uuid: (UInt8(number & 255), UInt8(number >> 8), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))),
                version: SubjectTests.version()
            )
        }
        let tree = HashTree(people, digest: Digest.of)
        #expect(HashTree(people.shuffled(), digest: Digest.of) == tree)
        var changed = people
        changed[300].version = SubjectTests.version(generation: 2)
        changed.remove(at: 7)
        #expect(HashTree(changed, digest: Digest.of).difference(from: tree) == [7, 300 & 255])
        #expect(tree.difference(from: tree).isEmpty)
    }
}
