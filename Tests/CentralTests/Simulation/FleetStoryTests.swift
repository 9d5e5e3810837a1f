import Central
import Foundation
import Testing

/// The rules' own simulator runs thousands of fleets over dictionaries; here a few dozen run over a real file, and fewer
/// over a real PostgreSQL.
@Suite("Central over its books, whatever happens to the fleet", .onEachStorage)
struct FleetStoryTests {
    static let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] == "1"

    /// One seed alone: `EDGED_SEED=42`.
    static let oneSeed = ProcessInfo.processInfo.environment["EDGED_SEED"].flatMap { UInt64($0) }

    @Test("keeps every promise", arguments: 0..<8)
    func promises(part: UInt64) async throws {
        let (few, many): (UInt64, UInt64) = Storage.current == .postgres ? (1, 8) : (7, 60)
        let seeds = Self.isDeep ? many : few
        for seed in (part * seeds)..<((part + 1) * seeds) where (Self.oneSeed ?? seed) == seed {
            var story = try await FleetStory(seed: seed)
            let broken = try await story.run(steps: 120)
            await story.desk.close()
            guard broken == nil else {
                Issue.record("seed \(seed): \(broken ?? "")")
                return
            }
        }
    }
}
