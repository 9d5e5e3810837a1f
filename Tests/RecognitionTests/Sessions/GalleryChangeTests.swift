import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("Changes of the gallery")
struct GalleryChangeTests {
    @Test("a deactivated person is found by no session from then on, and by all again once activated")
    func deactivates() async throws {
        let house = try await ServiceHarness(people: [1, 2])
        let record = try #require(await house.templates.gallery().first)
        house.templates.remove(record.person.id)
        await house.service.follow(.remove(record.person.id))
        #expect(await house.service.galleryCount == 1)
        let (none, claimed) = (
            try await house.open(.identification), try await house.open(.verification, user: "user-1")
        )
        for session in [none, claimed] {
            _ = try? await house.submit(1, times: 10, to: session)
            let ended = try await house.service.session(.id(session.id), of: house.client)
            #expect(ended.state == .failed && ended.matchedPerson == nil)
        }
        house.templates.put(record)
        await house.service.follow(.replace(record))
        await house.service.follow(.none)
        let found = try await house.submit(1, times: 3, from: 20, to: try await house.open(.identification))
        #expect(found?.session.matchedPerson?.id == record.person.id)
    }

    @Test("a store that was opened again is read anew: who came is found, who went is not")
    func reopened() async throws {
        let house = try await ServiceHarness(people: [1, 2])
        let record = try #require(await house.templates.gallery().first)
        house.templates.remove(record.person.id)
        await house.service.storeReopened()
        let gone = try await house.open(.identification)
        _ = try? await house.submit(1, times: 10, to: gone)
        #expect(try await house.service.session(.id(gone.id), of: house.client).matchedPerson == nil)
        house.templates.put(record)
        await house.service.storeReopened()
        let found = try await house.submit(1, times: 3, from: 20, to: try await house.open(.identification))
        #expect(found?.session.matchedPerson?.id == record.person.id)
    }

    @Test("who is removed is in the memory of no session any more, and the store answers for those that ended")
    func forgets() async throws {
        let house = try await ServiceHarness(people: [1, 2])
        let record = try #require(await house.templates.gallery().first)
        let ended = try await house.open(.verification, user: "user-1")
        _ = try await house.submit(1, times: 3, to: ended)
        let (other, claimed) = (
            try await house.open(.identification), try await house.open(.verification, user: "user-1")
        )
        var cancelled = claimed
        cancelled.close(.cancelled, .cancelled, at: house.clock.wall)
        _ = try await house.repository.finish(SessionOutcome(session: cancelled, lockout: .none))
        await house.service.personRemoved(record.person.id)
        #expect(await Set(house.service.live.keys) == [other.id])
        #expect(try await house.service.session(.id(ended.id), of: house.client).state == .completed)
        #expect(await code { _ = try await house.submit(1, times: 1, from: 30, to: claimed) } == .sessionClosed)
    }

    @Test("a new name and a new id are those that recognition tells, and the old id is nobody's")
    func renames() async throws {
        let house = try await ServiceHarness(people: [1])
        let record = try #require(await house.templates.gallery().first)
        let renamed = MatchedPerson(id: record.person.id, externalID: "new", displayName: "Ada")
        let changed = GalleryRecord(client: house.client, person: renamed, templates: record.templates)
        house.templates.put(changed)
        await house.service.personChanged(changed)
        let found = try await house.submit(1, times: 3, to: try await house.open(.verification, user: "new"))
        #expect(found?.session.matchedPerson == renamed)
        let old = try await house.open(.verification, user: "user-1")
        _ = try? await house.submit(1, times: 10, from: 20, to: old)
        #expect(try await house.service.session(.id(old.id), of: house.client).state == .failed)
    }

    @Test("who the store refuses to recognise is not found again")
    func refused() async throws {
        let house = try await ServiceHarness(people: [1])
        let session = try await house.open(.identification)
        _ = try await house.submit(1, times: 2, to: session)
        house.repository.fail(with: EdgeError(.personUnknown))
        #expect(await code { _ = try await house.submit(Picture(1, 7), to: session) } == .personUnknown)
        #expect(await house.service.galleryCount == 0)
        house.repository.fail(with: nil)
        let last = try await house.submit(1, times: 8, from: 30, to: session)
        #expect(last?.session.state == .failed && last?.session.matchedPerson == nil)
    }

    @Test("a picture is as like to a person as its one face is, and to nobody without one")
    func similarity() async throws {
        let house = try await ServiceHarness(people: [1, 2])
        let person = try #require(await house.templates.gallery().first).person.id
        func similarity(_ picture: [UInt8], client: ClientID? = nil) async throws -> Double? {
            try await house.service.similarity(of: picture, to: person, client: client ?? house.client)
        }
        let same = try #require(await similarity(Picture(1, 5).bytes))
        let other = try #require(await similarity(Picture(2, 5).bytes))
        #expect(same > 0.8 && same <= 1)
        #expect(other < 0.4 && other >= 0)
        #expect(try await similarity(Picture(0, 5).bytes) == nil)
        #expect(try await similarity(Picture(1, 5).bytes, client: ClientID()) == nil)
        #expect(await code { _ = try await similarity([1, 2]) } == .imageCorrupt)
        house.templates.remove(person)
        await house.service.personRemoved(person)
        #expect(try await similarity(Picture(1, 5).bytes) == nil)
    }

    @Test("lists of sessions show open ones as they stand in memory, without a token")
    func catalog() async throws {
        let house = try await ServiceHarness(people: [1])
        let first = try await house.open(.identification)
        house.clock.advance(by: .seconds(1))
        let second = try await house.open(.enrollment, user: "user-9")
        _ = try await house.submit(Picture(3, 1), to: first)
        func list(_ filter: SessionFilter) async throws -> [SessionSnapshot] {
            try await house.service.sessions(of: house.client, filter, page: PageRequest()).items
        }
        let all = try await list(SessionFilter())
        #expect(all.map(\.id) == [second.id, first.id])
        #expect(all.map(\.state) == [.pending, .processing])
        #expect(all.allSatisfy { $0.token == nil })
        #expect(try await list(SessionFilter(states: [.processing])).map(\.id) == [first.id])
        #expect(
            try await list(SessionFilter(states: [.pending, .processing], kinds: [.enrollment])).map(\.id) == [
                second.id
            ])
        #expect(try await list(SessionFilter(states: [.processing])).allSatisfy { $0.token == nil })
        _ = try await house.service.cancel(.id(first.id), of: house.client)
        #expect(try await list(SessionFilter(states: [.cancelled])).map(\.id) == [first.id])
        #expect(try await house.service.sessions(of: ClientID(), SessionFilter(), page: PageRequest()).total == 0)
    }
}
