/// Floats with a shape, as a net reads them.
struct Tensor: Sendable {
    /// Sizes of the dimensions, the outermost first.
    let shape: [Int]
    /// The numbers, the innermost dimension side by side.
    var values: [Float]

    /// Wraps numbers; there must be as many as the shape says.
    init(shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "a tensor holds as many numbers as its shape says")
        self.shape = shape
        self.values = values
    }
}

/// All outputs of one run, side by side in one piece of memory.
struct TensorBlock: Sendable {
    /// The numbers of all outputs.
    let values: [Float]
    /// Where each output stands in `values`.
    let ranges: [Range<Int>]

    /// The numbers of one output.
    subscript(output: Int) -> ArraySlice<Float> { values[ranges[output]] }
}
