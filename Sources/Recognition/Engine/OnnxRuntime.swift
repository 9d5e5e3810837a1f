import COnnxRuntime
import EdgeCore

/// An opened ONNX Runtime; closes itself with its last session.
final class OnnxRuntime: Sendable {
    // Safe to share: the pointer never changes, and the runtime's own calls are thread-safe.
    fileprivate nonisolated(unsafe) let handle: OpaquePointer
    /// The library's own version.
    let version: String

    /// Opens the library and proves every slot of its function table that is used.
    init(path: String) throws(EdgeError) {
        var message = ErrorText()
        guard let handle = message.fill({ cort_runtime_open(path, $0, $1) }) else {
            throw EdgeError(.runtimeIncompatible, "ONNX Runtime cannot be opened: \(message.text).")
        }
        guard message.fill({ cort_verify_abi(handle, $0, $1) }) == 0 else {
            cort_runtime_close(handle)
            throw EdgeError(.runtimeIncompatible, "ONNX Runtime does not behave as expected: \(message.text).")
        }
        self.handle = handle
        version = String(cString: cort_runtime_version(handle))
    }

    deinit { cort_runtime_close(handle) }
}

/// A loaded net; any number of threads may run it at once.
final class OnnxSession: Sendable {
    /// An input or output as the model file declares it.
    struct Port: Sendable, Equatable {
        /// Its name in the graph.
        var name: String
        /// Whether it holds 32-bit floats.
        var isFloat: Bool
        /// Sizes; -1 where the model leaves one open.
        var shape: [Int]
    }

    // Safe to share: the pointer never changes, and running a session is thread-safe by contract of the runtime.
    private nonisolated(unsafe) let handle: OpaquePointer
    private let runtime: OnnxRuntime
    /// Inputs in the model's order.
    let inputs: [Port]
    /// Outputs in the model's order.
    let outputs: [Port]

    /// Loads a model from the very bytes whose hash was checked.
    init(model: [UInt8], runtime: OnnxRuntime, usesArena: Bool) throws(EdgeError) {
        var options = cort_options(intra_op_threads: 1, optimization_level: 99, use_arena: usesArena ? 1 : 0)
        var message = ErrorText()
        let opened = message.fill { text, size in
            model.withUnsafeBytes { bytes in
                cort_session_create(runtime.handle, bytes.baseAddress, bytes.count, &options, text, size)
            }
        }
        guard let opened else { throw EdgeError(.modelUnreadable, "A model cannot be loaded: \(message.text).") }
        handle = opened
        self.runtime = runtime
        inputs = (0..<cort_session_input_count(opened)).map { Port(cort_session_input(opened, $0)) }
        outputs = (0..<cort_session_output_count(opened)).map { Port(cort_session_output(opened, $0)) }
    }

    deinit { cort_session_close(handle) }

    /// Runs the net on one input; `shapes` are the shapes of all outputs for this input.
    func run(_ input: Tensor, outputShapes shapes: [[Int]]) throws(EdgeError) -> TensorBlock {
        var ranges: [Range<Int>] = []
        for shape in shapes {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<start + shape.reduce(1, *))
        }
        var message = ErrorText()
        var status: CInt = -1
        let total = ranges.last?.upperBound ?? 0
        let values = [Float](unsafeUninitializedCapacity: total) { buffer, count in
            status = message.fill { text, size in
                write(input, into: buffer, shapes: shapes, ranges: ranges) { inputs, outputs in
                    cort_session_run(handle, inputs, 1, outputs, shapes.count, text, size)
                }
            }
            if status != 0 { buffer.initialize(repeating: 0) }
            count = total
        }
        guard status == 0 else { throw EdgeError(.recognitionFailed, "A net failed: \(message.text).") }
        return TensorBlock(values: values, ranges: ranges)
    }

    private func write(
        _ input: Tensor, into buffer: UnsafeMutableBufferPointer<Float>, shapes: [[Int]], ranges: [Range<Int>],
        _ run: (UnsafePointer<cort_tensor>, UnsafeMutablePointer<cort_tensor>) -> CInt
    ) -> CInt {
        input.values.withUnsafeBufferPointer { numbers in
            withUnsafeTemporaryAllocation(of: cort_tensor.self, capacity: shapes.count) { outputs in
                guard let first = outputs.baseAddress, let base = buffer.baseAddress else { return -1 }
                for (index, shape) in shapes.enumerated() {
                    (first + index).initialize(to: cort_tensor(base + ranges[index].lowerBound, shape: shape))
                }
                // The binding reads inputs only; its type is the same for both.
                let data = UnsafeMutablePointer(mutating: numbers.baseAddress)
                var inputTensor = cort_tensor(data, shape: input.shape)
                return run(&inputTensor, first)
            }
        }
    }
}

extension OnnxSession.Port {
    fileprivate init(_ port: UnsafePointer<cort_port>) {
        name = String(cString: port.pointee.name)
        isFloat = port.pointee.element_type == 1
        let rank = port.pointee.rank
        shape = withUnsafeBytes(of: port.pointee.shape) { bytes in
            bytes.bindMemory(to: Int64.self).prefix(rank).map(Int.init)
        }
    }
}

extension cort_tensor {
    fileprivate init(_ data: UnsafeMutablePointer<Float>?, shape sizes: [Int]) {
        self.init()
        self.data = data
        rank = sizes.count
        withUnsafeMutableBytes(of: &shape) { bytes in
            let sizesInC = bytes.bindMemory(to: Int64.self)
            for (index, size) in sizes.prefix(sizesInC.count).enumerated() { sizesInC[index] = Int64(size) }
        }
    }
}

/// Room for a message from C.
private struct ErrorText {
    private var bytes = [CChar](repeating: 0, count: 512)

    var text: String { String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) }

    mutating func fill<Outcome>(_ body: (UnsafeMutablePointer<CChar>?, Int) -> Outcome) -> Outcome {
        bytes.withUnsafeMutableBufferPointer { body($0.baseAddress, $0.count) }
    }
}
