import EdgeTesting
import Foundation
import Testing

/// Every `step`-th element.
func every<Element>(_ step: Int, of elements: [Element]) -> [Element] {
    stride(from: 0, to: elements.count, by: step).map { elements[$0] }
}

@Suite("The whole daemon", .serialized)
struct WholeDaemonTests {
    @Test("a person enrolled by upload is verified, identified from the camera, and still known after a restart")
    func enrollsAndRecognizes() async throws {
        let daemon = try DaemonUnderTest(camera: "webcam-man")
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let frames = try TestInputs.footage("webcam-man")
        let enrolled = try await client.feed(every(7, of: frames), to: try await client.openEnrollment(of: "alice"))
        #expect(enrolled.body["enrollment_complete"]?.flag == true, "\(enrolled.body)")
        #expect(enrolled.body["session_status"]?.text == "completed")

        let verified = try await client.feed(every(5, of: frames), to: try await client.openAuthentication(of: "alice"))
        #expect(verified.body["success"]?.flag == true, "\(verified.body)")
        #expect(verified.body["result"]?.text == "success")
        #expect(verified.body["matched_user"]?["user_id"]?.text == "alice")

        let camera = try await client.openAuthentication(source: "camera")
        let seen = try await client.get("/api/auth/sessions/\(camera)/result/?wait=30")
        #expect(seen.body["matched_user"]?["user_id"]?.text == "alice", "\(seen.body)")

        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        let again = try await daemon.makeClient("second")
        let stranger = try await again.feed(every(5, of: frames), to: try await again.openAuthentication())
        #expect(stranger.body["result"]?.text == "failure", "another tenant's people are not recognised")
        let found = try await daemon.edged("identify", "--client", "kiosk", "--json")
        #expect(found.status == 0, "\(found.errors)")
        #expect(try found.json()["user_id"]?.text == "alice")
    }

    @Test("a kill loses nobody who was told that the enrollment is complete")
    func killLosesNothing() async throws {
        let daemon = try DaemonUnderTest()
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let frames = every(7, of: try TestInputs.footage("webcam-man"))
        let enrolled = try await client.feed(frames, to: try await client.openEnrollment(of: "alice"))
        #expect(enrolled.body["enrollment_complete"]?.flag == true, "\(enrolled.body)")
        try await daemon.kill()
        let people = try await daemon.edged("people", "list", "--json")
        #expect(people.status == 0, "\(people.errors)")
        #expect(try people.json()["people"]?.items?.first?["user_id"]?.text == "alice")
        try await daemon.start()
        #expect(try await daemon.edged("people", "remove", "alice").status == 0)
        #expect(try await daemon.edged("people", "list", "--json").json()["people"]?.items?.isEmpty == true)
    }

    @Test("another person is refused, a wrong claim is refused, and nothing tells which")
    func refusesStrangers() async throws {
        let daemon = try DaemonUnderTest()
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let man = every(7, of: try TestInputs.footage("webcam-man"))
        let woman = every(4, of: try TestInputs.footage("woman"))
        let enrolled = try await client.feed(man, to: try await client.openEnrollment(of: "alice"))
        #expect(enrolled.body["enrollment_complete"]?.flag == true, "\(enrolled.body)")
        let stranger = try await client.feed(woman, to: try await client.openAuthentication())
        let wrongClaim = try await client.feed(woman, to: try await client.openAuthentication(of: "alice"))
        let unknownUser = try await client.feed(man, to: try await client.openAuthentication(of: "nobody"))
        for answer in [stranger, wrongClaim, unknownUser] {
            #expect(answer.status == 200)
            #expect(answer.body["success"]?.flag == false)
            #expect(answer.body["result"]?.text == "failure", "\(answer.body)")
            #expect(answer.body["error"]?.text == "User not recognized or liveness check failed.")
            #expect(answer.body["message"]?.text == "Authentication failed.")
            #expect(answer.body["matched_user"] == nil || answer.body["matched_user"] == .null)
            #expect(answer.body["similarity_score"] == nil || answer.body["similarity_score"] == .null)
        }
    }

    @Test("misses lock the claimed user out, and the lock survives a restart")
    func locksOut() async throws {
        let daemon = try DaemonUnderTest(sessions: "lockout_misses = 1\nlockout_first = \"60s\"")
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let woman = every(4, of: try TestInputs.footage("woman"))
        let refused = try await client.feed(woman, to: try await client.openAuthentication(of: "alice"))
        #expect(refused.body["result"]?.text == "failure")
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        let restarted = APIClient(address: daemon.address, access: client.access)
        let locked = try await restarted.post(
            "/api/auth/authentication/", json: ["user_id": "alice", "session_type": "webcam"])
        #expect(locked.status == 429)
        #expect(locked.body["code"]?.text == "session.locked_out")
        #expect(Int(locked.headers["retry-after"] ?? "") ?? 0 > 0)
    }

    @Test("a second daemon on the same store is refused by name")
    func secondDaemonIsRefused() async throws {
        let daemon = try DaemonUnderTest()
        try await daemon.start()
        let second = try await daemon.edged("run")
        #expect(second.status == 75)
        #expect(second.errors.contains("store.busy"))
    }

    @Test("clients are made whether or not the daemon runs")
    func clientsWithAndWithoutDaemon() async throws {
        let daemon = try DaemonUnderTest()
        let before = try await daemon.edged("clients", "create", "before", "--json")
        #expect(before.status == 0, "\(before.errors)")
        try await daemon.start()
        let during = try await daemon.edged("clients", "create", "during", "--json")
        for made in [before, during] {
            let client = try made.json()
            #expect(client["client_id"]?.text?.hasPrefix("FR_") == true)
            #expect(client["api_key"]?.text?.hasPrefix("frapi_") == true)
            #expect((client["api_secret"]?.text?.count ?? 0) >= 64)
        }
        let again = try await daemon.edged("clients", "create", "during", "--json")
        #expect(again.status == 65)
        #expect(try again.json()["error"]?["code"]?.text == "client.exists")
    }

    @Test("a caller who waits is answered when the daemon stops, and the stop leaves no error in the log")
    func answersBeforeItStops() async throws {
        let daemon = try DaemonUnderTest(camera: "no-face")
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let session = try await client.openAuthentication(source: "camera")
        async let waiting = client.get("/api/auth/sessions/\(session)/result/?wait=50")
        // The poll is known to wait once a second one beside it has been answered.
        _ = try await client.get("/api/auth/sessions/\(session)/result/?wait=1")
        #expect(try await daemon.stop() == 0)
        let answer = try await waiting
        #expect(answer.status == 200 || answer.status == 503, "\(answer.body)")
        #expect(!daemon.log.contains(" error "), "\(daemon.log)")
    }
}
