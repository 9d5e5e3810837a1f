import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

@Suite("Gallery snapshots")
struct GallerySnapshotTests {
    private let client = ClientID()

    @Test("one person is one row, so that the runner-up is always somebody else")
    func runnerUpIsAnotherPerson() throws {
        let people = (0..<5).map { Synthetic.record($0, samples: 4, client: client) }
        let gallery = GallerySnapshot(model: Synthetic.model, records: people)
        let match = try #require(gallery.search(Synthetic.template(person: 2, variation: 9)))
        #expect(gallery.count == 5)
        #expect(match.person == people[2].person)
        #expect(match.score > 0.85)
        #expect(try #require(match.runnerUp) < 0.4)
    }

    @Test("templates of another model take no part, neither enrolled nor as a probe")
    func otherModelsNeverCompare() {
        let foreign = ModelVersion(id: "other", version: "1")
        let stranger = FaceTemplate(model: foreign, values: Synthetic.template(person: 1).values)
        let old = GalleryRecord(
            client: client, person: MatchedPerson(id: PersonID(), externalID: "old"), templates: [stranger])
        let gallery = GallerySnapshot(model: Synthetic.model, records: [old, Synthetic.record(2, client: client)])
        #expect(gallery.count == 1)
        #expect(gallery.search(stranger) == nil)
        #expect(gallery.compare(Synthetic.template(person: 1), externalID: "old") == nil)
    }

    @Test("a broken template leaves its person out, not the gallery", arguments: [Float.nan, .infinity, 0])
    func brokenTemplatesAreLeftOut(value: Float) throws {
        let broken = FaceTemplate(model: Synthetic.model, values: [Float](repeating: value, count: 128))
        let record = GalleryRecord(
            client: client, person: MatchedPerson(id: PersonID(), externalID: "broken"), templates: [broken])
        let gallery = GallerySnapshot(model: Synthetic.model, records: [record, Synthetic.record(1, client: client)])
        #expect(gallery.count == 1)
        #expect(gallery.search(Synthetic.template(person: 1))?.person?.externalID == "user-1")
    }

    @Test("1:1 compares with the claimed person only")
    func comparesWithTheClaimedPerson() throws {
        let gallery = GallerySnapshot(
            model: Synthetic.model, records: (0..<4).map { Synthetic.record($0, client: client) })
        let wrong = try #require(gallery.compare(Synthetic.template(person: 1), externalID: "user-3"))
        #expect(wrong.person?.externalID == "user-3")
        #expect(wrong.score < 0.4)
        #expect(gallery.compare(Synthetic.template(person: 1), externalID: "nobody") == nil)
    }

    @Test("adding, replacing and removing in any order gives what a fresh build gives")
    func changesEqualAFreshBuild() throws {
        var random = SeededGenerator(seed: 4)
        var gallery = GallerySnapshot(model: Synthetic.model)
        var expected: [Int: GalleryRecord] = [:]
        for _ in 0..<300 {
            let number = Int.random(in: 0..<25, using: &random)
            if Bool.random(using: &random), let gone = expected.removeValue(forKey: number) {
                gallery = gallery.removing(gone.person.id)
            } else {
                let id = expected[number]?.person.id ?? PersonID()
                let record = Synthetic.record(
                    number, variation: Int.random(in: 0..<50, using: &random), id: id, client: client)
                expected[number] = record
                gallery = gallery.replacing(record)
            }
            let fresh = GallerySnapshot(model: Synthetic.model, records: expected.values)
            let probe = Synthetic.template(person: Int.random(in: 0..<25, using: &random), variation: 99)
            #expect(gallery.search(probe) == fresh.search(probe))
            #expect(gallery.count == expected.count)
            #expect(gallery.compare(probe, externalID: "user-3") == fresh.compare(probe, externalID: "user-3"))
        }
    }

    @Test(
        "two spellings of one text are two people, as they are in the store",
        arguments: [("Kate", "\u{212A}ate"), ("Jos\u{E9}", "Jose\u{301}"), ("\u{C5}sa", "\u{212B}sa")])
    func spellingsAreApart(one: String, other: String) throws {
        #expect(one == other, "for Swift they are one text")
        let records = [(1, one), (2, other)].map { number, externalID in
            GalleryRecord(
                client: client, person: MatchedPerson(id: PersonID(), externalID: externalID),
                templates: [Synthetic.template(person: number)])
        }
        let gallery = GallerySnapshot(model: Synthetic.model).replacing(records[0]).replacing(records[1])
        #expect(gallery.count == 2)
        for (number, record) in zip([1, 2], records) {
            let probe = Synthetic.template(person: number, variation: 7)
            let match = try #require(gallery.compare(probe, externalID: record.person.externalID))
            #expect(match.person?.id == record.person.id && match.score > 0.8)
            let others = try #require(gallery.search(probe, skipping: record.person.externalID))
            #expect(others.person?.id != record.person.id)
        }
        let left = gallery.removing(records[1].person.id)
        #expect(left.compare(Synthetic.template(person: 1), externalID: one)?.person?.id == records[0].person.id)
        #expect(left.compare(Synthetic.template(person: 1), externalID: other) == nil)
    }

    @Test(
        "a new external id takes the place of the old one, which is nobody's then",
        arguments: [("user-1", "new"), ("Jos\u{E9}", "Jose\u{301}")])
    func renames(old: String, new: String) {
        let id = PersonID()
        func record(_ externalID: String) -> GalleryRecord {
            GalleryRecord(
                client: client, person: MatchedPerson(id: id, externalID: externalID),
                templates: [Synthetic.template(person: 1)])
        }
        let gallery = GallerySnapshot(model: Synthetic.model, records: [record(old)]).replacing(record(new))
        #expect(gallery.count == 1)
        #expect(gallery.compare(Synthetic.template(person: 1), externalID: old) == nil)
        #expect(gallery.compare(Synthetic.template(person: 1), externalID: new)?.person?.id == id)
    }

    @Test("a new person under a removed one's external id keeps it when the removal arrives late")
    func lateRemovals() {
        let old = Synthetic.record(1, client: client)
        let new = Synthetic.record(1, variation: 5, client: client)
        let gallery = GallerySnapshot(model: Synthetic.model, records: [old, Synthetic.record(2, client: client)])
            .replacing(new).removing(old.person.id)
        #expect(gallery.count == 2)
        let match = gallery.compare(Synthetic.template(person: 1), externalID: "user-1")
        #expect(match?.person?.id == new.person.id)
    }

    @Test("the duplicate search leaves the person's own row out")
    func skipsThePersonItself() throws {
        let gallery = GallerySnapshot(
            model: Synthetic.model, records: (0..<4).map { Synthetic.record($0, client: client) })
        let match = try #require(gallery.search(Synthetic.template(person: 1), skipping: "user-1"))
        #expect(match.person?.externalID != "user-1")
        #expect(match.score < 0.4)
    }
}

@Suite("The gallery board")
struct GalleryBoardTests {
    @Test("tenants never see each other's people")
    func tenantsAreApart() async throws {
        let (one, other) = (ClientID(), ClientID())
        let board = GalleryBoard(model: Synthetic.model)
        let people = [Synthetic.record(1, client: one), Synthetic.record(2, client: other)]
        try await board.load(MemoryTemplates(people))
        #expect(board.count == 2)
        #expect(board.snapshot(of: one).search(Synthetic.template(person: 2))?.person?.externalID == "user-1")
        #expect(board.snapshot(of: other).compare(Synthetic.template(person: 1), externalID: "user-1") == nil)
        #expect(board.snapshot(of: ClientID()).count == 0)
    }

    @Test("many people of a tenant are added in one step, and nobody who was there goes")
    func adding() {
        let client = ClientID()
        let board = GalleryBoard(model: Synthetic.model)
        board.replace(Synthetic.record(1, client: client))
        board.add([Synthetic.record(2, client: client), Synthetic.record(3, client: client)], of: client)
        #expect(board.count == 3)
        for number in 1...3 {
            let match = board.snapshot(of: client).search(Synthetic.template(person: number))
            #expect(match?.person?.externalID == "user-\(number)")
        }
    }

    @Test("a snapshot in use stays as it was while the board moves on")
    func snapshotsDoNotChange() {
        let client = ClientID()
        let board = GalleryBoard(model: Synthetic.model)
        let record = Synthetic.record(1, client: client)
        board.replace(record)
        let before = board.snapshot(of: client)
        board.remove(record.person.id)
        #expect(before.count == 1)
        #expect(before.search(Synthetic.template(person: 1))?.person == record.person)
        #expect(board.snapshot(of: client).count == 0)
    }
}
