import EdgeCore
import EdgeTesting
import Logging
import Testing

@testable import Recognition

/// The real pipeline around the session service: what a still picture may do.
@Suite("A still picture", .timeLimit(.minutes(10)))
struct RepeatedPictureTests {
    private let client = ClientID()

    @Test("the same pixels in another file have the same digest, other pixels another one")
    func digests() async throws {
        let engine = try RealParts.engine()
        let bytes = try TestInputs.bytes("woman/0000.jpg")
        var digests: [UInt64] = []
        for file in [bytes, commented(bytes, "one"), commented(bytes, "two"), try TestInputs.bytes("woman/0001.jpg")] {
            digests.append(
                try await engine.analyze(engine.inspect(file), plan: RealParts.everything, enforcesGate: true)
                    .pictureDigest)
        }
        #expect(digests[0] == digests[1] && digests[1] == digests[2])
        #expect(digests[0] != digests[3])
        var pixels = try RealParts.image(bytes)
        let digest = pixels.digest
        pixels = Image(width: pixels.width, height: pixels.height, pixels: pixels.pixels.dropLast() + [7])
        #expect(pixels.digest != digest)
        let (wide, high) = (
            Image(width: 8, height: 2, pixels: .init(repeating: 9, count: 48)),
            Image(width: 2, height: 8, pixels: .init(repeating: 9, count: 48))
        )
        #expect(wide.digest != high.digest)
    }

    @Test(
        "one picture with another comment each time neither enrolls nor authenticates",
        .enabled(if: TestInputs.hasPassiveLiveness, "set-up could not get the passive liveness weights"))
    func commentsChangeNothing() async throws {
        let service = try await makeService()
        let pictures = try TestInputs.footage("woman", limit: 60)
        let enrollment = try await open(.enrollment, service)
        for picture in pictures {
            guard try await service.session(.id(enrollment.id), of: client).state.isOpen else { break }
            _ = try await service.submit(picture, to: .id(enrollment.id), of: client)
        }
        #expect(try await service.session(.id(enrollment.id), of: client).state == .completed)

        for kind in [SessionKind.verification, .identification, .enrollment] {
            let session = try await open(kind, service)
            for number in 0..<12 {
                let picture = commented(pictures[0], "\(number)")
                let answer = try await service.submit(picture, to: .id(session.id), of: client)
                #expect(answer.session.state.isOpen && answer.accepted == (number == 0))
                #expect(number == 0 || answer.reason == .frameRepeated)
            }
        }
    }

    private func open(_ kind: SessionKind, _ service: SessionService) async throws -> SessionSnapshot {
        try await service.open(
            SessionRequest(client: client, kind: kind, externalUserID: kind == .identification ? nil : "woman"))
    }

    private func makeService() async throws -> SessionService {
        var configuration = SessionConfiguration()
        configuration.livenessPolicy = .passive
        let (clock, templates) = (ManualClock(), MemoryTemplates())
        let engine = try RealParts.engine()
        let service = SessionService(
            engine: engine, decoder: JPEGTestDecoder(), thresholds: try ThresholdTable(engine.thresholdTable),
            sessions: MemorySessionRepository(templates: templates, clock: clock), templates: templates,
            secrets: PlainSecrets(), cameras: [], health: HealthBoard(clock: clock), clock: clock,
            configuration: configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await service.start()
        return service
    }

    /// The file with a comment after its first marker.
    private func commented(_ jpeg: [UInt8], _ text: String) -> [UInt8] {
        jpeg.prefix(2) + [0xFF, 0xFE, 0, UInt8(text.utf8.count + 2)] + Array(text.utf8) + jpeg.dropFirst(2)
    }
}
