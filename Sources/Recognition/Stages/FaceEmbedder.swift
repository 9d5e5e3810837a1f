import EdgeCore

/// Turns an aligned face into a template.
struct FaceEmbedder: Sendable {
    /// Which net this is.
    let model: ModelVersion
    /// How many numbers a template has.
    let dimensions: Int
    private let session: OnnxSession
    private let input: EmbedderInput

    /// Wraps the loaded net.
    ///
    /// Throws `recognition.model.unreadable` for one that wants another input than an aligned face, or gives anything else
    /// than one list of numbers.
    init(session: OnnxSession, _ model: ModelManifest.Model) throws(EdgeError) {
        guard let input = EmbedderInput(model.input) else {
            throw EdgeError(.modelUnreadable, "The input of the model \(model.id) is no aligned face of a known form.")
        }
        guard let length = model.templateLength else {
            throw EdgeError(.modelUnreadable, "The output of the model \(model.id) is no template.")
        }
        self.session = session
        self.input = input
        self.model = model.modelVersion
        dimensions = length
    }

    /// The net alone.
    var bare: BareNet {
        BareNet(
            id: model.id, session: session, input: [1, 3, FaceAligner.side, FaceAligner.side],
            outputs: [[1, dimensions]], range: input.largest)
    }

    /// The template of an aligned face.
    func template(of aligned: Tensor) throws(EdgeError) -> FaceTemplate {
        let values = try session.run(input.values(of: aligned), outputShapes: [[1, dimensions]]).values
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length.isFinite, length > 0 else {
            throw EdgeError(.recognitionFailed, "The embedder gave no usable numbers.")
        }
        return FaceTemplate(model: model, values: values.map { $0 / length })
    }
}

/// How a net wants an aligned face: the order of the colours and the range of the values, as the manifest says.
struct EmbedderInput: Sendable, Equatable {
    private let order: ChannelOrder
    private let scale: Float
    private let offset: Float

    /// The largest value that it is given.
    var largest: Float { 255 * scale + offset }

    /// `nil` for a form that is not known; where the manifest says nothing it is RGB, 0…255.
    init?(_ port: ModelManifest.Port) {
        guard port.shape == [1, 3, FaceAligner.side, FaceAligner.side] else { return nil }
        switch port.colour ?? "RGB" {
        case "RGB": order = .rgb
        case "BGR": order = .bgr
        default: return nil
        }
        switch port.range ?? "0...255" {
        case "0...255": (scale, offset) = (1, 0)
        case "0...1": (scale, offset) = (1 / 255, 0)
        case "-1...1": (scale, offset) = (1 / 127.5, -1)
        default: return nil
        }
    }

    /// An aligned face, RGB and 0…255, as the net wants it.
    func values(of aligned: Tensor) -> Tensor {
        guard order != .rgb || scale != 1 || offset != 0 else { return aligned }
        let plane = aligned.values.count / 3
        let planes = order == .rgb ? [0, 1, 2] : [2, 1, 0]
        let values = planes.flatMap { number in
            aligned.values[number * plane..<(number + 1) * plane].map { $0 * scale + offset }
        }
        return Tensor(shape: aligned.shape, values: values)
    }
}

extension ModelManifest.Model {
    /// How many numbers a template of this net has; `nil` for a net that gives something else.
    var templateLength: Int? {
        guard output.count == 1, let shape = output.first?.shape, shape.count == 2, shape[0] == 1, shape[1] > 0 else {
            return nil
        }
        return shape[1]
    }
}
