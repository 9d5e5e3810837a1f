import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("The gallery follows the store, in whatever order it is told")
struct FollowingTests {
    @Test("a person who was deactivated and activated is found, though the two are told in the other order")
    func swapped() async throws {
        let house = try await ServiceHarness(people: [1])
        let record = try #require(await house.templates.gallery().first)
        // Recorded: off, then on. Told: on, then off.
        await house.service.follow(.replace(record))
        await house.service.follow(.remove(record.person.id))
        #expect(await house.service.galleryCount == 1)
        // Recorded: on, then off. Told: off, then on.
        house.templates.remove(record.person.id)
        await house.service.follow(.remove(record.person.id))
        await house.service.follow(.replace(record))
        #expect(await house.service.galleryCount == 0)
    }

    @Test("a client that was deactivated and activated keeps its people, though the two are told in the other order")
    func client() async throws {
        let house = try await ServiceHarness(people: [1, 2])
        await house.service.clientActivated(house.client)
        await house.service.clientDeactivated(house.client)
        #expect(await house.service.galleryCount == 2)
        house.templates.deactivate(house.client)
        await house.service.clientDeactivated(house.client)
        await house.service.clientActivated(house.client)
        #expect(await house.service.galleryCount == 0)
    }

    @Test("who is erased while the enrollment's end is told stays out")
    func erasedMeanwhile() async throws {
        let house = try await ServiceHarness()
        let session = try await house.open(.enrollment, user: "user-1")
        // Recorded, and gone again before anybody hears of it.
        house.repository.onEnrollment { [templates = house.templates] in templates.remove($0.person.id) }
        let last = try await house.submit(1, times: 3, to: session)
        #expect(last?.session.state == .completed)
        #expect(await house.service.galleryCount == 0)
    }

    @Test("many changes at once leave the gallery as the store is")
    func many() async throws {
        let house = try await ServiceHarness(people: [1, 2, 3, 4])
        let records = try await house.templates.gallery()
        await withTaskGroup(of: Void.self) { group in
            for round in 0..<40 {
                for record in records {
                    group.addTask {
                        if round.isMultiple(of: 2) {
                            house.templates.remove(record.person.id)
                            await house.service.personRemoved(record.person.id)
                        } else {
                            house.templates.put(record)
                            await house.service.personChanged(record)
                        }
                    }
                }
            }
        }
        let stored = try await Set(house.templates.gallery().map(\.person.id))
        #expect(await house.service.galleryCount == stored.count)
        for record in records {
            let isFound =
                await house.service.board.snapshot(of: house.client)
                .similarity(of: record.templates[0], to: record.person.id) != nil
            #expect(isFound == stored.contains(record.person.id))
        }
    }
}
