import EdgeCore
import EdgeTesting
import Logging
import Testing

@testable import Recognition

@Suite("The faces that templates are made of")
struct CropSessionTests {
    @Test(
        "come with each sample of an enrollment where they are kept, and with none otherwise", arguments: [true, false])
    func kept(isOn: Bool) async throws {
        var configuration = SessionConfiguration()
        configuration.livenessPolicy = .off
        configuration.keepsCrops = isOn
        let (clock, templates) = (ManualClock(), MemoryTemplates())
        let engine = try RealParts.engine()
        let noted = MemorySessionRepository(templates: templates, clock: clock)
        let service = SessionService(
            engine: engine, decoder: JPEGTestDecoder(), thresholds: try ThresholdTable(engine.thresholdTable),
            sessions: noted, templates: templates, secrets: PlainSecrets(), cameras: [],
            health: HealthBoard(clock: clock), clock: clock, configuration: configuration,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await service.start()
        let client = ClientID()
        let session = try await service.open(
            SessionRequest(client: client, kind: .enrollment, externalUserID: "woman"))
        for picture in try TestInputs.footage("woman", limit: 60) {
            guard try await service.session(.id(session.id), of: client).state.isOpen else { break }
            _ = try await service.submit(picture, to: .id(session.id), of: client)
        }
        let samples = try #require(noted.outcomes.last).samples
        #expect(samples.count == 3)
        #expect(samples.allSatisfy { ($0.crop != nil) == isOn })
        guard isOn else { return }
        let again = try await engine.embedder(of: engine.templateModel).templates(of: samples.compactMap(\.crop))
        for (sample, template) in zip(samples, again) {
            #expect((TemplateMath.cosine(sample.template, template) ?? 0) > 0.999)
        }
    }
}
