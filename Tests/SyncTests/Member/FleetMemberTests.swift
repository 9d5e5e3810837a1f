import EdgeCore
import Foundation
import Store
import Synchronization
import SyncCore
import Testing

@testable import Sync

@Suite("A fleet", .timeLimit(.minutes(10)))
struct FleetMemberTests {
    let house: FleetHouse

    init() throws { house = try FleetHouse() }

    @Test("who is enrolled at one device walks in at the other, and who is erased at one is known at none")
    func walksIn() async throws {
        let (a, b) = (try await house.member("a"), try await house.member("b"))
        try await house.run(a, b) {
            try await a.enroll("E-1")
            try await house.until { try await b.recognisable() == ["E-1"] }
            try await house.until { try await a.store.pullPlaces().cursors.first?.cursor.changes == 1 }
            try await b.erase("E-1")
            try await house.until { try await a.recognisable().isEmpty }
            try await house.until { self.house.central.disk.withLock { $0.proven.values.first?.count == 2 } }
        }
        let receipts = try await a.store.erasures(of: nil, page: PageRequest()).items
        #expect(receipts.map(\.receipt.cause) == [.central])
        #expect(await a.member.status().phase == .alone)
        await a.store.close()
        await b.store.close()
    }

    @Test("an erasure that central ordered reaches every device and is proven by each")
    func ordered() async throws {
        let (a, b) = (try await house.member("a"), try await house.member("b"))
        try await house.run(a, b) {
            try await a.enroll("E-1")
            try await house.until { try await b.recognisable() == ["E-1"] }
            house.central.operate { disk in
                guard let (key, subject) = disk.subjects.first else { return }
                house.central.erase(key, to: subject.state.erased(), from: nil, &disk)
            }
            try await house.until({ try await a.recognisable().isEmpty }, { try await b.recognisable().isEmpty })
            try await house.until { self.house.central.disk.withLock { $0.proven.values.first?.count == 2 } }
        }
        await a.store.close()
        await b.store.close()
    }

    @Test("a cable that is cut for a while loses nothing, and each record takes effect once")
    func cut() async throws {
        let (a, b) = (try await house.member("a"), try await house.member("b"))
        let id = try b.id
        try await house.run(a, b) {
            try await a.enroll("before")
            try await house.until { try await b.recognisable() == ["before"] }
            house.central.faults.withLock { _ = $0.cut.insert(id) }
            house.central.operate { _ in }
            for number in 0..<12 { try await b.enroll("B-\(number)", seed: number) }
            try await a.enroll("meanwhile", seed: 77)
            try await house.until { b.has("sync.central.unreachable") }
            #expect(try await b.recognisable().count == 13)
            house.central.faults.withLock { $0.cut = [] }
            await b.member.networkUp()
            try await house.until(
                { try await a.recognisable().count == 14 }, { try await b.recognisable().count == 14 })
            try await house.until { try await b.hasSentAll() }
            #expect(!b.has("sync.central.unreachable"))
        }
        house.central.disk.withLock { disk in
            #expect(disk.lanes.values.allSatisfy { $0.effects.values.allSatisfy { $0 == 1 } && $0.lost.isEmpty })
        }
        await a.store.close()
        await b.store.close()
    }

    @Test("answers that get lost are asked for again, and nothing takes effect twice")
    func lostAnswers() async throws {
        let a = try await house.member("a")
        house.central.faults.withLock { $0.lostAnswers = 9 }
        try await house.run(a) {
            for number in 0..<5 { try await a.enroll("E-\(number)", seed: number) }
            try await house.until { try await a.hasSentAll() }
        }
        house.central.disk.withLock { disk in
            #expect(disk.lanes.values.allSatisfy { $0.effects.values.allSatisfy { $0 == 1 } })
            #expect(disk.subjects.count == 5)
        }
        await a.store.close()
    }

    @Test("the control lane goes first, and no lane has two batches under way")
    func order() async throws {
        let a = try await house.member("a")
        for number in 0..<3 { try await a.enroll("E-\(number)", seed: number) }
        try await a.erase("E-0")
        try await house.run(a) { try await house.until { try await a.hasSentAll() } }
        let asked = house.central.asked.withLock { $0.values.flatMap { $0 } }
        let pushes = asked.filter { if case .push = $0 { true } else { false } }
        #expect(pushes.first == .push(.control))
        await a.store.close()
    }

    @Test("who was erased is enrolled again only under a consent that central gave since")
    func consent() async throws {
        let a = try await house.member("a")
        let id = try a.id
        try await house.run(a) {
            try await a.enroll("E-1")
            try await house.until { try await a.hasSentAll() }
            house.central.faults.withLock { _ = $0.cut.insert(id) }
            try await a.erase("E-1")
            await #expect(throws: EdgeError.self) { try await a.enroll("E-1") }
            house.central.faults.withLock { $0.cut = [] }
            // The erasure is told first, however long the sender would have waited.
            try await house.until { (try? await a.enroll("E-1", seed: 2)) != nil }
            try await house.until { try await a.hasSentAll() }
        }
        let state = house.central.disk.withLock { $0.subjects.values.first?.state }
        #expect(state?.erasedBelow == 1 && state?.alive?.consent == 1)
        await a.store.close()
    }

    @Test("a central that was restored gets back what it lost, and the devices agree with it again")
    func restoredCentral() async throws {
        let (a, b) = (try await house.member("a"), try await house.member("b"))
        try await house.run(a, b) {
            try await a.enroll("early")
            try await house.until({ try await b.recognisable() == ["early"] }, { try await a.hasSentAll() })
            let backup = house.central.disk.withLock { $0 }
            try await a.enroll("late", seed: 2)
            try await house.until({ try await b.recognisable() == ["early", "late"] }, { try await a.hasSentAll() })
            house.central.restore(backup)
            try await house.until { self.house.central.disk.withLock { $0.subjects.count == 2 } }
            try await house.until(
                { try await a.recognisable() == ["early", "late"] },
                { try await b.recognisable() == ["early", "late"] })
        }
        await a.store.close()
        await b.store.close()
    }

    @Test("a device that is an older copy of itself begins a new epoch")
    func rolledBack() async throws {
        let old = try await house.member("a")
        try await house.run(old) { try await house.until { try await old.hasSentAll() } }
        await old.store.close()
        try house.copy("a", as: "backup")
        let a = try await house.device("a")
        let first = try await a.store.epochOpening()
        try await house.run(a) {
            try await a.enroll("since")
            try await house.until { try await a.hasSentAll() }
        }
        await a.store.close()
        let back = try await house.device("backup")
        try await house.run(back) {
            try await back.enroll("other", seed: 5)
            try await house.until(
                { try await back.store.epochOpening().history == [first.epoch] }, { try await back.hasSentAll() })
            try await house.until { try await back.recognisable() == ["since", "other"] }
        }
        await back.store.close()
    }

    @Test("an epoch that the store begins by itself is told to central, which takes what follows")
    func ownEpoch() async throws {
        let a = try await house.member("a")
        let id = try a.id
        try await house.run(a) {
            for number in 0..<5 { try await a.enroll("E-\(number)", seed: number) }
            try await house.until { try await a.hasSentAll() }
            try await a.store.beginEpoch(.corrupt)
            try await house.until { try await a.hasSentAll() }
            try await a.enroll("later", seed: 9)
            try await house.until { try await a.hasSentAll() }
        }
        let epoch = try await a.store.lanes().first?.address.epoch
        house.central.disk.withLock { disk in
            #expect(epoch != nil && disk.devices[id]?.epochs.present == epoch)
            #expect(disk.devices[id]?.standing == .active)
            #expect(disk.subjects.count == 6)
        }
        await a.store.close()
    }

    @Test("a device that central quarantined says so, and goes on in a new epoch when it is released")
    func quarantine() async throws {
        let a = try await house.member("a")
        let id = try a.id
        try await house.run(a) {
            try await house.until { try await a.hasSentAll() }
            house.central.operate { $0.devices[id]?.standing = .quarantined }
            try await a.enroll("kept back")
            try await house.until { a.has("sync.quarantined") }
            #expect(await a.member.status().phase == .quarantined)
            house.central.operate { disk in
                disk.devices[id]?.standing = .active
                disk.devices[id]?.epochs.release()
            }
            a.member.syncNow()
            try await house.until({ try await a.hasSentAll() }, { !a.has("sync.quarantined") })
            #expect(house.central.disk.withLock { $0.subjects.count } == 1)
        }
        await a.store.close()
    }

    @Test("a device that was taken out of the fleet lets nobody in whom the fleet told of")
    func revoked() async throws {
        let (a, b) = (try await house.member("a"), try await house.member("b"))
        let id = try b.id
        try await house.run(a, b) {
            try await a.enroll("of the fleet")
            try await house.until { try await b.recognisable() == ["of the fleet"] }
            house.central.operate { $0.devices[id]?.standing = .revoked }
            try await house.until { b.has("sync.revoked") }
            #expect(try await b.recognisable().isEmpty)
            #expect(try await b.store.membership() == nil)
            try await house.until { await b.member.status().phase == .revoked }
        }
        await a.store.close()
        await b.store.close()
    }

    @Test("what answers without the fleet's key changes nothing here")
    func falseLease() async throws {
        let (a, b) = (try await house.member("a"), try await house.member("b"))
        try await house.run(a) {
            try await a.enroll("E-1")
            try await house.until { try await a.hasSentAll() }
        }
        house.central.faults.withLock { $0.hasFalseKey = true }
        try await house.run(b) {
            try await house.until { b.has("sync.lease.invalid") }
            #expect(try await b.recognisable().isEmpty)
            #expect(try await b.store.lease() == nil)
            house.central.faults.withLock { $0.hasFalseKey = false }
            try await house.until { try await b.recognisable() == ["E-1"] }
            #expect(!b.has("sync.lease.invalid"))
        }
        await a.store.close()
        await b.store.close()
    }

    @Test("a record that central cannot read goes without its payload and holds up nothing behind it")
    func unreadable() async throws {
        let a = try await house.member("a")
        house.central.faults.withLock { $0.unreadable = RecordKind.enrolled }
        try await house.run(a) {
            try await a.enroll("E-1")
            try await a.enroll("E-2", seed: 2)
            try await house.until { try await a.hasSentAll() }
        }
        let lane = try house.central.disk.withLock { disk in
            try present(disk.lanes.first { $0.key.lane == .enrollment }?.value)
        }
        #expect(lane.cursor.acknowledged >= 2 && lane.withheld.count == 2)
        await a.store.close()
    }

    @Test("a member that is paused neither sends nor asks, and goes on where it was")
    func pause() async throws {
        let a = try await house.member("a")
        await a.member.pause()
        try await house.run(a) {
            try await house.until { await a.member.status().phase == .paused }
            try await a.enroll("E-1")
            #expect(house.central.asked.withLock { $0.isEmpty })
            await a.member.resume()
            try await house.until { try await a.hasSentAll() }
        }
        await a.store.close()
    }

    @Test("a device of another model says so, with how many people it cannot recognise")
    func otherModel() async throws {
        let a = try await house.member("a")
        let b = try await house.device("b", model: ModelVersion(id: "other", version: "2"))
        try await b.join()
        try await house.run(a, b) {
            try await a.enroll("E-1")
            try await house.until { b.health.current.count { $0.code == "sync.model.mismatch" } == 2 }
            #expect(try await b.recognisable().isEmpty)
            #expect(await b.member.status().peopleWithoutModel == 1)
        }
        await a.store.close()
        await b.store.close()
    }

    @Test("a daemon that is told to join begins without a restart")
    func joinsLater() async throws {
        let a = try await house.device("a")
        try await a.enroll("before")
        try await house.run(a) {
            try await house.until { await a.member.status().phase == .alone }
            try await a.join()
            try await house.until { self.house.central.disk.withLock { $0.subjects.count == 1 } }
            try await a.member.leave()
            try await house.until { await a.member.status().phase == .alone }
            #expect(try await a.recognisable() == ["before"])
        }
        await a.store.close()
    }
}
