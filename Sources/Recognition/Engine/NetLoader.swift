import EdgeCore

/// Loads what the stages need.
enum NetLoader {
    static let detector = "yunet"
    static let embedder = "sface"
    static let mesh = "facemesh"
    static let eyes = "eyes"
    static let passiveV2 = "minifasnet_v2"
    static let passiveV1SE = "minifasnet_v1se"

    /// Loads all nets; the passive pair only when both files are there, the eye contour only when it is there.
    static func load(from library: ModelLibrary) throws(EdgeError) -> FrameAnalyzer.Nets {
        guard let embedderModel = library.manifest.model(embedder) else {
            throw EdgeError(.modelMissing, "models.json does not name the model \(embedder).")
        }
        let version = ModelVersion(id: embedderModel.id, version: embedderModel.version)
        return FrameAnalyzer.Nets(
            detector: FaceDetector(session: try library.load(detector)),
            embedder: FaceEmbedder(session: try library.load(embedder), model: version),
            mesh: FaceMesh(session: try library.load(mesh)),
            eyes: library.has(eyes) ? EyeContour(session: try library.load(eyes)) : nil,
            liveness: try loadLiveness(from: library))
    }

    private static func loadLiveness(from library: ModelLibrary) throws(EdgeError) -> PassiveLiveness? {
        guard library.has(passiveV2), library.has(passiveV1SE) else { return nil }
        return PassiveLiveness(v2: try library.load(passiveV2), v1se: try library.load(passiveV1SE))
    }
}

extension FrameAnalyzer.Nets {
    /// The manifest's ids of the nets that are in use.
    var loadedIDs: Set<String> {
        var ids: Set = [NetLoader.detector, NetLoader.embedder, NetLoader.mesh]
        if eyes != nil { ids.insert(NetLoader.eyes) }
        if liveness != nil { ids.formUnion([NetLoader.passiveV2, NetLoader.passiveV1SE]) }
        return ids
    }
}

extension ModelManifest {
    /// The embedder's table, the loosest rate first.
    var thresholdTable: [(fmr: Double, cosine: Double)] {
        let rows = model(NetLoader.embedder)?.thresholds?.fmrToCosine ?? []
        return rows.filter { $0.count == 2 }.map { (fmr: $0[0], cosine: $0[1]) }.sorted { $0.fmr > $1.fmr }
    }
}
