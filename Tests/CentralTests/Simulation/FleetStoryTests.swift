import Central
import Foundation
import Testing

/// The rules' own simulator runs thousands of fleets over dictionaries; here a few dozen run over central's real file.
@Suite("Central over its file, whatever happens to the fleet")
struct FleetStoryTests {
    static let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] == "1"

    @Test("keeps every promise", arguments: 0..<8)
    func promises(part: UInt64) async throws {
        let seeds: UInt64 = Self.isDeep ? 250 : 8
        for seed in (part * seeds)..<((part + 1) * seeds) {
            var story = try await FleetStory(seed: seed)
            let broken = try await story.run(steps: 150)
            await story.desk.close()
            guard broken == nil else {
                Issue.record("seed \(seed): \(broken ?? "")")
                return
            }
        }
    }
}
