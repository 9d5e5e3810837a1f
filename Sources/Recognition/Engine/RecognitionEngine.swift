public import EdgeCore
public import Logging

/// The nets, the threads that run them, and the way of a frame through them.
public final class RecognitionEngine: FrameAnalyzing {
    private let analyzer: FrameAnalyzer
    private let pool: InferencePool
    private let library: ModelLibrary

    /// All models that the manifest names, and whether each is loaded.
    public let models: [DeviceStatus.ModelStatus]
    /// The net that makes templates.
    public let templateModel: ModelVersion
    /// False match rates and the cosine similarity that promises each, from the manifest.
    public let thresholdTable: [(fmr: Double, cosine: Double)]
    /// On what that table was measured, in the manifest's own words; `nil` where it does not say.
    public let thresholdSource: String?
    /// Whether the passive liveness nets are loaded.
    public var hasPassiveLiveness: Bool { analyzer.nets.liveness != nil }
    /// How many frames can be analysed at once.
    public var threadCount: Int { pool.threadCount }

    /// Loads the runtime and the nets; blocks for some tenths of a second.
    ///
    /// The passive liveness nets may be missing; every other file must be there. A file whose hash is not the manifest's
    /// is refused in any case. `model` makes the templates; without it the standard one, ``InstalledModels/standard(in:)``.
    /// One without a table of false match rates is refused: `recognition.model.unmeasured`.
    public init(
        modelsDirectory: String, decoder: any ImageDecoder, threads: Int? = nil, model: ModelVersion? = nil, log: Logger
    ) throws(EdgeError) {
        let library = try ModelLibrary(directory: modelsDirectory)
        let nets = try NetLoader.load(from: library, embedder: model)
        FileBytes.trimMemory()
        analyzer = FrameAnalyzer(nets: nets, decoder: decoder)
        pool = try InferencePool(threads: threads)
        templateModel = nets.embedder.model
        self.library = library
        let recogniser = library.manifest.model(nets.embedder.model)
        thresholdTable = recogniser?.thresholdTable ?? []
        thresholdSource = recogniser?.thresholds?.source
        models = library.manifest.models.map { model in
            DeviceStatus.ModelStatus(id: model.id, version: model.version, isLoaded: nets.uses(model))
        }
        log.info(
            "recognition is ready",
            metadata: [
                "runtime": "\(library.runtimeVersion)", "threads": "\(pool.threadCount)",
                "models": "\(models.filter(\.isLoaded).map(\.id).joined(separator: " "))",
                "passive_liveness": "\(nets.liveness != nil)",
            ])
    }

    /// Loads another net that makes templates; blocks for some tenths of a second.
    ///
    /// Throws `recognition.model.missing`, `recognition.model.unmeasured`, `recognition.model.wrong_hash`,
    /// `recognition.model.unreadable`.
    public func embedder(of model: ModelVersion) throws(EdgeError) -> CropEmbedder {
        guard model != templateModel else { return CropEmbedder(analyzer.nets.embedder, pool) }
        return CropEmbedder(try NetLoader.loadEmbedder(model, from: try library.reread()), pool)
    }

    /// How many numbers a template has.
    var templateLength: Int { analyzer.nets.embedder.dimensions }

    func analyze(_ frame: Frame, plan: AnalysisPlan) async throws(EdgeError) -> FrameEvidence {
        try await analyze(frame.image, plan: plan, enforcesGate: true)
    }

    func look(atInfrared frame: Frame) async throws(EdgeError) -> InfraredSight {
        try await onPool { analyzer throws(EdgeError) in try analyzer.infraredSight(of: frame.image) }
    }

    /// The same way for measuring: with the gate off a refused face gets a template too.
    func analyze(
        _ picture: EncodedImage, plan: AnalysisPlan, enforcesGate: Bool
    ) async throws(EdgeError) -> FrameEvidence {
        try await onPool { analyzer throws(EdgeError) in
            try analyzer.analyze(picture, plan: plan, enforcesGate: enforcesGate)
        }
    }

    /// Reads the header of a picture, as every upload goes.
    func inspect(_ picture: [UInt8]) async throws(EdgeError) -> EncodedImage {
        try await onPool { analyzer throws(EdgeError) in try analyzer.decoder.inspect(picture) }
    }

    /// Whether anybody is in view: one look at a small copy, for frames that no session waits for.
    public func presence(in frame: Frame) async throws(EdgeError) -> Bool {
        try await onPool { analyzer throws(EdgeError) in try analyzer.presence(in: frame.image) }
    }

    /// Runs `body` on one of the pipeline's own threads.
    func onPool<Outcome: Sendable>(
        _ body: @escaping @Sendable (FrameAnalyzer) throws(EdgeError) -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let analyzer = analyzer
        return try await pool.run { () throws(EdgeError) in try body(analyzer) }
    }
}
