import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("Sessions with an infrared camera", .timeLimit(.minutes(10)))
struct InfraredSessionTests {
    private func running(_ harness: ServiceHarness, _ body: () async throws -> Void) async throws {
        let service = Task { try await harness.service.run() }
        defer { service.cancel() }
        try await body()
        service.cancel()
        try await service.value
    }

    /// Posts a picture to each camera, the infrared one first (`nil`: none; 0: a dark one), until the session ends.
    private func post(
        _ harness: ServiceHarness, person: Int = 1, infrared: Int?, skew: Duration = .zero, from first: Int = 0,
        limit: Int = 12, to session: SessionSnapshot
    ) async throws -> SessionSnapshot {
        await harness.camera.waitForSubscriber()
        if infrared != nil { await harness.infrared.waitForSubscriber() }
        for moment in first..<first + limit {
            harness.clock.advance(by: .milliseconds(400))
            let instant = harness.clock.instant
            if let infrared {
                let taken = instant.advanced(by: skew)
                harness.infrared.post(Picture(infrared, moment).image, at: taken)
                await eventually { await harness.service.views["door-ir"]?.newest?.capturedAt == taken }
            }
            harness.camera.post(Picture(person, moment).image, at: instant)
            await eventually {
                let now = try? await harness.service.session(.id(session.id), of: harness.client)
                return now.map { $0.framesProcessed > moment || !$0.state.isOpen } ?? true
            }
            let now = try await harness.service.session(.id(session.id), of: harness.client)
            if !now.state.isOpen { return now }
        }
        return try await harness.service.session(.id(session.id), of: harness.client)
    }

    private func codes(_ harness: ServiceHarness) -> Set<String> {
        Set(harness.health.current.map { "\($0.code) \($0.subject ?? "")" })
    }

    @Test("whoever both cameras see is let in; the default camera is never the infrared one")
    func agrees() async throws {
        let harness = try await ServiceHarness(people: [1], isPaired: true)
        try await running(harness) {
            let session = try await harness.open(.verification, user: "user-1", source: .camera)
            #expect(session.camera == "door")
            let ended = try await post(harness, infrared: 1, to: session)
            #expect(ended.state == .completed && ended.framesProcessed == 3)
            #expect(codes(harness).isEmpty)
        }
    }

    @Test("the infrared camera is looked at beside usable faces only, and not once it has spoken")
    func cost() async throws {
        let harness = try await ServiceHarness(policy: .passive, people: [1], isPaired: true)
        try await running(harness) {
            let session = try await harness.open(.verification, user: "user-1", source: .camera)
            _ = try await post(harness, person: 0, infrared: 1, limit: 4, to: session)
            #expect(harness.analyzer.infraredLooks.isEmpty)
            let second = try await harness.open(.verification, user: "user-1", source: .camera)
            let ended = try await post(harness, infrared: 1, to: second)
            #expect(ended.state == .completed && ended.framesProcessed == 5)
            #expect(harness.analyzer.infraredLooks.count == 3)
        }
    }

    @Test(
        "dark, late or no infrared pictures let nobody in: a reason and a condition of their own",
        arguments: [(0, Duration.zero), (1, .milliseconds(-150)), (1, .milliseconds(150)), (nil, .zero)]
            as [(Int?, Duration)])
    func failsClosed(infrared: Int?, skew: Duration) async throws {
        let harness = try await ServiceHarness(people: [1], isPaired: true)
        try await running(harness) {
            let session = try await harness.open(.verification, user: "user-1", source: .camera)
            let ended = try await post(harness, infrared: infrared, skew: skew, to: session)
            #expect(ended.state == .failed && ended.reason == .infraredMissing && ended.matchedPerson == nil)
            #expect(ended.framesProcessed == 10)
            #expect(harness.repository.outcomes.last?.session.cause == .livenessFailed)
            #expect(codes(harness) == ["liveness.infrared.unavailable door-ir"])
            #expect(harness.analyzer.infraredLooks.isEmpty == (infrared != 0))
        }
    }

    @Test("the condition ends with the first look that shows something")
    func conditionEnds() async throws {
        let harness = try await ServiceHarness(people: [1], isPaired: true)
        try await running(harness) {
            let first = try await harness.open(.verification, user: "user-1", source: .camera)
            _ = try await post(harness, infrared: 0, to: first)
            #expect(!codes(harness).isEmpty)
            await eventually { await harness.service.feeds.isEmpty }
            let second = try await harness.open(.verification, user: "user-1", source: .camera)
            await eventually { harness.camera.subscriptions == 2 && harness.infrared.subscriptions == 2 }
            #expect(try await post(harness, infrared: 1, to: second).state == .completed)
            #expect(codes(harness).isEmpty)
        }
    }

    @Test("nobody is enrolled whom the infrared camera does not see")
    func enrollment() async throws {
        let harness = try await ServiceHarness(isPaired: true)
        try await running(harness) {
            let session = try await harness.open(.enrollment, user: "anna", source: .camera)
            let open = try await post(harness, infrared: 0, limit: 8, to: session)
            #expect(open.state == .processing && open.reason == .infraredMissing)
            #expect(try await post(harness, infrared: 1, from: 8, to: session).state == .completed)
        }
    }

    @Test("the infrared camera streams only while a session needs it, and never when the policy is off")
    func streamsWhileNeeded() async throws {
        let harness = try await ServiceHarness(people: [1], isPaired: true)
        try await running(harness) {
            #expect(harness.infrared.subscriptions == 0)
            let session = try await harness.open(.verification, user: "user-1", source: .camera)
            _ = try await post(harness, infrared: 1, to: session)
            await eventually { await harness.service.feeds.isEmpty }
            #expect(await harness.service.views["door-ir"]?.newest == nil)
            var off = SessionConfiguration()
            (off.livenessPolicy, off.infraredPolicy) = (.off, .off)
            await harness.service.reconfigure(off)
            let second = try await harness.open(.verification, user: "user-1", source: .camera)
            await eventually { harness.camera.subscriptions == 2 }
            #expect(try await post(harness, infrared: nil, to: second).state == .completed)
            #expect(harness.infrared.subscriptions == 1)
        }
    }

    @Test("where it is required no session is opened without one, uploads included")
    func required() async throws {
        let alone = try await ServiceHarness(people: [1]) { $0.infraredPolicy = .required }
        let opens: [(SessionKind, FrameOrigin)] = [
            (.verification, .camera), (.verification, .upload), (.enrollment, .upload),
        ]
        for (kind, source) in opens {
            let refused = await code { _ = try await alone.open(kind, user: "user-1", source: source) }
            #expect(refused == .infraredUnavailable)
        }
        #expect(codes(alone) == ["liveness.infrared.unavailable ", "liveness.infrared.unavailable door"])
        let paired = try await ServiceHarness(people: [1], isPaired: true) { $0.infraredPolicy = .required }
        #expect(codes(paired).isEmpty)
        _ = try await paired.open(.verification, user: "user-1", source: .camera)
        #expect(await code { _ = try await paired.open(.enrollment, user: "anna") } == .infraredUnavailable)
    }

    @Test("an infrared camera that is known to be broken is told before anybody waits")
    func broken() async throws {
        let harness = try await ServiceHarness(people: [1], isPaired: true)
        harness.infrared.fail(.cameraMissing)
        let refused = await code { _ = try await harness.open(.verification, user: "user-1", source: .camera) }
        #expect(refused == .infraredUnavailable)
        #expect(codes(harness) == ["liveness.infrared.unavailable door-ir"])
        _ = try await harness.open(.verification, user: "user-1")
    }

    @Test("a session asks for a camera by name or role; an infrared camera gives frames to none")
    func roles() async throws {
        let harness = try await ServiceHarness(people: [1], isPaired: true)
        func open(_ camera: String) async throws -> String? {
            try await harness.service.open(
                SessionRequest(
                    client: harness.client, kind: .identification, externalUserID: nil, frameSource: .camera,
                    camera: camera)
            ).camera
        }
        #expect(try await open("door") == "door")
        #expect(try await open("door-in") == "door")
        for name in ["door-ir", "ir"] {
            #expect(await code { _ = try await open(name) } == .requestInvalid)
        }
        #expect(await code { _ = try await open("door-out") } == .cameraUnknown)
    }
}
