import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Store
import Synchronization
import SyncCore
import Testing

@testable import Sync

@Suite("A backlog")
struct FleetDrainTests {
    @Test("thousands of records go out in full batches over real HTTP, each once", .timeLimit(.minutes(10)))
    func drain() async throws {
        let count = Int(ProcessInfo.processInfo.environment["EDGED_DRAIN"] ?? "") ?? 3000
        let house = try FleetHouse()
        let device = try await house.device("a")
        let grant = house.central.provision(try device.id, in: [house.scope])
        let server = LinkServer(house.central, device: try device.id)
        try await server.serve { url in
            var told = grant
            told.apiSecret = "secret"
            let link = try CentralLink(
                Membership(url: url, device: device.id, grant: told, pinnedRoots: nil), software: "test")
            let member = device.member(speakingOver: link)
            try await device.store.join(
                Membership(url: url, device: try device.id, grant: told, pinnedRoots: nil))
            let decisions = 64
            for start in stride(from: 0, to: count, by: decisions) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in start..<min(start + decisions, count) {
                        group.addTask {
                            try await device.store.append(
                                AuditRecord(
                                    action: "test.decision", succeeded: true, detailsJSON: "{\"number\":\(number)}",
                                    at: house.clock.wall))
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let begun = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await member.run() }
                try await house.until { try await device.hasSentAll() }
                group.cancelAll()
                try await group.waitForAll()
            }
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            // A figure, not a promise: machines differ.
            Logger(label: "drain").notice("\(count) records in \(seconds) s, \(Int(Double(count) / seconds)) a second")
        }
        let lane = try house.central.disk.withLock { disk in
            try present(disk.lanes.first { $0.key.lane == .audit }?.value)
        }
        #expect(lane.kinds.count { $0 == "test.decision" } == count)
        #expect(lane.effects.values.allSatisfy { $0 == 1 } && lane.lost.isEmpty)
        let pushes = server.seen.withLock { $0.count { $0.path.hasSuffix("push/") } }
        #expect(pushes <= count / 200 + 20, "\(pushes) batches")
        await device.store.close()
    }
}
