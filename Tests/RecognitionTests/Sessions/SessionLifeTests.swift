import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("The life of sessions", .timeLimit(.minutes(10)))
struct SessionLifeTests {
    @Test("a session ends by itself when its time is over, and the end is recorded")
    func expires() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        harness.clock.advance(by: .milliseconds(599_999))
        await harness.service.sweep()
        #expect(try await harness.service.session(.id(session.id), of: harness.client).state == .active)
        harness.clock.advance(by: .milliseconds(1))
        await harness.service.sweep()
        #expect(harness.repository.outcomes.map(\.session.state) == [.expired])
        #expect(await code { _ = try await harness.submit(Picture(1, 0), to: session) } == .sessionExpired)
        #expect(try await harness.service.session(.id(session.id), of: harness.client).reason == .expired)
    }

    @Test("an overdue session takes no frame even before anybody has swept")
    func expiresOnAccess() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        harness.clock.advance(by: .seconds(600))
        #expect(await code { _ = try await harness.submit(Picture(1, 0), to: session) } == .sessionExpired)
        #expect(harness.repository.outcomes.map(\.session.state) == [.expired])
        #expect(harness.analyzer.plans.isEmpty)
    }

    @Test("an end that cannot be recorded is tried again, and the session stays shut")
    func retriesTheRecord() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        harness.repository.fail(with: EdgeError(.storeFull))
        harness.clock.advance(by: .seconds(600))
        await harness.service.sweep()
        #expect(await code { _ = try await harness.submit(Picture(1, 0), to: session) } == .sessionExpired)
        #expect(harness.repository.outcomes.isEmpty)
        harness.repository.fail(with: nil)
        await harness.service.sweep()
        #expect(harness.repository.outcomes.map(\.session.state) == [.expired])
    }

    @Test("an ended session is answered from memory for a while, then from the repository")
    func endedSessionsAreRemembered() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        let token = try #require(session.token)
        _ = try await harness.submit(1, times: 3, to: session)
        for gap in [Duration.zero, .seconds(179), .seconds(2), .seconds(10_000)] {
            harness.clock.advance(by: gap)
            await harness.service.sweep()
            let found = try await harness.service.session(.token(token), of: harness.client)
            #expect(found.state == .completed && found.matchedPerson?.externalID == "user-1")
            #expect(await code { _ = try await harness.submit(Picture(1, 9), to: session) } == .sessionClosed)
        }
    }

    @Test("cancelling ends a session once, and only an open one")
    func cancels() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna")
        let ended = try await harness.service.cancel(.id(session.id), of: harness.client)
        #expect(ended.state == .cancelled && ended.reason == .cancelled && ended.completedAt == harness.clock.wall)
        #expect(
            await code { _ = try await harness.service.cancel(.id(session.id), of: harness.client) } == .sessionClosed)
        #expect(harness.repository.outcomes.count == 1)
        #expect(await harness.service.openSessions == 0)
    }

    @Test("another tenant's session is as unknown as one that never was, by id and by token")
    func tenantsAreApart() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna")
        let token = try #require(session.token)
        let other = ClientID()
        for lookup in [SessionLookup.id(session.id), .token(token), .id(SessionID()), .token(.init(rawValue: "x"))] {
            let service = harness.service
            #expect(await code { _ = try await service.session(lookup, of: other) } == .sessionUnknown)
            #expect(await code { _ = try await service.cancel(lookup, of: other) } == .sessionUnknown)
            #expect(await code { _ = try await service.answers(of: lookup, client: other) } == .sessionUnknown)
            let picture = Picture(1, 0).bytes
            #expect(await code { _ = try await service.submit(picture, to: lookup, of: other) } == .sessionUnknown)
        }
        #expect(try await harness.service.session(.token(token), of: harness.client).id == session.id)
    }

    @Test("one tenant's people are never found by another")
    func galleriesAreApart() async throws {
        let harness = try await ServiceHarness(people: [1])
        let other = ClientID()
        let session = try await harness.service.open(
            SessionRequest(client: other, kind: .identification, externalUserID: nil))
        for moment in 0..<5 {
            let answer = try await harness.service.submit(Picture(1, moment).bytes, to: .id(session.id), of: other)
            #expect(answer.session.matchedPerson == nil)
        }
        #expect(try await harness.service.session(.id(session.id), of: other).reason == .notRecognized)
    }

    @Test("a tenant has so many open sessions and no more, however fast they are asked for")
    func limitsOpenSessions() async throws {
        let harness = try await ServiceHarness { $0.maxOpenPerClient = 5 }
        let codes = await withTaskGroup(of: ErrorCode?.self) { group in
            for number in 0..<40 {
                group.addTask { await code { _ = try await harness.open(.enrollment, user: "u\(number)") } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 5)
        #expect(codes.count { $0 == .sessionLimit } == 35)
        let other = SessionRequest(client: ClientID(), kind: .enrollment, externalUserID: "x")
        #expect(try await harness.service.open(other).state == .pending)
    }

    @Test(
        "a request out of its limits is refused by the field's name",
        arguments: [
            (0, "anna", "target_samples"), (11, "anna", "target_samples"), (3, "", "user_id"),
            (3, String(repeating: "x", count: 101), "user_id"),
        ])
    func checksRequests(samples: Int, user: String, field: String) async throws {
        let harness = try await ServiceHarness()
        do {
            _ = try await harness.open(.enrollment, user: user, samples: samples)
            Issue.record("the request passed")
        } catch {
            #expect(error.code == .requestInvalid && error.field == field)
        }
        #expect(await harness.service.openSessions == 0)
    }

    @Test("five misses lock the claimed user; a success clears the count")
    func locksOut() async throws {
        let harness = try await ServiceHarness(people: [1])
        for attempt in 0..<5 {
            let session = try await harness.open(.verification, user: "user-1")
            #expect(try await harness.submit(2, times: 5, from: attempt * 10, to: session)?.reason == .notRecognized)
        }
        #expect(harness.repository.outcomes.map(\.lockout) == .init(repeating: .miss, count: 5))
        do {
            _ = try await harness.open(.verification, user: "user-1")
            Issue.record("the session opened")
        } catch {
            #expect(error.code == .sessionLockedOut && error.retryAfter == .seconds(30))
        }
        #expect(try await harness.open(.identification).state == .active, "only the claimed user is locked")
        harness.clock.advance(by: .seconds(30))
        let session = try await harness.open(.verification, user: "user-1")
        _ = try await harness.submit(1, times: 3, from: 200, to: session)
        #expect(harness.repository.outcomes.last?.lockout == .clear)
    }

    @Test("sessions opened before a lock give no more guesses, and say no more than any other failure")
    func lockReachesOpenSessions() async throws {
        let harness = try await ServiceHarness(people: [1])
        var sessions: [SessionSnapshot] = []
        for _ in 0..<9 { sessions.append(try await harness.open(.verification, user: "user-1")) }
        _ = try await harness.submit(1, times: 2, from: 400, to: sessions[8])
        for (attempt, session) in sessions.prefix(5).enumerated() {
            #expect(try await harness.submit(2, times: 5, from: attempt * 10, to: session)?.reason == .notRecognized)
        }
        let analysed = harness.analyzer.plans.count
        for session in sessions.dropFirst(5) {
            let answer = try await harness.submit(Picture(1, 300), to: session)
            #expect(answer.reason == .notRecognized && !answer.accepted && answer.session.state == .failed)
            #expect(answer.session.matchedPerson == nil && answer.session.similarityScore == nil)
        }
        #expect(harness.analyzer.plans.count == analysed, "no net looks at a locked user's frames")
        #expect(harness.repository.outcomes.suffix(4).map(\.lockout) == .init(repeating: .none, count: 4))
        harness.clock.advance(by: .seconds(30))
        let session = try await harness.open(.verification, user: "user-1")
        #expect(try await harness.submit(1, times: 3, from: 200, to: session)?.reason == .authenticated)
    }

    @Test("a success that the lock overtakes is recorded and answered as a failure")
    func lockOvertakesASuccess() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        _ = try await harness.submit(1, times: 2, to: session)
        harness.analyzer.hold()
        let last = Task { try await harness.submit(Picture(1, 2), to: session) }
        await eventually { harness.analyzer.heldCount == 1 }
        harness.repository.lock("user-1", of: harness.client)
        harness.analyzer.release()
        let answer = try await last.value
        #expect(answer.reason == .notRecognized && !answer.accepted && answer.session.state == .failed)
        #expect(answer.session.matchedPerson == nil && answer.session.similarityScore == nil)
        let recorded = try #require(harness.repository.outcomes.first)
        #expect(recorded.session.state == .failed && recorded.session.matchedPerson == nil)
        #expect(recorded.lockout == .none && harness.repository.outcomes.count == 1)
        #expect(try await harness.service.session(.id(session.id), of: harness.client).reason == .notRecognized)
        #expect(await code { _ = try await harness.open(.verification, user: "user-1") } == .sessionLockedOut)
    }

    @Test("a replay too short for an enrollment hears why, and its session ends when its time is over")
    func shortReplaysExpire() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna")
        for round in 0..<20 {
            let (one, other) = (Picture(1, 0), Picture(0, 1))
            #expect(try await harness.submit(one, to: session).reason == (round == 0 ? .frameAccepted : .frameRepeated))
            #expect(try await harness.submit(other, to: session).reason == .faceNone)
        }
        harness.clock.advance(by: .seconds(600))
        await harness.service.sweep()
        #expect(harness.repository.outcomes.map(\.session.reason) == [.expired])
    }

    @Test("giving up after enough comparisons is a miss; before it is none")
    func abandonedAttemptsCount() async throws {
        let harness = try await ServiceHarness(people: [1])
        for (frames, lockout) in [(2, SessionOutcome.LockoutChange.none), (4, .miss)] {
            let session = try await harness.open(.verification, user: "user-1")
            _ = try await harness.submit(2, times: frames, to: session)
            _ = try await harness.service.cancel(.id(session.id), of: harness.client)
            #expect(harness.repository.outcomes.last?.lockout == lockout)
        }
    }

    @Test(
        "a policy whose nets are missing refuses every session and says so in the health",
        arguments: [LivenessPolicy.passive, .strict])
    func failsClosed(policy: LivenessPolicy) async throws {
        let harness = try await ServiceHarness(policy: policy, hasPassive: false)
        #expect(harness.health.current.map(\.code) == ["liveness.unavailable"])
        #expect(await code { _ = try await harness.open(.verification, user: "user-1") } == .livenessUnavailable)
        #expect(await code { _ = try await harness.open(.enrollment, user: "user-1") } == .livenessUnavailable)
    }

    @Test("a removed person is no longer found, not even by a session that has begun")
    func removedPeopleAreGone() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        _ = try await harness.submit(1, times: 2, to: session)
        let person = try #require(try await harness.templates.gallery().first?.person.id)
        harness.templates.remove(person)
        await harness.service.personRemoved(person)
        let answer = try #require(try await harness.submit(1, times: 8, from: 2, to: session))
        #expect(answer.session.state == .failed && answer.session.matchedPerson == nil)
    }

    @Test("a deactivated client's sessions end, others go on")
    func deactivatedClients() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        let other = ClientID()
        let kept = try await harness.service.open(
            SessionRequest(client: other, kind: .identification, externalUserID: nil))
        harness.templates.deactivate(harness.client)
        await harness.service.clientDeactivated(harness.client)
        #expect(try await harness.service.session(.id(session.id), of: harness.client).state == .cancelled)
        #expect(try await harness.service.session(.id(kept.id), of: other).state == .active)
        #expect(await harness.service.galleryCount == 0)
    }

    @Test("a restart cancels what was open and loads the gallery")
    func restart() async throws {
        let harness = try await ServiceHarness(people: [1, 2])
        #expect(await harness.service.galleryCount == 2)
        let session = try await harness.open(.enrollment, user: "anna")
        try await harness.service.start()
        let stored = try await harness.repository.session(.id(session.id), of: harness.client)
        #expect(stored?.state == .cancelled)
    }

    @Test("an end of the service closes sessions, ends their streams and refuses new ones")
    func closes() async throws {
        let harness = try await ServiceHarness(people: [1])
        let running = Task { try await harness.service.run() }
        let session = try await harness.open(.verification, user: "user-1")
        let answers = try await harness.service.answers(of: .id(session.id), client: harness.client)
        running.cancel()
        try await running.value
        var states: [SessionState] = []
        for await answer in answers { states.append(answer.session.state) }
        #expect(states.last == .cancelled)
        #expect(harness.repository.outcomes.map(\.session.state) == [.cancelled])
        #expect(await code { _ = try await harness.open(.identification) } == .shuttingDown)
    }

    @Test("challenges are drawn at random, all of them")
    func challengesVary() async throws {
        let harness = try await ServiceHarness(policy: .active)
        var drawn: Set<LivenessChallenge> = []
        for number in 0..<40 {
            if let challenge = try await harness.open(.enrollment, user: "u\(number)").challenge {
                drawn.insert(challenge)
            }
        }
        #expect(drawn == Set(LivenessChallenge.allCases))
    }
}
