public import EdgeCore
public import Logging

extension SessionService {
    /// Creates the service around a loaded engine; call ``start()`` and then ``run()``.
    public init(
        engine: RecognitionEngine, decoder: any ImageDecoder, thresholds: ThresholdTable,
        sessions: any SessionRepository, templates: any TemplateRepository, secrets: any SecretKeeper,
        cameras: [any FrameSource], health: HealthBoard, clock: any EdgeClock, configuration: SessionConfiguration,
        log: Logger
    ) {
        self.init(
            analyzer: engine, decoder: decoder, thresholds: thresholds, sessions: sessions, templates: templates,
            secrets: secrets, cameras: cameras, health: health, clock: clock, configuration: configuration, log: log,
            random: SystemRandomNumberGenerator())
    }
}
