import ArgumentParser
import EdgeCore
import Foundation
import Recognition
import Store

extension BenchCommand {
    /// `edged bench start`.
    struct Start: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "From the start of the daemon to READY=1, with galleries of several sizes.",
            discussion: """
                Starts this program with stores of its own, whose people are nobody, without a camera, on a free port of loopback, \
                and stops it when it tells that it is ready. Everything is removed at the end.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Where to make the stores; on the disk that is to be measured.")
        var directory = "/var/tmp"
        @Option(name: .long, help: "How often each start is taken, in turn; the median is told.")
        var rounds = 5
        @Option(name: .long, parsing: .upToNextOption, help: "Gallery sizes, in people; 0 for an empty one.")
        var people: [Int] = [0, 10_000, 100_000]

        func validate() throws {
            guard rounds > 0, people.allSatisfy({ $0 >= 0 }) else {
                throw ValidationError("there is at least one round, and no number of people is below 0")
            }
        }

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let place = try BenchPlace(in: directory, bytes: people.reduce(0) { $0 + $1 * 2400 })
            let figures: [Figure]
            do {
                figures = try await BenchCommand.untilInterrupted { try await measure(in: place, configuration) }
            } catch {
                place.remove()
                throw error
            }
            place.remove()
            if common.json { try Output.json(["starts": figures]) } else { Self.tell(figures) }
            return ExitStatus.yes
        }

        private func measure(in place: BenchPlace, _ configuration: DaemonConfiguration) async throws -> [Figure] {
            let model = try InstalledModels.standard(in: configuration.modelsDirectory)
            let bench = try place.bench(rounds: 1, seconds: 1)
            let starts = try people.map { count in
                try DaemonStart(in: "\(place.path)/people-\(count)", models: configuration.modelsDirectory)
            }
            for (count, start) in zip(people, starts) {
                try await bench.populate("people-\(count)", people: count, templates: 1, of: model)
                try start.takeKeys(from: "\(place.path)/key")
            }
            var taken = people.map { _ in [Double]() }
            for _ in 0..<rounds {
                for (number, start) in starts.enumerated() { taken[number].append(try await start.run()) }
            }
            return zip(people, taken).map { count, times in
                Figure(people: count, readyMs: times.sorted()[times.count / 2], longestMs: times.max() ?? 0)
            }
        }

        private static func tell(_ figures: [Figure]) {
            Output.table(
                [["PEOPLE", "READY ms", "LONGEST"]]
                    + figures.map { ["\($0.people)"] + [$0.readyMs, $0.longestMs].map(BenchCommand.text) })
        }
    }

    /// One gallery's starts.
    struct Figure: Codable {
        var people: Int
        /// From the start of the process to its word that it is ready; half are faster.
        var readyMs: Double
        var longestMs: Double
    }
}

/// Starts the daemon on a store as a service manager does.
private struct DaemonStart: Sendable {
    private static let patience = Duration.seconds(120)
    private let store: String
    private let configuration: String

    init(in store: String, models: String) throws(EdgeError) {
        self.store = store
        configuration = "\(store).toml"
        let text = """
            [http]
            listen = "127.0.0.1:0"
            control_socket = '\(store)/control.sock'
            [store]
            directory = '\(store)'
            [models]
            directory = '\(models)'
            [liveness]
            policy = "off"

            """
        do { try text.write(toFile: configuration, atomically: false, encoding: .utf8) } catch {
            throw EdgeError(.storeUnavailable, "\(configuration) cannot be written.")
        }
    }

    /// Puts the bench's key where the daemon looks for it.
    func takeKeys(from file: String) throws {
        try FileManager.default.createDirectory(
            atPath: "\(store)/keys", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.copyItem(atPath: file, toPath: "\(store)/keys/key-encryption.key")
    }

    /// Milliseconds until it told that it is ready; it has ended when this returns.
    func run() async throws -> Double {
        let socket = try NotifySocket("\(store)/notify.sock")
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["run", "--config", configuration]
        process.environment = ProcessInfo.processInfo.environment.merging(["NOTIFY_SOCKET": socket.path]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let began = ContinuousClock.now
        try process.run()
        let isReady = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let isReady = socket.waits(for: "READY=1", Self.patience) { process.isRunning }
                continuation.resume(returning: isReady)
            }
        }
        let taken = ContinuousClock.now - began
        process.terminate()
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                process.waitUntilExit()
                continuation.resume()
            }
        }
        try Task.checkCancellation()
        guard isReady else { throw EdgeError(.internalFault, "The daemon did not become ready.") }
        return taken / .milliseconds(1)
    }
}
