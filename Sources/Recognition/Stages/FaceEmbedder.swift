import EdgeCore

/// Turns an aligned face into a template with SFace.
struct FaceEmbedder: Sendable {
    /// How many numbers a template has.
    static let dimensions = 128

    /// Which net this is.
    let model: ModelVersion
    private let session: OnnxSession

    /// Wraps the loaded net.
    init(session: OnnxSession, model: ModelVersion) {
        self.session = session
        self.model = model
    }

    /// The net alone.
    var bare: BareNet {
        BareNet(
            id: model.id, session: session, input: [1, 3, FaceAligner.side, FaceAligner.side],
            outputs: [[1, Self.dimensions]], range: 255)
    }

    /// The template of an aligned face.
    func template(of aligned: Tensor) throws(EdgeError) -> FaceTemplate {
        let values = try session.run(aligned, outputShapes: [[1, Self.dimensions]]).values
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length.isFinite, length > 0 else {
            throw EdgeError(.recognitionFailed, "The embedder gave no usable numbers.")
        }
        return FaceTemplate(model: model, values: values.map { $0 / length })
    }
}
