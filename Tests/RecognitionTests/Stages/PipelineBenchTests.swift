import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

@Suite("Pipeline bench")
struct PipelineBenchTests {
    @Test("reports every stage and every net, and no more frames than it was given")
    func report() async throws {
        let pictures = try TestInputs.footage("webcam-man", limit: 2)
        let report = try await PipelineBench(engine: RealParts.engine()).run(pictures: pictures, repetitions: 2)
        #expect(report.frames == 4 && report.framesWithTemplate == 4)
        #expect(report.stages.map(\.stage).contains("detect") && report.stages.last?.stage == "total")
        #expect(report.stages.allSatisfy { $0.frames <= 4 && $0.cpuMilliseconds.median > 0 })
        #expect(report.stages.allSatisfy { $0.wallMilliseconds.median <= $0.wallMilliseconds.p99 })
        #expect(report.nets.map(\.id).contains("sface"))
        #expect(report.overheadRatio > 0.5 && report.framesPerSecond > 0)
    }

    @Test("needs something to measure")
    func nothing() async throws {
        let bench = PipelineBench(engine: try RealParts.engine())
        let error = await #expect(throws: EdgeError.self) { try await bench.run(pictures: [], repetitions: 3) }
        #expect(error?.code == .requestInvalid)
    }
}
