import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

@Suite("The two slots of the anchor")
struct AnchorSlotTests {
    private func stopped() async throws -> StoreLife {
        let (life, store) = try await StoreLife.begin(people: 2)
        await store.close()
        return life
    }

    private func found(_ life: StoreLife) async throws -> (kinds: [StoreAlarm.Kind], found: StoreVerification) {
        let store = try await life.fixture.open()
        let found = try await store.verify()
        await store.close()
        return (found.alarms.map(\.kind), found)
    }

    @Test(
        "notices a killed store whose last commit was cut off together with what the anchor said of it",
        arguments: [false, true])
    func cutTogether(copiesSlot: Bool) async throws {
        let life = try await stopped()
        let store = try await life.fixture.open()
        try await life.goOn(in: store)
        let log = "\(life.file)-wal"
        let before = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
        try await store.append(AuditRecord(action: "test.note", succeeded: true, at: life.fixture.clock.wall))
        let killed = try StoreCopy(of: life)
        await store.close()
        try killed.putBack()
        #expect(try await found(life).found.isWhole)
        try killed.putBack()
        try Data(contentsOf: URL(filePath: log)).prefix(try #require(before)).write(to: URL(filePath: log))
        // The slot that speaks of the commit is the one with the higher counter.
        let path = "\(life.fixture.path)/\(Anchor.name)"
        var bytes = try Data(contentsOf: URL(filePath: path))
        let slots = [bytes[0..<512], bytes[4096..<4608]].map { Data($0) }
        let counters = slots.map { $0[8..<16].reduce(0) { $0 << 8 | UInt64($1) } }
        let newer = counters[0] > counters[1] ? 0 : 1
        let place = newer * 4096
        if copiesSlot {
            bytes.replaceSubrange(place..<(place + 512), with: slots[1 - newer])
        } else {
            bytes[place + 60] ^= 1
        }
        try bytes.write(to: URL(filePath: path))
        #expect(try await found(life).kinds == [.anchor])
    }

    @Test("one of the first form, whose slots do not say which they are, is read, and written over in turn")
    func formerForm() async throws {
        // The released file brings one.
        let file = try ReleasedFile(3)
        for _ in 0..<3 {
            let store = try await file.open()
            #expect(try await store.verify().alarms == [])
            try await store.append(AuditRecord(action: "test.note", succeeded: true, at: Date()))
            await store.close()
        }
        let bytes = try Data(contentsOf: URL(filePath: "\(file.directory.path("store"))/\(Anchor.name)"))
        #expect(bytes.prefix(8) == Data("edgedan2".utf8))
    }
}
