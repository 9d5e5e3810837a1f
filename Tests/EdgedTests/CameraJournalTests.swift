import Capture
import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Store
import Testing

@testable import edged

@Suite("A camera that was refused")
struct CameraJournalTests {
    @Test("is a line of the audit trail and a security event of the device, with what was found")
    func writtenDown() async throws {
        let folder = try TemporaryDirectory()
        var configuration = DaemonConfiguration()
        configuration.storeDirectory = folder.path("store")
        let clock = SystemClock()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try await HouseKeys(configuration, clock: clock, health: HealthBoard(), log: log).store
        let journal = CameraJournal(log: log)
        let found = #"card is A "\", pinned is B"#
        for (camera, times) in [("in", 1), ("out", 3)] {
            journal.note(CameraRefusal(camera: camera, code: .cameraChanged, detail: found, times: times))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await journal.run(audit: store, security: store, clock: clock) }
            while try await store.eventCount(SecurityFilter(.everything)) < 2 { await Task.yield() }
            group.cancelAll()
            try? await group.waitForAll()
        }
        let lines = try await store.newest(10).filter { $0.action == "camera.refused" }
        #expect(lines.count == 2 && lines.allSatisfy { !$0.succeeded && $0.reason == "capture.pin.changed" })
        let events = try await store.events(SecurityFilter(.everything), page: PageRequest()).items
        #expect(events.allSatisfy { $0.type == .unusualActivity && $0.severity == .high && $0.client == nil })
        #expect(Set(events.map(\.detailsJSON)) == Set(lines.map(\.detailsJSON)))
        let told = try lines.map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.detailsJSON.utf8)) as? [String: Any])
        }
        #expect(told.compactMap { $0["camera"] as? String } == ["out", "in"])
        #expect(told.compactMap { $0["times"] as? Int } == [3, 1])
        #expect(told.allSatisfy { $0["detail"] as? String == found })
        await store.close()
    }
}
