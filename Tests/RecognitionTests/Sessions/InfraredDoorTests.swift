import EdgeCore
import EdgeTesting
import FoundationEssentials
import Logging
import Testing

@testable import Recognition

/// The real nets behind two scripted cameras; the grey view of the footage stands in for the infrared one.
@Suite("A door with two cameras and real faces", .timeLimit(.minutes(10)))
struct InfraredDoorTests {
    private let client = ClientID()
    private let clock = ManualClock()
    private let camera = ScriptedCamera(name: "door", infrared: "door-ir")
    private let infrared = ScriptedCamera(name: "door-ir")
    private let repository: MemorySessionRepository
    private let service: SessionService
    private let footage: [[UInt8]]

    init() async throws {
        let engine = try RealParts.engine()
        footage = try TestInputs.footage("webcam-man")
        var known: [FaceTemplate] = []
        for index in [0, 14, 35] {
            known.append(try #require(try await engine.template(ofPicture: footage[index])))
        }
        let person = MatchedPerson(id: PersonID(), externalID: "alice")
        let templates = MemoryTemplates([GalleryRecord(client: client, person: person, templates: known)])
        repository = MemorySessionRepository(templates: templates, clock: clock)
        var configuration = SessionConfiguration()
        configuration.livenessPolicy = .off
        service = SessionService(
            engine: engine, decoder: JPEGTestDecoder(), thresholds: try ThresholdTable(engine.thresholdTable),
            sessions: repository, templates: templates, secrets: PlainSecrets(), cameras: [camera, infrared],
            health: HealthBoard(clock: clock), clock: clock, configuration: configuration,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await service.start()
    }

    /// Plays the footage to the door, and to the infrared camera what `view` makes of each picture.
    private func attempt(_ view: (Image, Int) throws -> Image) async throws -> SessionSnapshot {
        let running = Task { try await service.run() }
        defer { running.cancel() }
        let session = try await service.open(
            SessionRequest(client: client, kind: .verification, externalUserID: "alice", frameSource: .camera))
        await camera.waitForSubscriber()
        await infrared.waitForSubscriber()
        for (moment, index) in stride(from: 1, to: footage.count, by: 2).enumerated() {
            clock.advance(by: .milliseconds(40))
            let instant = clock.instant
            infrared.post(try view(try RealParts.image(footage[index]).grey, moment).encoded, at: instant)
            await eventually { await service.views["door-ir"]?.newest?.capturedAt == instant }
            camera.post(try JPEGTestDecoder().inspect(footage[index]), at: instant)
            await eventually {
                let now = try? await service.session(.id(session.id), of: client)
                return now.map { $0.framesProcessed > moment || !$0.state.isOpen } ?? true
            }
            let now = try await service.session(.id(session.id), of: client)
            if !now.state.isOpen { return now }
        }
        return try await service.session(.id(session.id), of: client)
    }

    @Test("opens for a known person whom both cameras see")
    func opens() async throws {
        let ended = try await attempt { grey, _ in grey }
        #expect(ended.state == .completed && ended.matchedPerson?.externalID == "alice", "\(ended.reason as Any)")
    }

    @Test("stays shut when the infrared picture is black")
    func black() async throws {
        let ended = try await attempt { grey, _ in grey.changed { $0 / 32 } }
        #expect(ended.state == .failed && ended.reason == .infraredMissing)
    }

    @Test("stays shut when infrared shows the room without the face, as before a screen")
    func screen() async throws {
        let room = try TestInputs.footage("no-face").map { try RealParts.image($0).grey }
        let ended = try await attempt { _, moment in
            // Noise of its own: no camera gives the same picture twice.
            room[moment % room.count].changed { $0 ^ UInt8(moment / room.count & 1) }
        }
        #expect(ended.state == .failed && ended.reason == .notRecognized)
        #expect(repository.outcomes.last?.session.cause == .livenessFailed)
    }

    @Test("stays shut when infrared shows a face elsewhere")
    func elsewhere() async throws {
        let others = try TestInputs.footage("woman", limit: 30).map { try RealParts.image($0).grey }
        let ended = try await attempt { _, moment in others[moment % others.count] }
        #expect(ended.state == .failed && ended.reason == .notRecognized)
    }
}
