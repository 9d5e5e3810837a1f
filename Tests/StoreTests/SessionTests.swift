import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Sessions")
struct SessionTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("are found by token and by id, with all that was recorded, after a restart too")
    func roundTrip() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        var begun = fixture.session(.verification, of: client.id, user: "E-7", metadata: #"{"gate":4}"#)
        begun.frameSource = .camera
        begun.camera = "front"
        try await store.begin(begun)
        let token = try #require(begun.token)
        try await fixture.enroll("E-7", name: "Ada", of: client.id, in: store)
        let person = try #require(await store.person(externalID: "E-7", of: client.id))
        var ended = fixture.outcome(begun).session
        ended.livenessVerified = true
        ended.livenessScore = 0.75
        ended.challenge = .turnLeft
        ended.similarityScore = 0.625
        ended.qualityScore = 0.5
        ended.matchedPerson = MatchedPerson(id: person.id, externalID: "E-7")
        _ = try await store.finish(SessionOutcome(session: ended, lockout: .clear))
        await store.close()
        store = try await fixture.open()
        for lookup in [SessionLookup.token(token), .id(begun.id)] {
            let read = try #require(await store.session(lookup, of: client.id))
            #expect(read.token == nil)
            #expect(facts(read) == facts(ended))
            #expect(read.matchedPerson == MatchedPerson(id: person.id, externalID: "E-7", displayName: "Ada"))
        }
        #expect(try await store.person(externalID: "E-7", of: client.id)?.lastSeenAt == ended.completedAt)
        await store.close()
    }

    @Test("are named by their token to whoever holds it, across all tenants")
    func tenant() async throws {
        let store = try await fixture.open()
        for name in ["kiosk", "door"] {
            let client = try await store.createClient(name: name).client
            let session = fixture.session(.identification, of: client.id)
            try await store.begin(session)
            #expect(try await store.tenant(of: #require(session.token)) == client.id)
        }
        #expect(try await store.tenant(of: SessionToken(rawValue: "sess_nobody")) == nil)
        await store.close()
    }

    @Test("end once: the second end is refused and changes nothing")
    func endsOnce() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        let session = fixture.session(.enrollment, of: client.id)
        try await store.begin(session)
        _ = try await store.finish(fixture.outcome(session, seed: 1))
        let lines = try await store.newest(100)
        await #expect(throws: EdgeError(.sessionClosed)) {
            try await store.finish(fixture.outcome(session, samples: 1, seed: 2))
        }
        #expect(try await store.newest(100) == lines)
        #expect(try await store.gallery().first?.templates.first == fixture.template(seed: 100))
        await store.close()
    }

    @Test("ended from two sides at once have one winner")
    func race() async throws {
        let store = try await fixture.open()
        let fixture = fixture
        let client = try await store.createClient(name: "kiosk").client
        for _ in 0..<10 {
            let session = fixture.session(.verification, of: client.id)
            try await store.begin(session)
            let winners = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        do {
                            _ = try await store.finish(fixture.miss(session))
                            return true
                        } catch { return false }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
        await store.close()
    }

    @Test("are recorded even when the caller went away")
    func cancelledCaller() async throws {
        let store = try await fixture.open()
        let fixture = fixture
        let client = try await store.createClient(name: "kiosk").client
        let session = fixture.session(.verification, of: client.id)
        try await store.begin(session)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await store.finish(fixture.miss(session))
        }
        task.cancel()
        _ = try await task.value
        #expect(try await store.session(.id(session.id), of: client.id)?.state == .failed)
        await store.close()
    }

    @Test("that a restart left open are cancelled, each with an audit line, and the ended ones stay")
    func cancelOpen() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        let ended = fixture.session(.verification, of: client.id)
        let open = [fixture.session(.verification, of: client.id), fixture.session(.enrollment, of: client.id)]
        for session in open + [ended] { try await store.begin(session) }
        _ = try await store.finish(fixture.miss(ended))
        await store.close()
        store = try await fixture.open()
        let moment = fixture.clock.wall.addingTimeInterval(60)
        #expect(try await store.cancelOpenSessions(at: moment) == 2)
        for session in open {
            let read = try await store.session(.id(session.id), of: client.id)
            #expect(read?.state == .cancelled)
            #expect(read?.completedAt == moment)
            #expect(read?.reason == .cancelled)
        }
        #expect(try await store.session(.id(ended.id), of: client.id)?.state == .failed)
        #expect(try await store.newest(2).map(\.action) == ["session.cancelled", "session.cancelled"])
        #expect(try await Set(store.newest(2).map(\.session)) == Set(open.map(\.id)))
        #expect(try await store.cancelOpenSessions(at: moment) == 0)
        await store.close()
    }

    @Test(
        "write an audit line that says how they ended",
        arguments: [
            (SessionKind.enrollment, SessionState.failed, "enrollment.failed"),
            (.verification, .failed, "authentication.failed"), (.identification, .failed, "authentication.failed"),
            (.verification, .expired, "session.expired"), (.enrollment, .cancelled, "session.cancelled"),
        ])
    func auditLine(kind: SessionKind, state: SessionState, action: String) async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        var session = fixture.session(kind, of: client.id, user: kind == .identification ? nil : "E-1")
        try await store.begin(session)
        #expect(try await store.newest(1).first?.action == "session.opened")
        session.state = state
        session.reason = .notRecognized
        #expect(try await store.finish(SessionOutcome(session: session)) == nil)
        let line = try #require(await store.newest(1).first)
        #expect(line.action == action)
        #expect(line.session == session.id)
        #expect(line.client == client.id)
        #expect(line.reason == "authentication.not_recognized")
        #expect(!line.succeeded)
        let details = try JSONSerialization.jsonObject(with: Data(line.detailsJSON.utf8)) as? [String: Any]
        #expect(details?["kind"] as? String == kind.rawValue)
        await store.close()
    }

    @Test("cannot end in an open state, and cannot begin without a token")
    func misuse() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        var session = fixture.session(.verification, of: client.id)
        try await store.begin(session)
        await #expect(throws: EdgeError.self) { try await store.finish(SessionOutcome(session: session)) }
        #expect(try await store.session(.id(session.id), of: client.id)?.state == .active)
        session.token = nil
        await #expect(throws: EdgeError.self) { try await store.begin(session) }
        await store.close()
    }

    @Test("that recognised a person who was removed meanwhile are refused: erasure wins")
    func removedMeanwhile() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        let enrolled = try #require(await fixture.enroll("E-1", of: client.id, in: store))
        let session = fixture.session(.identification, of: client.id, user: nil)
        try await store.begin(session)
        _ = try await store.removePerson(externalID: "E-1", of: client.id)
        var ended = fixture.outcome(session).session
        ended.matchedPerson = enrolled.person
        await #expect(throws: EdgeError(.personUnknown)) {
            try await store.finish(SessionOutcome(session: ended))
        }
        #expect(try await store.session(.id(session.id), of: client.id)?.state == .active)
        await store.close()
    }

    /// What a session must be the same in; the token and the person are looked at apart.
    private func facts(_ session: SessionSnapshot) -> [String] {
        var session = session
        session.token = nil
        session.matchedPerson = nil
        return Mirror(reflecting: session).children.map { "\($0.label ?? ""): \($0.value)" }
    }
}
