import ArgumentParser
import Central
import EdgeCore
import Foundation
import UnixSignals
import Vault

extension BenchCommand {
    /// `edged bench central`.
    struct CentralFigures: EdgedCommand {
        static let configuration = CommandConfiguration(
            commandName: "central", abstract: "How many events a second a central instance takes on this disk.",
            discussion: """
                Works on a file of its own in a directory that is removed at the end, also after Ctrl-C. What is measured \
                begins with whole requests and ends on disk; HTTP and TLS are not in it.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Where to make the file; on the disk that is to be measured.")
        var directory = "/var/tmp"
        @Option(
            name: .long, help: "Measure an empty database of PostgreSQL in place of a file; what is made stays there.")
        var postgres: String?
        @Option(name: .long, parsing: .upToNextOption, help: "Records of one batch, 1 to 768.")
        var batch: [Int] = [1, 10, 100]
        @Option(name: .long, help: "Devices that push at the same time.")
        var devices = 16
        @Option(
            name: .long, help: "About how many records are taken for each size of batch; single ones a tenth of it.")
        var records = 100_000

        func validate() throws {
            guard devices > 0, records > 0, batch.allSatisfy({ (1...768).contains($0) }) else {
                throw ValidationError("devices and records are above 0, batches have 1 to 768 records")
            }
        }

        func perform() async throws -> ExitCode {
            let place = try BenchPlace(in: directory, bytes: records * batch.count * 1500)
            let figures: [Figure]
            do {
                figures = try await BenchCommand.untilInterrupted { try await measure(in: place) }
            } catch {
                place.remove()
                throw error
            }
            place.remove()
            if common.json {
                try Output.json(Report(directory: directory, devices: devices, figures: figures))
            } else {
                Output.table(
                    [["BATCH", "DEVICES", "RECORDS", "RECORDS/s"]]
                        + figures.map {
                            ["\($0.batch)", "\(devices)", "\($0.records)", String(format: "%.0f", $0.perSecond)]
                        })
            }
            return ExitStatus.yes
        }

        private func measure(in place: BenchPlace) async throws -> [Figure] {
            let keys = FleetKeys(try KeyVault.open(keyFile: "\(place.path)/key"))
            let options = postgres.map { PostgresOptions(connection: Redacted($0)) }
            let bench = CentralBench(
                directory: place.path, postgres: options, keys: keys, devices: devices, log: LogSetup.quiet())
            var figures: [Figure] = []
            for size in batch {
                let figure = try await bench.run(batch: size, records: size < 10 ? records / 10 : records)
                figures.append(Figure(batch: size, records: figure.records, perSecond: figure.perSecond))
            }
            return figures
        }

        /// One size of batches.
        private struct Figure: Encodable, Sendable {
            var batch: Int
            var records: Int
            var perSecond: Double
        }

        private struct Report: Encodable {
            var directory: String
            var devices: Int
            var figures: [Figure]
        }
    }

    /// A bench that is told to stop ends in order, so that what it made on disk is removed.
    static func untilInterrupted<Outcome: Sendable>(
        _ body: @escaping @Sendable () async throws -> Outcome
    ) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask(operation: body)
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
                // As a shell tells a program that Ctrl-C ended.
                throw ExitCode(130)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw EdgeError(.internalFault) }
            return first
        }
    }
}
