import EdgeCore
import FoundationEssentials
import SyncCore
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Members that wait for news")
struct PollTests {
    private static let waiting = PullRequest(incarnation: nil, cursors: [], waitMilliseconds: 30_000)

    @Test("a poll waits for news; a device's third one is answered at once and told when to come again")
    func seats() async throws {
        let fleet = FakeFleet()
        try await TestAPI().test(fleet) { caller in
            let name = try await caller.join()
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<PollSeats.perDevice {
                    group.addTask { try await caller.message("pull", Self.waiting, as: name) }
                }
                while fleet.state.withLock({ $0.pulled.count }) < PollSeats.perDevice { await Task.yield() }
                let third = try await caller.message("pull", Self.waiting, as: name)
                third.expect(SyncRoutes.pullOperation)
                #expect(fleet.state.withLock { $0.pulled.last?.waitMilliseconds } == 0)
                let wait = try JSONDecoder().decode(PullAnswer.self, from: Data(third.bytes)).retryMilliseconds
                #expect((10_000...20_000).contains(wait ?? 0))
                fleet.news.continuation.finish()
                for try await answer in group { #expect(answer["retry_ms"] == nil && answer.status == 200) }
            }
            // The places are free again.
            let later = try await caller.message("pull", Self.waiting, as: name)
            #expect(later["retry_ms"] == nil)
        }
    }

    @Test("news come at once although nobody may wait, and a wait that is too long is refused")
    func withoutSeat() async throws {
        var api = TestAPI()
        api.configuration.maximumConnections = 1
        let fleet = FakeFleet()
        try await api.test(fleet) { caller in
            let name = try await caller.join()
            fleet.state.withLock { $0.entries = 2 }
            let answer = try await caller.message("pull", Self.waiting, as: name)
            #expect(answer.status == 200 && answer["retry_ms"] == nil)
            var tooLong = Self.waiting
            tooLong.waitMilliseconds = 60_001
            #expect(try await caller.message("pull", tooLong, as: name)["code"] == "sync.malformed")
        }
    }

    @Test("there are as many places as were set, and each is free when its holder is gone")
    func places() {
        let seats = PollSeats(total: 3)
        let (one, two) = (DeviceID(), DeviceID())
        var held = [seats.take(one), seats.take(one), seats.take(two)]
        #expect(held.allSatisfy { $0 != nil })
        #expect(seats.take(one) == nil && seats.take(two) == nil)
        held.removeFirst()
        #expect(seats.take(two) != nil)
    }
}
