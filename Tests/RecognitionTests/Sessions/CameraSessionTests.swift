import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("Camera sessions", .timeLimit(.minutes(10)))
struct CameraSessionTests {
    /// Runs the service around `body`, then ends it.
    private func running(
        _ harness: ServiceHarness, _ body: () async throws -> Void
    ) async throws {
        let service = Task { try await harness.service.run() }
        do {
            try await body()
        } catch {
            service.cancel()
            throw error
        }
        service.cancel()
        try await service.value
    }

    /// Posts pictures, each after the last was answered, until the session ends or `limit` is reached.
    private func post(
        _ harness: ServiceHarness, person: Int, gap: Duration = .milliseconds(40), limit: Int,
        to session: SessionSnapshot
    ) async throws -> SessionSnapshot {
        for moment in 0..<limit {
            harness.clock.advance(by: gap)
            harness.camera.post(Picture(person, moment).image, at: harness.clock.instant)
            let before = moment
            await eventually {
                let now = try? await harness.service.session(.id(session.id), of: harness.client)
                return now.map { $0.framesProcessed > before || !$0.state.isOpen } ?? true
            }
            let now = try await harness.service.session(.id(session.id), of: harness.client)
            if !now.state.isOpen { return now }
        }
        return try await harness.service.session(.id(session.id), of: harness.client)
    }

    @Test("the camera recognises who stands there without any upload")
    func recognises() async throws {
        let harness = try await ServiceHarness(people: [1])
        try await running(harness) {
            let session = try await harness.open(.identification, source: .camera)
            #expect(session.camera == "door")
            await harness.camera.waitForSubscriber()
            let ended = try await post(harness, person: 1, limit: 10, to: session)
            #expect(ended.state == .completed && ended.matchedPerson?.externalID == "user-1")
            #expect(ended.framesProcessed == 3)
        }
    }

    @Test("samples of an enrollment are taken at different moments")
    func enrolls() async throws {
        let harness = try await ServiceHarness()
        try await running(harness) {
            let session = try await harness.open(.enrollment, user: "anna", source: .camera)
            await harness.camera.waitForSubscriber()
            let ended = try await post(harness, person: 1, gap: .milliseconds(100), limit: 20, to: session)
            #expect(ended.state == .completed)
            #expect(ended.framesProcessed == 7, "at 0, 300 and 600 ms")
        }
    }

    @Test("uploads to a camera session are refused, and unknown cameras too")
    func sourcesDoNotMix() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.enrollment, user: "anna", source: .camera)
        #expect(await code { _ = try await harness.submit(Picture(1, 0), to: session) } == .sessionSourceMismatch)
        let request = SessionRequest(
            client: harness.client, kind: .identification, externalUserID: nil, frameSource: .camera, camera: "attic")
        #expect(await code { _ = try await harness.service.open(request) } == .cameraUnknown)
    }

    @Test("a session is not opened on a camera that gives no frames; the camera's own fault is told")
    func deadCamera() async throws {
        let harness = try await ServiceHarness()
        harness.camera.fail(.cameraMissing)
        let request = SessionRequest(
            client: harness.client, kind: .identification, externalUserID: nil, frameSource: .camera)
        #expect(await code { _ = try await harness.service.open(request) } == .cameraMissing)
    }

    @Test("a session is opened on a camera that was released, which wakes it")
    func releasedCamera() async throws {
        let harness = try await ServiceHarness(people: [1])
        harness.camera.release()
        try await running(harness) {
            let session = try await harness.open(.identification, source: .camera)
            await harness.camera.waitForSubscriber()
            let ended = try await post(harness, person: 1, limit: 10, to: session)
            #expect(ended.state == .completed)
        }
    }

    @Test("the camera is told how bright each face was, where it stood and when, and nothing where there is none")
    func faceLight() async throws {
        let harness = try await ServiceHarness(people: [1])
        try await running(harness) {
            let session = try await harness.open(.identification, source: .camera)
            await harness.camera.waitForSubscriber()
            _ = try await post(harness, person: 0, limit: 3, to: session)
            #expect(harness.camera.faces.isEmpty && harness.camera.sightings.isEmpty)
            let before = harness.clock.instant
            let ended = try await post(harness, person: 1, limit: 10, to: session)
            #expect(ended.state == .completed)
            let faces = harness.camera.faces
            #expect(faces.count == 3 && faces.allSatisfy { $0.luma == 101 && $0.takenAt > before })
            #expect(harness.camera.sightings.map(\.takenAt) == faces.map(\.takenAt))
            #expect(harness.camera.sightings.allSatisfy { $0.left < $0.right && $0.top < $0.bottom })
        }
    }

    @Test("while nobody comes few frames are looked at, and whoever comes then is recognised as ever")
    func nobodyComes() async throws {
        let harness = try await ServiceHarness(people: [1])
        try await running(harness) {
            let session = try await harness.open(.identification, source: .camera)
            await harness.camera.waitForSubscriber()
            let waiting = try await post(harness, person: 0, limit: 50, to: session)
            #expect(waiting.framesProcessed == 50)
            // Two seconds are over; this one comes too soon after the last.
            harness.clock.advance(by: .milliseconds(60))
            harness.camera.post(Picture(0, 50).image, at: harness.clock.instant)
            harness.clock.advance(by: .milliseconds(200))
            harness.camera.post(Picture(1, 51).image, at: harness.clock.instant)
            await eventually { harness.analyzer.plans.count == 51 }
            let ended = try await posted(harness, person: 1, from: 52, seen: 51, to: session)
            #expect(ended.state == .completed && ended.framesProcessed == 53)
        }
    }

    /// Goes on posting where `seen` frames were processed already.
    private func posted(
        _ harness: ServiceHarness, person: Int, from first: Int, seen: Int, to session: SessionSnapshot
    ) async throws -> SessionSnapshot {
        for step in 0..<10 {
            harness.clock.advance(by: .milliseconds(40))
            harness.camera.post(Picture(person, first + step).image, at: harness.clock.instant)
            await eventually {
                let now = try? await harness.service.session(.id(session.id), of: harness.client)
                return now.map { $0.framesProcessed > seen + step || !$0.state.isOpen } ?? true
            }
            let now = try await harness.service.session(.id(session.id), of: harness.client)
            if !now.state.isOpen { return now }
        }
        return try await harness.service.session(.id(session.id), of: harness.client)
    }

    @Test("the camera is watched only while a session waits for it, once for all of them")
    func watchesOnlyWhileNeeded() async throws {
        let harness = try await ServiceHarness(people: [1])
        try await running(harness) {
            #expect(harness.camera.subscriptions == 0)
            let first = try await harness.open(.identification, source: .camera)
            await harness.camera.waitForSubscriber()
            let second = try await harness.open(.verification, user: "user-1", source: .camera)
            let ended = try await post(harness, person: 1, limit: 10, to: second)
            #expect(ended.state == .completed)
            // The frame that ends one session may reach the other one a moment later.
            await eventually {
                let other = try? await harness.service.session(.id(first.id), of: harness.client)
                return other?.state == .completed
            }
            #expect(harness.analyzer.plans.count == 3, "each frame is analysed once for both")
            await eventually { await harness.service.feeds.isEmpty }
            #expect(harness.camera.subscriptions == 1)
            _ = try await harness.open(.identification, source: .camera)
            await eventually { harness.camera.subscriptions == 2 }
        }
    }

    @Test("a session outlives a camera that goes and comes")
    func survivesUnplugging() async throws {
        let harness = try await ServiceHarness(people: [1])
        try await running(harness) {
            let session = try await harness.open(.identification, source: .camera)
            await harness.camera.waitForSubscriber()
            harness.camera.unplug()
            await eventually { harness.camera.subscriptions == 2 }
            #expect(try await post(harness, person: 1, limit: 10, to: session).state == .completed)
        }
    }

    @Test("a camera session is decided in time even when frames stop coming")
    func decidesWithoutFrames() async throws {
        let harness = try await ServiceHarness(people: [1])
        try await running(harness) {
            let session = try await harness.open(.verification, user: "user-1", source: .camera)
            await harness.camera.waitForSubscriber()
            _ = try await post(harness, person: 1, limit: 1, to: session)
            harness.clock.advance(by: .seconds(15))
            await harness.service.sweep()
            let ended = try await harness.service.session(.id(session.id), of: harness.client)
            #expect(ended.state == .failed && ended.reason == .notRecognized)
        }
    }

    @Test("a lock ends a camera session before its frames are looked at")
    func lockReachesCameras() async throws {
        let harness = try await ServiceHarness(people: [1])
        try await running(harness) {
            let session = try await harness.open(.verification, user: "user-1", source: .camera)
            await harness.camera.waitForSubscriber()
            harness.repository.lock("user-1", of: harness.client)
            let ended = try await post(harness, person: 1, limit: 10, to: session)
            #expect(ended.state == .failed && ended.reason == .notRecognized)
            #expect(harness.analyzer.plans.isEmpty)
        }
    }

    @Test("an enrollment and an authentication on one camera share the stricter gate")
    func unionOfPlans() throws {
        let lenient = AnalysisPlan(
            demand: .authentication, wantsMesh: true, wantsLiveness: true, wantsTemplate: true, deadline: nil)
        let strict = AnalysisPlan(
            demand: .enrollment, wantsMesh: true, wantsLiveness: false, wantsTemplate: true, deadline: nil)
        let union = try #require(AnalysisPlan.union(of: [lenient, strict]))
        #expect(union.demand == .enrollment && union.wantsLiveness && union.wantsMesh && union.wantsTemplate)
        #expect(AnalysisPlan.union(of: []) == nil)
    }
}
