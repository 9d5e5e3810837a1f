import COnnxRuntime
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Recognition

@Suite("ONNX Runtime binding")
struct OnnxRuntimeTests {
    private var library: String { TestInputs.models.appending(path: "libonnxruntime.so.1").path }

    private func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test("every slot of the pinned library's function table behaves")
    func slotsBehave() throws {
        var message = [CChar](repeating: 0, count: 256)
        let runtime = try #require(
            cort_runtime_open(library, &message, message.count), "run scripts/setup first: \(text(message))")
        defer { cort_runtime_close(runtime) }
        #expect(cort_verify_abi(runtime, &message, message.count) == 0, "\(text(message))")
    }

    @Test("a library that is not ONNX Runtime is refused, and so is a file that is none")
    func otherLibrariesAreRefused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("libonnxruntime.so.1")
        try "no library".write(toFile: path, atomically: true, encoding: .utf8)
        for other in [path, "libm.so.6", directory.path("absent.so")] {
            let error = #expect(throws: EdgeError.self) { try OnnxRuntime(path: other) }
            #expect(error?.code == .runtimeIncompatible)
        }
    }

    @Test("bytes that are no model are refused")
    func garbageIsNoModel() throws {
        let runtime = try OnnxRuntime(path: library)
        for bytes in [[], Array("not a model".utf8), [UInt8](repeating: 0xff, count: 4096)] {
            let error = #expect(throws: EdgeError.self) {
                try OnnxSession(model: bytes, runtime: runtime, usesArena: false)
            }
            #expect(error?.code == .modelUnreadable)
        }
    }

    @Test("an input or output of the wrong shape is an error, and the session works afterwards")
    func wrongShapeIsAnError() throws {
        let session = try ModelLibrary(directory: TestInputs.models.path).load(NetLoader.mesh)
        let wrong = Tensor(shape: [1, 3, 8, 8], values: [Float](repeating: 0, count: 192))
        let right = Tensor(shape: [1, 3, 192, 192], values: [Float](repeating: 0.5, count: 3 * 192 * 192))
        let shapes = [[1, 1, 1, 1404], [1, 1, 1, 1]]
        for (input, outputs) in [
            (wrong, shapes), (right, [[1, 1, 1, 1404]]), (right, [[1, 1, 1, 3], [1, 1, 1, 1]]),
        ] {
            let error = #expect(throws: EdgeError.self) { try session.run(input, outputShapes: outputs) }
            #expect(error?.code == .recognitionFailed)
        }
        #expect(try session.run(right, outputShapes: shapes).values.allSatisfy { $0.isFinite })
    }

    @Test("many threads run one session at once and get the same numbers as one thread")
    func sessionsAreShared() async throws {
        let session = try ModelLibrary(directory: TestInputs.models.path).load(NetLoader.mesh)
        let inputs = (0..<4).map { seed in
            Tensor(
                shape: [1, 3, 192, 192],
                values: (0..<3 * 192 * 192).map { Float(($0 &* (seed + 3)) % 256) / 255 })
        }
        let shapes = [[1, 1, 1, 1404], [1, 1, 1, 1]]
        let alone = try inputs.map { try session.run($0, outputShapes: shapes).values }
        let pool = try InferencePool(threads: 4)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for round in 0..<24 {
                let (input, expected) = (inputs[round % 4], alone[round % 4])
                group.addTask {
                    try await pool.run { () throws(EdgeError) in
                        try session.run(input, outputShapes: shapes).values == expected
                    }
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }
}
