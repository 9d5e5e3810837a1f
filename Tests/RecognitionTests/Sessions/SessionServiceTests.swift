import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("The session service", .timeLimit(.minutes(10)))
struct SessionServiceTests {
    @Test("enrolls a person, who is then verified, identified, and not taken for somebody else")
    func fromEnrollmentToIdentification() async throws {
        let harness = try await ServiceHarness()
        let enrollment = try await harness.open(.enrollment, user: "anna")
        #expect(enrollment.state == .pending)
        #expect(enrollment.token?.rawValue.hasPrefix("sess_") == true)
        #expect(enrollment.token?.rawValue.count == 48)
        let enrolled = try #require(try await harness.submit(1, times: 3, to: enrollment))
        #expect(enrolled.session.state == .completed)
        #expect(enrolled.session.matchedPerson?.externalID == "anna")
        #expect(await harness.service.galleryCount == 1)

        let verification = try await harness.open(.verification, user: "anna")
        #expect(verification.state == .active)
        let verified = try #require(try await harness.submit(1, times: 3, from: 50, to: verification))
        #expect(verified.session.state == .completed)
        #expect(verified.session.reason == .authenticated)
        #expect(verified.session.matchedPerson?.externalID == "anna")
        #expect((verified.session.similarityScore ?? 0) > 0.8)

        let identification = try await harness.open(.identification)
        let identified = try #require(try await harness.submit(1, times: 3, from: 80, to: identification))
        #expect(identified.session.matchedPerson?.externalID == "anna")

        let stranger = try await harness.open(.verification, user: "anna")
        let refused = try #require(try await harness.submit(2, times: 5, to: stranger))
        #expect(refused.session.state == .failed)
        #expect(refused.session.reason == .notRecognized)
        #expect(refused.session.matchedPerson == nil)
        #expect(refused.session.similarityScore == nil)
    }

    @Test("nothing that a session shows before its end depends on the match")
    func showsNoScoreBeforeTheEnd() async throws {
        let harness = try await ServiceHarness(people: [1])
        for user in ["user-1", "nobody"] {
            let session = try await harness.open(.verification, user: user)
            let answer = try #require(try await harness.submit(1, times: 2, to: session))
            #expect(answer.session.similarityScore == nil && answer.session.matchedPerson == nil)
            #expect(answer.session.acceptedFrames == 2 && answer.reason == .matchPending && answer.accepted)
            #expect(answer.session.state == .processing)
        }
    }

    @Test("an enrollment of a face that somebody else has is refused, of the same person replaced")
    func duplicates() async throws {
        let harness = try await ServiceHarness(people: [1])
        let second = try await harness.open(.enrollment, user: "other-name")
        #expect(try await harness.submit(1, times: 3, to: second)?.session.reason == .duplicatePerson)
        #expect(await harness.service.galleryCount == 1)
        let again = try await harness.open(.enrollment, user: "user-1")
        #expect(try await harness.submit(1, times: 3, from: 9, to: again)?.session.state == .completed)
        #expect(await harness.service.galleryCount == 1)
    }

    @Test("an outcome that cannot be recorded is told to nobody, and the session stays undecided")
    func recordsBeforeItTells() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        _ = try await harness.submit(1, times: 2, to: session)
        harness.repository.fail(with: EdgeError(.storeFull))
        #expect(await code { _ = try await harness.submit(1, times: 1, from: 2, to: session) } == .storeFull)
        let after = try await harness.service.session(.id(session.id), of: harness.client)
        #expect(after.state == .processing && after.acceptedFrames == 2 && after.matchedPerson == nil)
        harness.repository.fail(with: nil)
        #expect(try await harness.submit(1, times: 1, from: 3, to: session)?.session.state == .completed)
        #expect(harness.repository.outcomes.count == 1)
    }

    @Test("a caller that goes away while the outcome is recorded does not tear it")
    func cancelledCallersDoNotTearTheRecord() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        _ = try await harness.submit(1, times: 2, to: session)
        harness.repository.hold()
        let last = Task { try await harness.submit(Picture(1, 2), to: session) }
        await eventually { harness.repository.heldCount == 1 }
        last.cancel()
        harness.repository.release()
        #expect(try await last.value.session.state == .completed)
        #expect(harness.repository.outcomes.count == 1)
    }

    @Test("a frame that comes while the outcome is recorded waits for it and then finds the session closed")
    func framesWaitForTheRecord() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        _ = try await harness.submit(1, times: 2, to: session)
        harness.repository.hold()
        let deciding = Task { try await harness.submit(Picture(1, 2), to: session) }
        await eventually { harness.repository.heldCount == 1 }
        let late = Task { await code { _ = try await harness.submit(Picture(1, 3), to: session) } }
        await eventually { harness.analyzer.plans.count == 4 }
        #expect(try await harness.service.session(.id(session.id), of: harness.client).state == .processing)
        harness.repository.release()
        #expect(try await deciding.value.session.state == .completed)
        #expect(await late.value == .sessionClosed)
    }

    @Test("a frame whose analysis ends after the session does not count")
    func lateEvidenceDoesNotCount() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        harness.analyzer.hold()
        let late = Task { await code { _ = try await harness.submit(Picture(1, 0), to: session) } }
        await eventually { harness.analyzer.heldCount == 1 }
        _ = try await harness.service.cancel(.id(session.id), of: harness.client)
        harness.analyzer.release()
        #expect(await late.value == .sessionClosed)
        #expect(harness.repository.outcomes.map(\.session.state) == [.cancelled])
    }

    @Test("a hundred frames at once give one outcome, and every frame an answer or a reason")
    func hundredAtOnce() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        let results = await withTaskGroup(of: Result<SessionState, EdgeError>.self) { group in
            for moment in 0..<100 {
                group.addTask {
                    while true {
                        do throws(EdgeError) {
                            return .success(try await harness.submit(Picture(1, moment), to: session).session.state)
                        } catch {
                            // As told: wait and send it again.
                            guard error.code == .requestLimited else { return .failure(error) }
                            await Task.yield()
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let states = results.compactMap { try? $0.get() }
        #expect(states.count == 3 && states.count { $0 == .completed } == 1)
        #expect(results.count { $0 == .failure(EdgeError(.sessionClosed)) } == 97)
        #expect(harness.repository.outcomes.count == 1)
        #expect(await harness.service.uploads.count == 0)
    }

    @Test("pictures do not queue: a session has two on the way, and what comes on top is sent away")
    func picturesDoNotQueue() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna")
        let other = try await harness.open(.enrollment, user: "berta")
        harness.analyzer.hold()
        let first = (0..<2).map { moment in Task { try await harness.submit(Picture(1, moment), to: session) } }
        await eventually { harness.analyzer.heldCount == 2 }
        do throws(EdgeError) {
            _ = try await harness.submit(Picture(1, 2), to: session)
            Issue.record("a third picture was let in")
        } catch {
            #expect(error.code == .requestLimited && error.retryAfter == .seconds(1))
        }
        let elsewhere = Task { try await harness.submit(Picture(2, 0), to: other) }
        await eventually { harness.analyzer.heldCount == 3 }
        harness.analyzer.release()
        for frame in first { #expect(try await frame.value.accepted) }
        #expect(try await elsewhere.value.accepted)
        #expect(try await harness.submit(Picture(1, 3), to: session).session.state == .completed)
    }

    @Test("an authentication shows no liveness before its success, an enrollment does")
    func hidesLiveness() async throws {
        let harness = try await ServiceHarness(policy: .passive, people: [1])
        for (person, logit) in [(1, -9), (2, 5)] {
            let session = try await harness.open(.verification, user: "user-1")
            for moment in 0..<10 {
                let answer = try await harness.submit(Picture(person, moment, logit: logit), to: session)
                #expect(answer.livenessScore == nil && answer.session.livenessScore == nil)
                #expect(!answer.session.livenessVerified)
                if !answer.session.state.isOpen { break }
            }
        }
        let good = try await harness.open(.verification, user: "user-1")
        let last = try #require(try await harness.submit(1, times: 5, from: 50, to: good))
        #expect(last.session.livenessVerified && (last.session.livenessScore ?? 0) > 0.9)
        let enrollment = try await harness.open(.enrollment, user: "anna")
        #expect(try await harness.submit(Picture(3, 0), to: enrollment).livenessScore ?? 0 > 0.9)
    }

    @Test(
        "a bad picture leaves the session as it was",
        arguments: [([], ErrorCode.imageEmpty), ([1, 2], .imageCorrupt)] as [([UInt8], ErrorCode)])
    func badPictures(bytes: [UInt8], expected: ErrorCode) async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna")
        let thrown = await code { _ = try await harness.service.submit(bytes, to: .id(session.id), of: harness.client) }
        #expect(thrown == expected)
        #expect(try await harness.service.session(.id(session.id), of: harness.client).framesProcessed == 0)
        #expect(harness.analyzer.plans.isEmpty)
    }

    @Test("a failed analysis is told to its caller and leaves the session as it was")
    func failedAnalysis() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna")
        harness.analyzer.fail(with: EdgeError(.recognitionFailed))
        #expect(await code { _ = try await harness.submit(Picture(1, 0), to: session) } == .recognitionFailed)
        harness.analyzer.fail(with: nil)
        #expect(try await harness.submit(Picture(1, 0), to: session).accepted)
    }

    @Test("the very same picture counts once")
    func repeatedPicturesCountOnce() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna")
        _ = try await harness.submit(Picture(1, 0), to: session)
        let again = try await harness.submit(Picture(1, 0), to: session)
        #expect(again.reason == .frameRepeated && !again.accepted)
        #expect(again.session.framesProcessed == 2 && again.session.acceptedFrames == 1)
    }

    @Test("a passive session whose samples suffice says that it still looks for life")
    func saysThatLivenessIsPending() async throws {
        let harness = try await ServiceHarness(policy: .passive)
        let enrollment = try await harness.open(.enrollment, user: "anna")
        #expect(try await harness.submit(1, times: 2, to: enrollment)?.reason == .frameAccepted)
        let third = try await harness.submit(Picture(1, 2), to: enrollment)
        #expect(third.reason == .livenessPending && third.accepted && third.session.reason == .livenessPending)
        #expect(third.session.acceptedFrames == 3)
        #expect(try await harness.submit(Picture(1, 3), to: enrollment).reason == .livenessPending)
        #expect(try await harness.submit(Picture(1, 4), to: enrollment).session.state == .completed)
        let verification = try await harness.open(.verification, user: "anna")
        for moment in 10..<14 {
            let answer = try await harness.submit(Picture(1, moment), to: verification)
            #expect(answer.reason == .livenessPending && answer.accepted)
        }
        #expect(try await harness.submit(Picture(1, 14), to: verification).reason == .authenticated)
    }

    @Test("two spellings of one name are two people who never open each other's door")
    func spellingsAreApart() async throws {
        let harness = try await ServiceHarness()
        let names = ["Kate", "\u{212A}ate"]
        for (person, name) in zip([1, 2], names) {
            let session = try await harness.open(.enrollment, user: name)
            #expect(try await harness.submit(person, times: 3, to: session)?.session.state == .completed)
        }
        #expect(await harness.service.galleryCount == 2)
        for (person, name) in zip([1, 2], names) {
            let own = try await harness.open(.verification, user: name)
            #expect(try await harness.submit(person, times: 3, from: 50, to: own)?.reason == .authenticated)
            let others = try await harness.open(.verification, user: name)
            #expect(try await harness.submit(3 - person, times: 5, from: 70, to: others)?.reason == .notRecognized)
        }
        let again = try await harness.open(.enrollment, user: names[1])
        #expect(try await harness.submit(1, times: 3, from: 90, to: again)?.reason == .duplicatePerson)
    }

    @Test("of two enrollments of one face that finish together one is refused, unless they are one person's")
    func enrollmentsThatFinishTogether() async throws {
        for (second, reason) in [("berta", Reason.duplicatePerson), ("anna", .enrollmentCompleted)] {
            let harness = try await ServiceHarness()
            let sessions = [
                try await harness.open(.enrollment, user: "anna", samples: 1),
                try await harness.open(.enrollment, user: second, samples: 1),
            ]
            harness.repository.hold()
            let first = Task { try await harness.submit(Picture(1, 0), to: sessions[0]) }
            await eventually { harness.repository.heldCount == 1 }
            let other = Task { try await harness.submit(Picture(1, 1), to: sessions[1]) }
            await eventually { harness.repository.heldCount == 2 }
            harness.repository.release()
            #expect(try await first.value.reason == .enrollmentCompleted)
            #expect(try await other.value.reason == reason)
            #expect(await harness.service.enrolling.isEmpty)
        }
    }

    @Test("watchers get the present state first, then the newest, and always the last answer")
    func watchers() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.open(.verification, user: "user-1")
        let slow = try await harness.service.answers(of: .id(session.id), client: harness.client)
        var fast = try await harness.service.answers(of: .id(session.id), client: harness.client).makeAsyncIterator()
        #expect(await fast.next()?.session.state == .active)
        _ = try await harness.submit(Picture(1, 0), to: session)
        #expect(await fast.next()?.session.acceptedFrames == 1)
        _ = try await harness.submit(1, times: 2, from: 1, to: session)
        #expect(await fast.next()?.session.state == .completed)
        #expect(await fast.next() == nil)
        var seen: [SessionState] = []
        for await answer in slow { seen.append(answer.session.state) }
        #expect(seen == [.completed], "a slow reader gets the last answer")
        var after: [SessionState] = []
        for await answer in try await harness.service.answers(of: .id(session.id), client: harness.client) {
            after.append(answer.session.state)
        }
        #expect(after == [.completed], "whoever comes late gets the last answer too")
    }
}
