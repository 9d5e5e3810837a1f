import EdgeCore
import SyncCore
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Epochs of a store")
struct EpochTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("A device and an epoch are made once and found again")
    func stay() async throws {
        let first = try await fixture.open()
        let (device, epoch) = (try #require(first.device), try #require(first.epoch))
        #expect(device.count == 16 && epoch.count == 16 && device != epoch)
        await first.close()
        let second = try await fixture.open()
        #expect(second.device == device && second.epoch == epoch)
        await second.close()
    }

    @Test("A new epoch is audited, keeps the device and is found again")
    func change() async throws {
        let first = try await fixture.open()
        let (device, epoch) = (first.device, first.epoch)
        try await first.write { db in try first.startEpoch(reason: .rolledBack, db) }
        let changed = first.epoch
        #expect(changed != epoch && first.device == device)
        let line = try #require(try await first.newest(1).first)
        #expect(line.action == "store.epoch" && line.reason == "rolled_back")
        await first.close()
        let second = try await fixture.open()
        #expect(second.epoch == changed && second.device == device)
        await second.close()
    }

    @Test("An epoch whose transaction fails has never begun")
    func rollback() async throws {
        let store = try await fixture.open()
        let epoch = store.epoch
        await #expect(throws: EdgeError.self) {
            try await store.write { db in
                try store.startEpoch(reason: .restored, db)
                throw EdgeError(.internalFault)
            }
        }
        #expect(store.epoch == epoch)
        #expect(try await store.newest(1).isEmpty)
        await store.close()
    }
}
