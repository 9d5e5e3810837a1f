import ArgumentParser
import Capture
import EdgeCore
import Foundation
import Recognition

/// `edged eval`.
struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure error rates on your own pictures, by the code that sessions use.",
        subcommands: [Verification.self, Liveness.self])

    struct Verification: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "1:1 on a list of pairs: a TSV with the header `same path_a path_b`.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The directory that the paths are relative to.")
        var root: String
        @Option(name: .long, help: "The TSV file.")
        var pairs: String

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let engine = try Bare.engine(configuration)
            let thresholds = try ThresholdTable(
                points: engine.thresholdTable.map { ThresholdTable.Point(fmr: $0.fmr, cosine: $0.cosine) })
            let metrics = try await VerificationEvaluation.run(
                root: root, pairsFile: pairs,
                shippedThreshold: thresholds.threshold(fmr: configuration.recognition.verificationFMR),
                width: engine.threadCount
            ) { path in
                // A picture that cannot be processed is counted, not fatal.
                guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
                return try? await engine.template(ofPicture: Array(bytes))
            }
            if common.json { try Output.json(metrics) } else { tell(metrics) }
            return metrics.failedPairs < metrics.pairs ? ExitStatus.yes : nothingRead(below: root)
        }

        private func tell(_ metrics: VerificationMetrics) {
            let accuracy = String(format: "%.4f ± %.4f", metrics.accuracy, metrics.accuracyStd)
            Output.line("pairs \(metrics.pairs), pictures without a template \(metrics.failuresToProcess)")
            Output.line("accuracy (10-fold) \(accuracy), equal error rate \(percent(metrics.equalErrorRate))")
            for (rate, missed) in metrics.fnmrAtFmr.sorted(by: { $0.key > $1.key }) {
                Output.line("FNMR at FMR \(rate): \(percent(missed))")
            }
            let threshold = String(format: "%.3f", metrics.threshold)
            let rates = "FMR \(percent(metrics.fmrAtThreshold)), FNMR \(percent(metrics.fnmrAtThreshold))"
            Output.line("shipped threshold \(threshold): \(rates)")
        }
    }

    struct Liveness: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Passive liveness frame by frame: a TSV with the header `path kind identity`.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The directory that the paths are relative to.")
        var root: String
        @Option(name: .long, help: "The TSV file; kind is `live` or an attack's name.")
        var manifest: String

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let engine = try Bare.engine(configuration)
            guard engine.hasPassiveLiveness else { throw EdgeError(.livenessUnavailable) }
            let metrics = try await LivenessEvaluation.run(
                root: root, manifestFile: manifest, threshold: configuration.liveness.thresholdLogit,
                width: engine.threadCount
            ) { path in
                // A picture that cannot be processed is counted, not fatal.
                guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
                return try? await engine.evidence(
                    ofPicture: Array(bytes), wantsLiveness: true, wantsTemplate: false
                ).livenessLogit
            }
            if common.json { try Output.json(metrics) } else { tell(metrics) }
            return metrics.failuresToProcess < metrics.presentations ? ExitStatus.yes : nothingRead(below: root)
        }

        private func tell(_ metrics: PresentationMetrics) {
            let failures = "without an opinion \(metrics.failuresToProcess)"
            Output.line("presentations \(metrics.presentations), \(failures)")
            Output.line("threshold (logit) \(metrics.threshold), AUC \(String(format: "%.4f", metrics.auc))")
            Output.line("BPCER \(percent(metrics.bpcer))")
            for (kind, rate) in metrics.apcer.sorted(by: { $0.key < $1.key }) {
                Output.line("APCER \(kind): \(percent(rate))")
            }
        }
    }
}

/// Rates of nothing are no measurement: the exit code says so beside the counts.
private func nothingRead(below root: String) -> ExitCode {
    Output.complain("edged: not one picture below \(root) gave a result; the rates say nothing")
    return ExitStatus.cannotTell
}

private func percent(_ share: Double) -> String { String(format: "%.3f %%", share * 100) }

/// The engine alone, for verbs that measure: no store, no keys, no cameras.
enum Bare {
    static func engine(_ configuration: DaemonConfiguration) throws(EdgeError) -> RecognitionEngine {
        try RecognitionEngine(
            modelsDirectory: configuration.modelsDirectory, decoder: TurboImageDecoder(),
            threads: configuration.recognition.threads, log: LogSetup.quiet())
    }
}
