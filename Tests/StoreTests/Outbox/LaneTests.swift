import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Lanes of the outbox")
struct LaneTests {
    @Test("every cause has its record in its lane, gapless from 1 and chained, and the digest is that of what is sent")
    func causes() async throws {
        let house = try await LaneFixture()
        let person = try await house.enroll("E-1", name: "Ada")
        let session = house.base.session(.verification, of: house.client)
        try await house.store.begin(session)
        _ = try await house.store.finish(house.base.miss(session))
        let lines = try await house.store.newest(1000).count
        for lane in Lane.allCases {
            let records = try await house.records(lane)
            try house.requireChain(records)
            for (record, payload) in zip(records, try await house.store.open(records)) {
                let bytes = try #require(payload)
                #expect(record.digest == ChainHash(try house.base.vault.sha256(bytes)))
            }
        }
        #expect(try await house.kinds(.control) == ["epoch.started"])
        #expect(try await house.kinds(.enrollment) == ["enrollment.completed"])
        #expect(try await house.records(.audit).count == lines)
        #expect(try await house.kinds(.events).contains("enrollment.completed"))
        let sent = try #require(try await house.facts(.enrollment).first)
        #expect(sent["user_id"] as? String == "E-1" && sent["display_name"] as? String == "Ada")
        let templates = try #require(sent["templates"] as? [[String: Any]])
        #expect(templates.count == 3)
        let vector = try #require(Data(base64Encoded: templates[0]["vector"] as? String ?? ""))
        #expect(try VectorForm.values(Array(vector)) == house.base.template(seed: 100).values)
        #expect(try await house.records(.enrollment).first?.head.person == person.rawValue)
        #expect(
            try await house.verify()
                == LaneVerification(records: 2 + lines + house.records(.events).count, firstBroken: [:]))
        await house.store.close()
    }

    @Test("records are read with what they carry at one moment, as far as that fits, and one always comes")
    func opened() async throws {
        let house = try await LaneFixture()
        _ = try await house.enroll("E-1")
        for lane in Lane.allCases {
            let records = try await house.records(lane)
            let payloads = try await house.store.open(records)
            let opened = try await house.store.openRecords(of: lane, after: 0, limit: 1000, bytes: .max)
            #expect(opened.map(\.head) == records.map(\.head) && opened.map(\.hash) == records.map(\.hash))
            let carried: [OutboxRecord.Payload] = payloads.map { bytes in
                bytes.map { OutboxRecord.Payload.plain($0) } ?? .withheld
            }
            #expect(opened.map(\.payload) == carried)
            let first = try await house.store.openRecords(of: lane, after: 0, limit: 1000, bytes: 0)
            #expect(first == Array(opened.prefix(1)))
        }
        let second = try await house.store.openRecords(of: .audit, after: 1, limit: 1, bytes: .max)
        #expect(second.map(\.head.position.sequence) == [2])
        _ = try await house.store.removePerson(externalID: "E-1", of: house.client)
        let gone = try await house.store.openRecords(of: .enrollment, after: 0, limit: 1, bytes: .max)
        #expect(gone.map(\.payload) == [.withheld])
        await house.store.close()
    }

    @Test("a record's payload stands on disk only sealed, and its digest cannot be guessed from the user's id")
    func secrecy() async throws {
        let house = try await LaneFixture()
        _ = try await house.enroll("canary-user-4711", name: "Canary Name")
        for canary in ["canary-user-4711", "Canary Name"] { #expect(try !house.base.onDisk(Data(canary.utf8))) }
        let records = try await house.records(.events) + house.records(.enrollment)
        for payload in try await house.store.open(records) {
            let text = String(decoding: try #require(payload), as: UTF8.self)
            #expect(text.hasPrefix(#"{"salt":""#))
            let salt = text.dropFirst(9).prefix(32)
            #expect(salt.allSatisfy { $0.isHexDigit })
            #expect(try !house.base.onDisk(Data(salt.utf8)))
        }
        await house.store.close()
    }

    @Test("a consent goes to central with the enrollment that it was given for")
    func consent() async throws {
        let house = try await LaneFixture()
        var session = house.base.session(.enrollment, of: house.client)
        session.consent = ConsentRecord(textVersion: "2026-1", givenBy: "guardian")
        try await house.store.begin(session)
        _ = try await house.store.finish(house.base.outcome(session))
        let consent = try #require(try await house.facts(.enrollment).first?["consent"] as? [String: Any])
        #expect(consent["text_version"] as? String == "2026-1" && consent["given_by"] as? String == "guardian")
        #expect(consent["enrollment_id"] as? String == session.enrollmentID?.description)
        _ = try await house.enroll("E-2", seed: 2)
        #expect(try await house.facts(.enrollment).last?["consent"] is NSNull)
        await house.store.close()
    }

    @Test("lock-outs, removals, changes and a clock in doubt are records too")
    func others() async throws {
        let house = try await LaneFixture()
        let person = try await house.enroll("E-1")
        for _ in 0..<5 {
            let session = house.base.session(.verification, of: house.client)
            try await house.store.begin(session)
            _ = try await house.store.finish(house.base.miss(session))
        }
        var edit = PersonEdit()
        edit.externalID = "E-2"
        _ = try await house.store.changePerson(person, of: house.client, edit)
        let enrollment = try #require(try await house.store.enrollments(of: person, client: house.client).first)
        _ = try await house.store.removeEnrollment(enrollment.id, of: house.client)
        try await house.store.removePerson(person, of: house.client)
        house.base.clock.advance(by: .seconds(90))
        try await house.store.markTime()
        house.base.clock.advance(by: .seconds(-900))
        try await house.store.markTime()
        try await house.store.markTime()
        try await house.note("store.edited", succeeded: false)
        #expect(
            try await house.kinds(.control) == [
                "epoch.started", "user.locked", "person.erased", "clock.suspect", "store.edited",
            ])
        #expect(
            try await house.kinds(.enrollment) == ["enrollment.completed", "person.changed", "enrollment.removed"])
        let locked = try #require(try await house.facts(.control).dropFirst().first)
        #expect(locked["misses"] as? Int == 5)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test("an erased person's payloads are gone and the lanes stay whole")
    func erasure() async throws {
        let house = try await LaneFixture()
        let person = try await house.enroll("E-1")
        _ = try await house.enroll("E-2", seed: 2)
        let before = try await house.records(.enrollment)
        try await house.store.removePerson(person, of: house.client)
        let after = try await house.records(.enrollment)
        try house.requireChain(after)
        #expect(after.map(\.hash) == before.map(\.hash))
        #expect(after[0].payload == .withheld)
        let opened = try await house.store.open(before)
        #expect(opened[0] == nil && opened[1] != nil)
        let events = try await house.records(.events)
        let payloads = try await house.store.open(events)
        #expect(zip(events, payloads).allSatisfy { ($0.payload == .withheld) == ($1 == nil) })
        #expect(payloads.contains { $0 == nil })
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test("a removed client's payloads are gone, its lanes are whole and central is told")
    func removedClient() async throws {
        let house = try await LaneFixture()
        _ = try await house.enroll("E-1")
        let events = try await house.lane(.events).records
        try await house.store.deleteClient(house.client)
        #expect(try await house.lane(.events).records >= events)
        #expect(try await house.kinds(.control) == ["epoch.started", "client.erased"])
        #expect(try await house.facts(.enrollment).isEmpty)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test(
        "a transaction that fails leaves no record, and its neighbours' records are gapless", .timeLimit(.minutes(10)))
    func rolledBack() async throws {
        let house = try await LaneFixture()
        let before = try await house.lane(.control).last
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    _ = try? await house.store.write { [store = house.store] db in
                        try store.enqueueAlarm("test.\(number)", [:], db)
                        if number % 3 == 0 { throw EdgeError(.internalFault) }
                    }
                }
            }
        }
        let records = try await house.records(.control, after: before)
        #expect(records.count == 40)
        try house.requireChain(try await house.records(.control))
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test(
        "a record that cannot be written takes its cause with it", arguments: Lane.allCases)
    func together(lane: Lane) async throws {
        let house = try await LaneFixture()
        let session = house.base.session(.enrollment, of: house.client)
        try await house.store.begin(session)
        let person = try await house.enroll("E-9", seed: 9)
        try await house.store.write { db in
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER no_record BEFORE INSERT ON outbox WHEN NEW.lane = \(lane.priority)
                    BEGIN SELECT RAISE(ABORT, 'injected'); END
                    """)
        }
        let lines = try await house.store.newest(1000).count
        await #expect(throws: EdgeError.self) {
            if lane == .control {
                try await house.store.removePerson(person, of: house.client)
            } else {
                _ = try await house.store.finish(house.base.outcome(session))
            }
        }
        #expect(try await house.store.newest(1000).count == lines)
        #expect(try await house.store.person(person, of: house.client) != nil)
        #expect(try await house.store.person(externalID: "E-1", of: house.client) == nil)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }
}
