import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Consent in requests and answers")
struct ConsentRouteTests {
    private let consent: JSONValue = [
        "text_version": "7", "text_sha256": .string(String(repeating: "A1", count: 32)), "given_by": "a guardian",
        "given_at": "2026-02-03T04:05:06Z", "method": "paper",
    ]

    @Test("goes with an enrollment by either request, every member of it")
    func asked() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.user("jane")
            try await caller.call(
                .post, "/api/auth/enrollment/", ["user_id": "jane", "session_type": "api", "consent": consent]
            ).expect(SessionRoutes.enrollment, status: 201)
            try await caller.call(.post, "/api/auth/enrollments/", ["client_user": "jane", "consent": consent])
                .expect(EnrollmentRoutes.create, status: 201)
            var expected = ConsentRecord(textVersion: "7", givenBy: "a guardian", method: "paper")
            expected.textSHA256 = String(repeating: "a1", count: 32)
            expected.givenAt = WireDate.parse("2026-02-03T04:05:06Z")
            #expect(api.sessions.requests.map(\.consent) == [expected, expected])
        }
    }

    @Test("that is not in form is refused by the name of the member, and null says nothing")
    func faults() async throws {
        let api = TestAPI()
        try await api.test { caller in
            for (member, value) in [
                ("text_version", "" as JSONValue), ("text_sha256", "xyz"), ("given_at", "yesterday"), ("method", 7),
            ] {
                var object = try #require(consent.objectValue)
                object[member] = value
                let refused = try await caller.call(
                    .post, "/api/auth/enrollment/",
                    ["user_id": "jane", "session_type": "api", "consent": .object(object)])
                #expect(refused.status == 400 && refused["consent.\(member)"] != nil)
            }
            let refused = try await caller.call(
                .post, "/api/auth/enrollment/", ["user_id": "jane", "session_type": "api", "consent": [:]])
            #expect(refused.status == 400 && refused["consent.text_version"] != nil)
            try await caller.call(
                .post, "/api/auth/enrollment/", ["user_id": "jane", "session_type": "api", "consent": .null]
            ).expect(SessionRoutes.enrollment, status: 201)
            #expect(api.sessions.requests.map(\.consent) == [nil])
        }
    }

    @Test("that the device requires is asked for with its own code")
    func required() async throws {
        let api = TestAPI()
        api.sessions.failOpening(EdgeError(.consentRequired, field: "consent"))
        try await api.test { caller in
            let refused = try await caller.call(
                .post, "/api/auth/enrollment/", ["user_id": "jane", "session_type": "api"])
            #expect(refused.status == 400 && refused["code"] == "consent.required" && refused["consent"] != nil)
        }
    }

    @Test("is told with the enrollment and with the user")
    func told() {
        var record = ConsentRecord(textVersion: "7")
        record.recordedAt = Date(timeIntervalSince1970: 0)
        var enrollment = EnrollmentRecord(
            id: EnrollmentID(), client: ClientID(), session: SessionID(), totalSamples: 3, createdAt: Date())
        #expect(EnrollmentBody.enrollment(enrollment)["consent"] == .null)
        enrollment.consent = record
        let told = EnrollmentBody.enrollment(enrollment)["consent"]?.objectValue
        #expect(told?["text_version"] == "7" && told?["given_by"] == .null)
        #expect(told?["recorded_at"] == "1970-01-01T00:00:00Z")
        var person = PersonRecord(id: PersonID(), client: ClientID(), externalID: "jane", createdAt: Date())
        person.consent = record
        #expect(UserBody.user(person, "")["consent"] == EnrollmentBody.enrollment(enrollment)["consent"])
    }
}
