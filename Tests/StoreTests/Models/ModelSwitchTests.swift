import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing

@testable import Store
@testable import StoreTesting

@Suite("A second model beside the first")
struct ModelSwitchTests {
    private let fixture: ModelFixture
    private var first: ModelVersion { fixture.base.model }

    init() throws { fixture = try ModelFixture() }

    @Test("has its templates beside the others', and the gallery is read of one model")
    func besides() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        #expect(try await fixture.convert(store) == counts(people: 1, templates: 3))
        #expect(try await store.storedModels() == [fixture.other, first])
        let old = try #require(try await store.gallery(model: first).first)
        let new = try #require(try await store.gallery(model: fixture.other).first)
        #expect(old.templates == (0..<3).map { fixture.base.template(seed: 100 + $0) })
        #expect(try new.templates == [10, 11, 12].map { fixture.template(of: try fixture.face($0)) })
        #expect(try await store.gallery().first?.templates.count == 6)
        #expect(
            try await store.person(old.person.id, of: client)?.templateCount == 3, "samples are counted, not models")
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("is given what was made of the crops, part by part; a power cut loses nothing and nothing is made twice")
    func resumed() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        for number in 1...45 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        #expect(try await fixture.convert(store, stopsAfter: 1) == counts(people: 20, templates: 60))
        #expect(try await store.chosenModel() == nil)
        await store.close()
        store = try await fixture.open()
        #expect(try await coverage(store) == ModelCoverage(people: 20, convertible: 25, missing: 0))
        #expect(try await fixture.convert(store) == counts(people: 25, templates: 75))
        #expect(try await fixture.convert(store) == counts(people: 0, templates: 0))
        #expect(try await coverage(store) == ModelCoverage(people: 45, convertible: 0, missing: 0))
        await store.close()
    }

    @Test("leaves people without crops with their old templates, counts them and says so")
    func withoutCrops() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await fixture.base.enroll("E-2", of: client, in: store, seed: 2)
        let made = try await fixture.convert(store)
        let coverage = try await store.choose(fixture.other, insteadOf: first, after: made, dropsOld: false)
        #expect(coverage == ModelCoverage(people: 1, convertible: 0, missing: 1))
        #expect(try await store.chosenModel() == fixture.other)
        let line = try #require(try await store.newest(1).first)
        #expect(line.action == "models.switched")
        #expect(
            line.detailsJSON
                == #"{"from":"sface 2021dec","to":"second 1","people":1,"without":1,"converted":1,"templates":3,"drops_old":false}"#
        )
        try await store.use(fixture.other)
        let condition = try #require(
            fixture.base.health.current.first { $0.code == "recognition.templates.missing" })
        #expect(condition.title.contains("second 1: 1."))
        #expect(try await store.gallery(model: fixture.other).map(\.person.externalID) == ["E-1"])
        #expect(try await store.gallery(model: first).count == 2)
        try await store.use(first)
        #expect(!fixture.base.health.current.contains { $0.code == "recognition.templates.missing" })
        await store.close()
    }

    @Test("may take the place of the first, whose templates go, but not those of people who have no others")
    func dropped() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        for number in 1...21 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        try await fixture.base.enroll("E-99", of: client, in: store, seed: 99)
        let made = try await fixture.convert(store)
        _ = try await store.choose(fixture.other, insteadOf: first, after: made, dropsOld: true)
        try await store.use(first)
        #expect(try await store.dropOldTemplates() == 0, "what is in use stays")
        await store.close()
        store = try await fixture.open()
        try await store.use(fixture.other)
        #expect(try await store.dropOldTemplates() == 21)
        #expect(try await store.dropOldTemplates() == 0)
        #expect(try await store.gallery(model: first).map(\.person.externalID) == ["E-99"])
        #expect(try await store.gallery(model: fixture.other).count == 21)
        let lines = try await store.newest(10).filter { $0.action.hasPrefix("models.drop") }
        #expect(lines.map(\.action) == ["models.drop.ended", "models.drop.begun"])
        #expect(lines.allSatisfy { $0.detailsJSON == #"{"model":"sface 2021dec","people":21,"rows":63}"# })
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test(
        "that is in use already may have the others' templates dropped later, but not those of people who have none of it"
    )
    func droppedLater() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        for number in 1...21 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        try await fixture.base.enroll("E-99", of: client, in: store, seed: 99)
        let made = try await fixture.convert(store)
        _ = try await store.choose(fixture.other, insteadOf: first, after: made, dropsOld: false)
        try await store.use(fixture.other)
        #expect(try await store.dropOldTemplates() == 0, "the switch ordered nothing")
        _ = try await store.choose(
            fixture.other, insteadOf: fixture.other, after: counts(people: 0, templates: 0), dropsOld: true)
        #expect(try await store.dropTemplates(besides: fixture.other) == 63)
        #expect(try await store.dropTemplates(besides: fixture.other) == 0)
        #expect(try await store.gallery(model: first).map(\.person.externalID) == ["E-99"])
        #expect(try await store.gallery(model: fixture.other).count == 21)
        let lines = try await store.newest(10).filter { $0.action.hasPrefix("models.drop") }
        #expect(lines.map(\.action) == ["models.drop.ended", "models.drop.begun"], "nothing to drop has no lines")
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("gets no template of somebody who was removed or enrolled anew while it was made")
    func changedMeanwhile() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        for user in ["E-1", "E-2", "E-3"] { try await fixture.enroll(user, of: client, in: store) }
        let batch = try await store.cropsWaiting(for: fixture.other)
        #expect(batch.people.count == 3 && batch.next == nil)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        try await fixture.enroll("E-2", of: client, in: store, seed: 5)
        let (counts, effects) = try await store.keep(batch.people.map { ($0, $0.faces.map(fixture.template)) })
        #expect(counts == self.counts(people: 1, templates: 3))
        guard case .replace(let record)? = effects.first, effects.count == 1 else {
            Issue.record("the gallery is told of one person")
            return
        }
        #expect(record.person.externalID == "E-3" && record.templates.count == 6)
        await store.close()
    }

    @Test("is told to central with the person: templates of both, each with its model and sample")
    func toldToCentral() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await fixture.convert(store)
        let records = try await store.records(of: .enrollment, after: 0, limit: 9)
        #expect(records.map(\.head.kind) == ["enrollment.completed", "enrollment.completed"])
        let opened = try await store.open(records).last
        let payload = String(decoding: try #require(opened ?? nil), as: UTF8.self)
        for part in [#""model":"second""#, #""model":"sface""#, #""generation":2"#] { #expect(payload.contains(part)) }
        #expect(payload.components(separatedBy: #""sample":2"#).count == 3)
        await store.close()
    }

    @Test("comes along with an export, crops only where both devices keep them", arguments: [true, false])
    func transferred(targetKeeps: Bool) async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await fixture.convert(store)
        let people = try await store.exportPart(of: client, from: nil).people
            .map { try PersonTransfer(line: $0.line()) }
        let target = try ModelFixture()
        let other = try await target.open(keepsCrops: targetKeeps)
        let home = try await other.createClient(name: "Home").client.id
        let refused = await #expect(throws: EdgeError.self) {
            try await other.importPeople(people, into: home, models: [first: 128])
        }
        #expect(refused?.code == .modelUnknown)
        _ = try await other.importPeople(people, into: home, models: [first: 128, fixture.other: 64])
        for model in [first, fixture.other] {
            #expect(
                try await other.gallery(model: model).map(\.templates) == store.gallery(model: model).map(\.templates))
        }
        #expect(try await fixture.count("crops", in: other) == (targetKeeps ? 3 : 0))
        #expect(try await other.verify().isWhole)
        await store.close()
        await other.close()
        let without = try await fixture.open(keepsCrops: false)
        #expect(try await without.exportPart(of: client, from: nil).people.first?.crops == nil)
        await without.close()
    }

    @Test("outlives an exchange of the keys, and so do the crops")
    func rotated() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await fixture.convert(store)
        let before = try await store.gallery().map(\.templates)
        try await store.write { db in
            try store.renewKey(ofPerson: try #require(try Int64.fetchOne(db, sql: "SELECT key FROM people")), db)
        }
        _ = try await store.rotateKeys(fixture.base.vault)
        #expect(try await store.gallery().map(\.templates) == before)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    private func counts(people: Int, templates: Int) -> ModelSwitchCounts {
        var counts = ModelSwitchCounts()
        counts.people = people
        counts.templates = templates
        return counts
    }

    private func coverage(_ store: EdgeStore) async throws -> ModelCoverage {
        try await store.coverage(of: fixture.other)
    }
}

extension ModelCoverage {
    fileprivate init(people: Int, convertible: Int, missing: Int) {
        self.init()
        self.people = people
        self.convertible = convertible
        self.missing = missing
    }
}
