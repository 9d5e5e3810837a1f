public import EdgeCore

/// A net that makes templates of crops, beside the one that sessions use.
public struct CropEmbedder: Sendable {
    /// Which net it is.
    public var model: ModelVersion { embedder.model }
    private let embedder: FaceEmbedder
    private let pool: InferencePool

    init(_ embedder: FaceEmbedder, _ pool: InferencePool) {
        self.embedder = embedder
        self.pool = pool
    }

    /// The templates of some crops, in their order; one after the other on the threads of the pipeline, so that frames of
    /// sessions have their turn between them.
    public func templates(of crops: [FaceCrop]) async throws(EdgeError) -> [FaceTemplate] {
        var made: [FaceTemplate] = []
        for crop in crops {
            made.append(
                try await pool.run { [embedder] () throws(EdgeError) in try embedder.template(of: crop.tensor) })
        }
        return made
    }
}
