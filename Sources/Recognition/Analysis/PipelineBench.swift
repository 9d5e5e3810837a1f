public import EdgeCore
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How long the pipeline takes, stage by stage, beside the bare nets.
public struct PipelineBenchReport: Sendable, Codable {
    /// Median and 99th percentile of a time, milliseconds.
    public struct Spread: Sendable, Codable {
        /// Half of the frames took no longer.
        public var median: Double
        /// Of a hundred frames, 99 took no longer.
        public var p99: Double

        init(_ milliseconds: [Double]) {
            let sorted = milliseconds.sorted()
            median = sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
            p99 = sorted.isEmpty ? 0 : sorted[min(Int(Double(sorted.count) * 0.99), sorted.count - 1)]
        }
    }

    /// One stage; a frame that did not come so far is not counted.
    public struct Stage: Sendable, Codable {
        /// `decode`, `detect`, `mesh`, `eyes`, `align`, `quality`, `liveness`, `embed`, or `total`.
        public var stage: String
        /// Frames that went through it.
        public var frames: Int
        /// Elapsed time.
        public var wallMilliseconds: Spread
        /// CPU time of the thread.
        public var cpuMilliseconds: Spread
    }

    /// One net alone on its input's shape, nothing around it.
    public struct Net: Sendable, Codable {
        /// The manifest's id.
        public var id: String
        /// The input's shape.
        public var shape: [Int]
        /// CPU time of one run.
        public var cpuMilliseconds: Spread
    }

    /// Frames analysed.
    public var frames: Int
    /// Frames whose face went all the way to a template.
    public var framesWithTemplate: Int
    /// Threads that analyse; the stages below were timed with one.
    public var threads: Int
    /// Columns of the first picture.
    public var width: Int
    /// Rows of the first picture.
    public var height: Int
    /// All stages in the order of the pipeline, and `total`.
    public var stages: [Stage]
    /// One look whether anybody is there, decoding included.
    public var presence: Stage
    /// The nets alone.
    public var nets: [Net]
    /// Median CPU time of frames that went all the way, against the nets they ran: 1.2 is 20 % on top.
    public var overheadRatio: Double
    /// Frames a second with all threads at work.
    public var framesPerSecond: Double
    /// Resident memory of the process after the run, models loaded, megabytes (10^6 bytes).
    public var residentMegabytes: Double
}

/// Times the pipeline on real pictures.
public struct PipelineBench: Sendable {
    private let engine: RecognitionEngine
    private let plan: AnalysisPlan

    /// Times `engine` with every stage that it has.
    public init(engine: RecognitionEngine) {
        self.engine = engine
        plan = AnalysisPlan(
            demand: .authentication, wantsMesh: true, wantsLiveness: engine.hasPassiveLiveness, wantsTemplate: true,
            deadline: nil)
    }

    /// Analyses every picture `repetitions` times, one after another, then all at once.
    public func run(pictures: [[UInt8]], repetitions: Int) async throws(EdgeError) -> PipelineBenchReport {
        guard let first = pictures.first, repetitions > 0 else {
            throw EdgeError(.requestInvalid, "A bench needs at least one picture and one repetition.")
        }
        var images: [EncodedImage] = []
        for picture in pictures { images.append(try await engine.inspect(picture)) }
        // The first run of a net allocates; it is nobody's frame.
        _ = try await engine.analyze(images[0], plan: plan, enforcesGate: true)
        var all: [FrameEvidence] = []
        var looks: [StageTiming] = []
        for _ in 0..<repetitions {
            for image in images {
                all.append(try await engine.analyze(image, plan: plan, enforcesGate: true))
                looks.append(try await engine.timedPresence(in: image))
            }
        }
        let complete = all.filter { $0.template != nil }
        let nets = try await engine.timeNets(
            for: images[0], face: complete.first?.face, runs: max(min(all.count, 50), 20))
        let rate = try await throughput(images, rounds: repetitions)
        let header = try await engine.inspect(first)
        return PipelineBenchReport(
            frames: all.count, framesWithTemplate: complete.count, threads: engine.threadCount, width: header.width,
            height: header.height, stages: Self.stages(of: all),
            presence: Self.stage("presence", looks.map { [$0] }), nets: nets,
            overheadRatio: Self.overhead(complete, nets), framesPerSecond: rate,
            residentMegabytes: Self.residentMegabytes)
    }

    /// From the kernel's own account; 0 where there is none.
    private static var residentMegabytes: Double {
        let text = FileManager.default.contents(atPath: "/proc/self/statm").map { String(decoding: $0, as: UTF8.self) }
        let pages = text?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(CInt(_SC_PAGESIZE))) / 1e6
    }

    private func throughput(_ images: [EncodedImage], rounds: Int) async throws(EdgeError) -> Double {
        let (engine, plan) = (engine, plan)
        let start = ContinuousClock.now
        let outcome = await withTaskGroup(of: EdgeError?.self) { group in
            for _ in 0..<rounds {
                for image in images {
                    group.addTask {
                        do throws(EdgeError) {
                            _ = try await engine.analyze(image, plan: plan, enforcesGate: true)
                            return nil
                        } catch { return error }
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let outcome { throw outcome }
        return Double(rounds * images.count) / (ContinuousClock.now - start).milliseconds * 1000
    }

    private static func stages(of frames: [FrameEvidence]) -> [PipelineBenchReport.Stage] {
        let names = ["decode", "detect", "mesh", "eyes", "align", "quality", "liveness", "embed"]
        let each = names.map { name in stage(name, frames.map { $0.timings.filter { $0.stage == name } }) }
        return each.filter { $0.frames > 0 } + [stage("total", frames.map(\.timings))]
    }

    /// Sums each frame's timings, then spreads them over the frames.
    private static func stage(_ name: String, _ frames: [[StageTiming]]) -> PipelineBenchReport.Stage {
        let seen = frames.filter { !$0.isEmpty }
        return PipelineBenchReport.Stage(
            stage: name, frames: seen.count,
            wallMilliseconds: .init(seen.map { $0.reduce(0) { $0 + $1.wall.milliseconds } }),
            cpuMilliseconds: .init(seen.map { $0.reduce(0) { $0 + $1.cpu.milliseconds } }))
    }

    private static func overhead(_ frames: [FrameEvidence], _ nets: [PipelineBenchReport.Net]) -> Double {
        let passive: Set = [NetLoader.passiveV2, NetLoader.passiveV1SE]
        let withLiveness = frames.filter { $0.livenessLogit != nil }
        let counted = withLiveness.isEmpty ? frames : withLiveness
        let ran = nets.filter { !withLiveness.isEmpty || !passive.contains($0.id) }
        let bare = ran.reduce(0) { $0 + $1.cpuMilliseconds.median }
        let whole = PipelineBenchReport.Spread(
            counted.map { $0.timings.reduce(0) { $0 + $1.cpu.milliseconds } })
        return bare > 0 ? whole.median / bare : 0
    }
}

extension RecognitionEngine {
    fileprivate func timedPresence(in picture: EncodedImage) async throws(EdgeError) -> StageTiming {
        try await onPool { analyzer throws(EdgeError) in
            var clock = StageClock()
            _ = try clock.measure("presence") { () throws(EdgeError) in try analyzer.presence(in: picture) }
            return clock.timings[0]
        }
    }

    fileprivate func timeNets(
        for picture: EncodedImage, face: FaceGeometry?, runs: Int
    ) async throws(EdgeError) -> [PipelineBenchReport.Net] {
        try await onPool { analyzer throws(EdgeError) in
            var report: [PipelineBenchReport.Net] = []
            for net in analyzer.bareNets(width: picture.width, height: picture.height, face: face) {
                let input = net.sample
                var clock = StageClock()
                for _ in 0..<runs { try clock.measure(net.id) { () throws(EdgeError) in try net.run(input) } }
                report.append(
                    .init(id: net.id, shape: net.input, cpuMilliseconds: .init(clock.timings.map(\.cpu.milliseconds))))
            }
            return report
        }
    }
}

extension Duration {
    /// The duration in milliseconds.
    fileprivate var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
    }
}
