import ArgumentParser
import EdgeCore
import Foundation
import Recognition
import Store
import Vault

extension BenchCommand {
    /// `edged bench store`.
    struct StoreFigures: EdgedCommand {
        static let configuration = CommandConfiguration(
            commandName: "store", abstract: "What the store costs on this disk: commits, bytes, opening, memory.",
            discussion: """
                Works on stores of its own in a directory that is removed at the end, also after Ctrl-C. The device's own \
                store is not touched; a running daemon shares disk and processor, though, and both are slower meanwhile.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Where to make the stores; on the disk that is to be measured.")
        var directory = "/var/tmp"
        @Option(name: .long, help: "How often each figure is taken; the median is told.")
        var rounds = 5
        @Option(name: .long, help: "How long one round of appending goes on.")
        var seconds = 0.5
        @Option(name: .long, parsing: .upToNextOption, help: "Gallery sizes, in people.")
        var people: [Int] = [1000, 10_000, 100_000]
        @Option(name: .long, help: "Templates of each person.")
        var templates = 1

        func validate() throws {
            guard rounds > 0, seconds > 0, templates > 0, people.allSatisfy({ $0 > 0 }) else {
                throw ValidationError("numbers of people, templates, rounds and seconds are above 0")
            }
        }

        func perform() async throws -> ExitCode {
            let place = try BenchPlace(in: directory, bytes: people.reduce(0) { $0 + $1 * (templates + 1) * 1200 })
            let made: StoreReport
            do {
                made = try await BenchCommand.untilInterrupted { try await measure(in: place) }
            } catch {
                place.remove()
                throw error
            }
            place.remove()
            if common.json { try Output.json(made) } else { made.tell() }
            return ExitStatus.yes
        }

        private func measure(in place: BenchPlace) async throws -> StoreReport {
            let bench = try place.bench(rounds: rounds, seconds: seconds)
            let appends = try await bench.appends()
            let events = try await bench.bytesPerEvent()
            return StoreReport(
                directory: directory, fileSystem: bench.fileSystem, rounds: rounds, bareSync: appends.bareSync,
                appends: appends.appends, events: events, sizes: try await sizes(bench, place))
        }

        private func sizes(_ bench: StoreBench, _ place: BenchPlace) async throws -> [StoreReport.Size] {
            var bytes: [Int] = []
            for count in people {
                bytes.append(try await bench.populate("people-\(count)", people: count, templates: templates))
            }
            var openings = people.map { _ in [StoreOpening]() }
            for _ in 0..<rounds {
                for (number, count) in people.enumerated() {
                    openings[number].append(try await place.opening(of: "people-\(count)"))
                }
            }
            return zip(zip(people, bytes), openings).map { store, openings in
                StoreReport.Size(
                    people: store.0, templates: store.0 * templates, fileBytes: store.1,
                    openings: openings)
            }
        }
    }

    /// `edged bench opening`: one opening in a process that has done nothing else, so that its memory can be told.
    struct Opening: EdgedCommand {
        static let configuration = CommandConfiguration(
            commandName: "opening", abstract: "One opening, for `bench store`.", shouldDisplay: false)
        @OptionGroup var common: CommonOptions
        @Option(name: .long) var directory: String
        @Option(name: .long) var store: String

        func perform() async throws -> ExitCode {
            let place = BenchPlace(existing: directory)
            let bench = try place.bench(rounds: 1, seconds: 1)
            let before = ProcessMemory.resident
            let probes = (0..<25).map { BenchTemplates.template(-1 - $0) }
            let opened = try await bench.opening(store) { store throws(EdgeError) in
                var resident = 0
                let load = try await GalleryLoadBench.run(
                    store, model: BenchTemplates.model, probes: probes,
                    whileLoaded: { resident = ProcessMemory.resident })
                return (load: load, resident: resident)
            }
            try Output.json(
                StoreOpening(
                    openMs: opened.openMs, loadMs: opened.outcome.load.loadMs, searchMs: opened.outcome.load.searchMs,
                    people: opened.outcome.load.people, residentBytes: opened.outcome.resident - before,
                    peakBytes: ProcessMemory.peak - before))
            return ExitStatus.yes
        }
    }
}

/// One opening, as the process that did it tells it.
struct StoreOpening: Codable {
    var openMs: Double
    var loadMs: Double
    var searchMs: Double
    var people: Int
    /// More than before the opening, with everybody searchable.
    var residentBytes: Int
    /// More than before the opening, at the highest.
    var peakBytes: Int
}

/// The directory of one benchmark: keys and stores, nobody else's.
struct BenchPlace: Sendable {
    let path: String

    /// Makes it; throws `store.disk.full` when there is no room for `bytes` and the log.
    init(in directory: String, bytes: Int) throws(EdgeError) {
        let free = try? FileManager.default.attributesOfFileSystem(forPath: directory)[.systemFreeSize] as? Int
        if let free, free < bytes * 2 + 128 << 20 { throw EdgeError(.storeFull, "\(directory) has too little room.") }
        path = URL(filePath: directory).appending(path: "edged-bench-\(UUID().uuidString)").path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch { throw EdgeError(.storeUnavailable, "\(path) cannot be made.") }
    }

    init(existing path: String) { self.path = path }

    func bench(rounds: Int, seconds: Double) throws(EdgeError) -> StoreBench {
        StoreBench(
            directory: path, keys: try KeyVault.open(keyFile: "\(path)/key"), rounds: rounds, seconds: seconds,
            log: LogSetup.quiet())
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Opens a store in a fresh process.
    func opening(of store: String) async throws -> StoreOpening {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["bench", "opening", "--directory", path, "--store", store, "--json"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: (try? pipe.fileHandleForReading.readToEnd()) ?? Data())
                process.waitUntilExit()
            }
        }
        try Task.checkCancellation()
        return try ControlJSON.decode(StoreOpening.self, from: Array(answer))
    }
}

/// This process's memory, by the kernel's books.
enum ProcessMemory {
    static var resident: Int { bytes("VmRSS") }
    static var peak: Int { bytes("VmHWM") }

    private static func bytes(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
