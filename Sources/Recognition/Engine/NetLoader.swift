import EdgeCore

/// Loads what the stages need.
enum NetLoader {
    static let detector = "yunet"
    /// What makes templates where nothing else was chosen.
    static let standardEmbedder = "sface"
    static let mesh = "facemesh"
    static let eyes = "eyes"
    static let passiveV2 = "minifasnet_v2"
    static let passiveV1SE = "minifasnet_v1se"

    /// Loads all nets; the passive pair only when both files are there, the eye contour only when it is there.
    ///
    /// Without `embedder` the standard one makes templates.
    static func load(
        from library: ModelLibrary, embedder: ModelVersion? = nil
    ) throws(EdgeError) -> FrameAnalyzer.Nets {
        FrameAnalyzer.Nets(
            detector: FaceDetector(session: try library.load(detector)),
            embedder: try loadEmbedder(embedder, from: library),
            mesh: FaceMesh(session: try library.load(mesh)),
            eyes: library.has(eyes) ? EyeContour(session: try library.load(eyes)) : nil,
            liveness: try loadLiveness(from: library))
    }

    /// Loads a net that makes templates.
    ///
    /// Throws `recognition.model.missing`, `recognition.model.unmeasured`, `recognition.model.unreadable`.
    static func loadEmbedder(
        _ wanted: ModelVersion?, from library: ModelLibrary
    ) throws(EdgeError) -> FaceEmbedder {
        let found = wanted.map { library.manifest.model($0) } ?? library.manifest.model(standardEmbedder)
        guard let model = found else {
            let name = wanted.map { "\($0.id) \($0.version)" } ?? standardEmbedder
            throw EdgeError(.modelMissing, "models.json does not name the model \(name).")
        }
        try model.requireThresholds()
        return try FaceEmbedder(session: try library.load(model), model)
    }

    private static func loadLiveness(from library: ModelLibrary) throws(EdgeError) -> PassiveLiveness? {
        guard library.has(passiveV2), library.has(passiveV1SE) else { return nil }
        return PassiveLiveness(v2: try library.load(passiveV2), v1se: try library.load(passiveV1SE))
    }
}

extension FrameAnalyzer.Nets {
    /// Whether this net of the manifest is in use.
    func uses(_ model: ModelManifest.Model) -> Bool {
        if model.modelVersion == embedder.model { return true }
        return switch model.id {
        case NetLoader.detector, NetLoader.mesh: true
        case NetLoader.eyes: eyes != nil
        case NetLoader.passiveV2, NetLoader.passiveV1SE: liveness != nil
        default: false
        }
    }
}

extension ModelManifest.Model {
    /// Throws `recognition.model.unmeasured` for a net without a table of false match rates, and
    /// `recognition.model.unreadable` for a table that is none.
    func requireThresholds() throws(EdgeError) {
        guard isRecogniser else {
            throw EdgeError(
                .modelUnmeasured, "models.json has no table of false match rates for the model \(id) \(version).")
        }
        _ = try ThresholdTable(thresholdTable)
    }
}
