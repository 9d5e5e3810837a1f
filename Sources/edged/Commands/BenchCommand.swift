import ArgumentParser
import Capture
import EdgeCore
import Foundation
import Recognition

/// `edged bench`.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure what this machine does in what time.",
        subcommands: [
            Pipeline.self, Match.self, Changes.self, Decode.self, StoreFigures.self, Start.self, CentralFigures.self,
            Backlog.self, Opening.self,
        ])

    struct Pipeline: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Frames through all nets, stage by stage, beside the bare time of the nets.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "A directory of JPEG files; by default what the replay camera plays.")
        var frames: String?
        @Option(name: .long, help: "How often each picture is analysed.")
        var repetitions = 5

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let pictures = try BenchPictures.load(frames, configuration)
            let report = try await PipelineBench(engine: try Bare.engine(configuration))
                .run(pictures: pictures, repetitions: repetitions)
            // The stages and figures are many: JSON is the readable form too.
            try Output.json(report)
            return ExitStatus.yes
        }
    }

    struct Match: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Exact 1:N search, one thread.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, parsing: .upToNextOption, help: "Gallery sizes.")
        var people: [Int] = [1000, 10_000, 100_000, 1_000_000]
        @Option(name: .long, help: "Searches for each size.")
        var searches = 200

        func perform() async throws -> ExitCode {
            let reports = people.map { MatchBench.run(people: max($0, 1), searches: max(searches, 1)) }
            if common.json {
                try Output.json(["matches": reports])
            } else {
                let header = ["PEOPLE", "MEDIAN ms", "P99 ms", "CPU MEDIAN ms"]
                Output.table(
                    [header]
                        + reports.map { report in
                            ["\(report.people)"]
                                + [report.medianMs, report.p99Ms, report.cpuMedianMs].map(BenchCommand.text)
                        })
            }
            return ExitStatus.yes
        }
    }

    struct Changes: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes of the gallery, and searches while they are made.",
            discussion: """
                A search beside changes takes longer where both share a processor's memory; it never waits for one. How \
                long this machine holds up a search by itself is told beside it.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, parsing: .upToNextOption, help: "Gallery sizes.")
        var people: [Int] = [10_000, 100_000]
        @Option(name: .long, help: "Changes for each size.")
        var changes = 1000

        func perform() async throws -> ExitCode {
            var reports: [GalleryChangeBench] = []
            for count in people { reports.append(await GalleryChangeBench.run(people: count, changes: changes)) }
            if common.json {
                try Output.json(["changes": reports])
            } else {
                Output.table(
                    [
                        [
                            "PEOPLE", "BYTES/PERSON", "CHANGE ms", "LONGEST", "SEARCH ms", "LONGEST",
                            "BESIDE CHANGES ms", "LONGEST",
                        ]
                    ]
                        + reports.map { report in
                            ["\(report.people)", "\(Int(report.bytesPerPerson))"]
                                + [
                                    report.changeMedianMs, report.changeLongestMs, report.quietMedianMs,
                                    report.quietLongestMs, report.busyMedianMs, report.busyLongestMs,
                                ].map(BenchCommand.text)
                        })
            }
            return ExitStatus.yes
        }
    }

    static func text(_ milliseconds: Double) -> String { String(format: "%.3f", milliseconds) }

    struct Decode: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "JPEG to pixels at each scale, one thread; or in this process against an isolated one.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "A directory of JPEG files; by default what the replay camera plays.")
        var frames: String?
        @Option(name: .long, help: "How often each picture is decoded.")
        var repetitions = 20
        @Flag(name: .long, help: "What it costs to decode in a process of its own, at 640×480 and 1280×720.")
        var isolated = false

        func perform() async throws -> ExitCode {
            let pictures = try BenchPictures.load(frames, try common.configuration())
            guard !isolated else {
                let worker = try DecoderChild("/proc/self/exe", ["decoder", "--inherited"])
                try Output.json(
                    try IsolationBench.run(pictures: pictures, repetitions: max(repetitions, 1), worker: worker))
                return ExitStatus.yes
            }
            let report = try DecodeBench.run(pictures: pictures, repetitions: max(repetitions, 1))
            try Output.json(report)
            return ExitStatus.yes
        }
    }
}

/// Where the pictures of a benchmark come from.
enum BenchPictures {
    static func load(_ directory: String?, _ configuration: DaemonConfiguration) throws(EdgeError) -> [[UInt8]] {
        let replay = configuration.cameras.lazy.compactMap { camera in
            if case .replay(let path) = camera.source { path } else { nil }
        }.first
        guard let path = directory ?? replay else {
            throw EdgeError(.requestInvalid, "say where pictures are with --frames DIRECTORY", field: "frames")
        }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0.hasSuffix(".jpg") || $0.hasSuffix(".jpeg") }.sorted().prefix(200)
        let pictures = names.compactMap { FileManager.default.contents(atPath: "\(path)/\($0)").map(Array.init) }
        guard !pictures.isEmpty else {
            throw EdgeError(.requestInvalid, "there is no JPEG file in \(path)", field: "frames")
        }
        return pictures
    }
}
