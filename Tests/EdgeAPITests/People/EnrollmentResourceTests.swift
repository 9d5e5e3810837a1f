import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Enrollments as resources")
struct EnrollmentResourceTests {
    @Test("one made by hand opens a real session for the user, by either id")
    func creates() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let id = try await caller.user("jane").string("id")
            for name in ["jane", id] {
                let made = try await caller.call(
                    .post, "/api/auth/enrollments/",
                    [
                        "client_user": .string(name), "total_samples": 5, "metadata": ["desk": 3],
                        "sample_number": "any", "status": "active", "client": .null,
                    ])
                made.expect(EnrollmentRoutes.create, status: 201)
                #expect(made["status"] == "pending" && made["external_user_id"] == "jane")
                #expect(made["target_samples"] == 5 && made["metadata"] == ["desk": 3])
                #expect(made["embedding_vector"] == .null && made["embedding_dimension"] == 128)
                let frame = try await caller.frame(made)
                #expect(frame.status == 200 && frame["session_id"] == made["enrollment_session"])
                let read = try await caller.call(.get, "/api/auth/enrollments/\(try made.string("id"))/")
                read.expect(EnrollmentRoutes.retrieve)
                #expect(read["session_token"] == nil)
            }
            #expect(api.sessions.requests.map(\.externalUserID) == ["jane", "jane"])
        }
    }

    @Test("nobody unknown or inactive, nor another tenant's user, is enrolled by hand")
    func refusals() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.user("jane")
            func status(_ name: String, as client: String = "one") async throws -> Int {
                let answer = try await caller.call(
                    .post, "/api/auth/enrollments/", ["client_user": .string(name)], as: client)
                #expect(answer["client_user"] != nil)
                return answer.status
            }
            #expect(try await status("nobody") == 404)
            #expect(try await status("jane", as: "two") == 404)
            api.people.edit("jane") { $0.isActive = false }
            #expect(try await status("jane") == 404)
            #expect(try await caller.call(.post, "/api/auth/enrollments/", [:]).status == 400)
            #expect(api.sessions.requests.isEmpty)
        }
    }

    @Test("an end for the templates is kept with the enrollment")
    func validity() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.user("jane")
            let made = try await caller.call(
                .post, "/api/auth/enrollments/", ["client_user": "jane", "expires_at": "2030-01-01T00:00:00Z"])
            made.expect(EnrollmentRoutes.create, status: 201)
            #expect(api.people.state.withLock { $0.edits.count } == 1)
        }
    }

    @Test("a status takes the templates out of recognition and back, and the gallery hears of it")
    func status() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let record = try await enrolled(.active, api, caller)
            let person = try #require(record.person?.id)
            let path = "/api/auth/enrollments/\(record.id)/"
            let off = try await caller.call(.patch, path, ["status": "inactive"])
            off.expect(EnrollmentRoutes.partialUpdate)
            #expect(off["status"] == "inactive")
            let on = try await caller.call(.put, path, ["client_user": "jane", "status": "active"])
            on.expect(EnrollmentRoutes.update)
            #expect(api.people.told == ["removed \(person)", "changed \(person)"])
            let other = try await caller.call(.patch, path, ["client_user": "june"])
            #expect(other.status == 409 && other["code"] == "enrollment.state")
            #expect(try await caller.call(.patch, path, ["status": "great"]).status == 400)
            #expect(try await caller.call(.patch, path, ["status": "inactive"], as: "two").status == 404)
        }
    }

    @Test("an older one cannot be made active again")
    func older() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let record = try await enrolled(.completed, api, caller)
            let answer = try await caller.call(.patch, "/api/auth/enrollments/\(record.id)/", ["status": "active"])
            #expect(answer.status == 409 && answer["code"] == "enrollment.state")
        }
    }

    @Test("one that is removed is gone from the gallery; an open one ends with its session")
    func removes() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let record = try await enrolled(.active, api, caller)
            let path = "/api/auth/enrollments/\(record.id)/"
            #expect(try await caller.call(.delete, path, as: "two").status == 404)
            #expect(try await caller.call(.delete, path).status == 204)
            #expect(api.people.told == ["removed \(try #require(record.person?.id))"])
            #expect(try await caller.call(.get, path).status == 404)
            let open = try await caller.enroll("jane")
            let other = "/api/auth/enrollments/\(try open.string("enrollment_id"))/"
            #expect(try await caller.call(.delete, other).status == 204)
            #expect(api.sessions.snapshots.map(\.state) == [.cancelled])
        }
    }

    @Test("lists hold the tenant's own, also those of one user")
    func lists() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let record = try await enrolled(.active, api, caller)
            let page = try await caller.call(.get, "/api/auth/enrollments/")
            page.expect(EnrollmentRoutes.list)
            #expect(page.items.map { $0["id"] } == [.string(record.id.description)])
            #expect(try await caller.call(.get, "/api/auth/enrollments/", as: "two")["count"] == 0)
            let own = try await caller.call(.get, "/api/clients/users/jane/enrollments/")
            own.expect(UserRoutes.enrollments)
            #expect(own["count"] == 1)
        }
    }

    private func enrolled(
        _ status: EnrollmentStatus, _ api: TestAPI, _ caller: APICaller
    ) async throws -> EnrollmentRecord {
        let id = try #require(PersonID(try await caller.user("jane").string("id")))
        api.people.edit("jane") { $0.isEnrolled = true }
        var record = EnrollmentRecord(
            id: EnrollmentID(), client: try #require(api.clients.named("one")).id, session: SessionID(), status: status,
            totalSamples: 3, createdAt: api.clock.wall)
        record.person = MatchedPerson(id: id, externalID: "jane")
        let made = record
        api.people.state.withLock { $0.enrollments.append(made) }
        return record
    }
}
