import EdgeCore
import Foundation
import Synchronization
import Testing

@testable import Recognition

@Suite("Inference threads")
struct InferencePoolTests {
    /// The calling thread's name, as the kernel knows it.
    private static func threadName() -> String {
        (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
    }

    /// The calling thread's directory below `/proc`.
    private static func threadDirectory() -> String {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        return link.map { "/proc/\($0)" } ?? ""
    }

    @Test("work runs on the pool's own named threads")
    func runsOnOwnThreads() async throws {
        let pool = try InferencePool(threads: 2)
        let name = try await pool.run { () throws(EdgeError) in Self.threadName() }
        #expect(name.hasPrefix("edged-infer-"))
        #expect(!Self.threadName().hasPrefix("edged-infer-"))
    }

    @Test("as many jobs run at the same time as there are threads")
    func runsInParallel() async throws {
        let pool = try InferencePool(threads: 3)
        // Each job waits until all three are there: with fewer threads nobody would ever go on.
        let arrived = Arrivals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await pool.run { () throws(EdgeError) in
                        arrived.add()
                        while arrived.count < 3 { sched_yield() }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(arrived.count == 3)
    }

    @Test("an error comes back as it was thrown")
    func errorsComeBack() async throws {
        let pool = try InferencePool(threads: 1)
        let error = await #expect(throws: EdgeError.self) {
            try await pool.run { () throws(EdgeError) in throw EdgeError(.recognitionFailed, "on purpose") }
        }
        #expect(error == EdgeError(.recognitionFailed, "on purpose"))
    }

    @Test("a thousand jobs of many tasks all come back, also on one thread")
    func nothingIsLost() async throws {
        let pool = try InferencePool(threads: 1)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<1000 { group.addTask { try await pool.run { () throws(EdgeError) in index } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 499_500)
    }

    @Test("the threads end with the pool")
    func threadsEnd() async throws {
        let path: String
        do {
            let pool = try InferencePool(threads: 2)
            path = try await pool.run { () throws(EdgeError) in Self.threadDirectory() }
        }
        #expect(path.contains("/task/"))
        let limit = ContinuousClock.now + .seconds(10)
        while FileManager.default.fileExists(atPath: path), ContinuousClock.now < limit { await Task.yield() }
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}

/// Counts jobs that are at work.
private final class Arrivals: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .sequentiallyConsistent) }

    func add() { number.add(1, ordering: .sequentiallyConsistent) }
}
