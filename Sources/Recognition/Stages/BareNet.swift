import EdgeCore

/// A net without the stage around it, for comparing the two.
struct BareNet: Sendable {
    /// The manifest's id.
    let id: String
    let session: OnnxSession
    /// The input's shape.
    let input: [Int]
    /// The outputs' shapes for that input.
    let outputs: [[Int]]
    /// The largest value that the stage puts in.
    let range: Float

    /// An input of the right shape and range; what it shows does not change how long a net takes.
    var sample: Tensor {
        let count = input.reduce(1, *)
        return Tensor(shape: input, values: (0..<count).map { Float($0 % 251) * range / 250 })
    }

    /// Runs the net once on `input`.
    func run(_ input: Tensor) throws(EdgeError) { _ = try session.run(input, outputShapes: outputs) }
}
