import EdgeCore
import EdgeTesting
import Hummingbird
import Logging
import SyncCore
import Synchronization
import Testing

@testable import Sync

@Suite("Central probe", .timeLimit(.minutes(10)))
struct CentralProbeTests {
    @Test("asks the health endpoint of a central that is there, and reports nothing")
    func healthy() async throws {
        let paths = Mutex<[String]>([])
        let steps = try await LoopbackCentral.serve { _, path in
            paths.withLock { $0.append(path) }
            return Response(status: .ok, body: .init(byteBuffer: .init(string: #"{"status":"healthy"}"#)))
        } while: { url in
            try await Watcher(stopAfter: 3).run(url: url)
        }
        #expect(steps.map(\.codes) == [[], [], []])
        #expect(steps.map(\.wait) == [.seconds(30), .seconds(30), .seconds(30)])
        #expect(paths.withLock { $0 } == Array(repeating: "/api/core/health/", count: 3))
    }

    @Test("warns while nobody answers and waits longer from failure to failure, never above the ceiling")
    func unreachable() async throws {
        let url = try await LoopbackCentral.deserted()
        let steps = try await Watcher(stopAfter: 6).run(url: url)
        #expect(steps.count == 6)
        for (index, step) in steps.enumerated() {
            #expect(step.codes == ["sync.central.unreachable"])
            #expect(step.severities == [.warning])
            #expect(step.wait <= Watcher.backoff.ceiling(afterFailures: index + 1))
        }
    }

    @Test("the warning ends when central is back, and the waits start small again")
    func recovers() async throws {
        let answers: [HTTPResponse.Status] = [.serviceUnavailable, .badGateway, .ok, .serviceUnavailable]
        let steps = try await LoopbackCentral.serve { number, _ in
            Response(status: answers[number])
        } while: { url in
            try await Watcher(stopAfter: 4).run(url: url)
        }
        #expect(steps.map(\.codes.isEmpty) == [false, false, true, false])
        #expect(steps[0].titles == ["The central server answers with HTTP status 503."])
        #expect(steps[1].titles == ["The central server answers with HTTP status 502."])
        #expect(steps[3].wait <= Watcher.backoff.ceiling(afterFailures: 1))
    }

    @Test("waits at least as long as central asks for")
    func retryAfter() async throws {
        let steps = try await LoopbackCentral.serve { _, _ in
            Response(status: .serviceUnavailable, headers: [.retryAfter: "77"])
        } while: { url in
            try await Watcher(stopAfter: 2).run(url: url)
        }
        #expect(steps.map(\.wait) == [.seconds(77), .seconds(77)])
    }

    @Test("a redirect is not followed: central is the host that was configured")
    func redirect() async throws {
        let paths = Mutex<[String]>([])
        let steps = try await LoopbackCentral.serve { _, path in
            paths.withLock { $0.append(path) }
            return Response(status: .found, headers: [.location: "/elsewhere"])
        } while: { url in
            try await Watcher(stopAfter: 1).run(url: url)
        }
        #expect(steps.first?.titles == ["The central server answers with HTTP status 302."])
        #expect(paths.withLock { $0 } == ["/api/core/health/"])
    }

    @Test("a central that takes the question and never answers is given up at the deadline")
    func silent() async throws {
        let steps = try await LoopbackCentral.serve { _, _ in
            await untilCancelled()
            return Response(status: .ok)
        } while: { url in
            try await Watcher(stopAfter: 1).run(url: url, deadline: .milliseconds(200))
        }
        #expect(steps.first?.codes == ["sync.central.unreachable"])
    }

    @Test("an answer without end is not read without end")
    func endlessBody() async throws {
        let steps = try await LoopbackCentral.serve { _, _ in
            let block = ByteBuffer(repeating: 0x20, count: 8192)
            return Response(status: .ok, body: ResponseBody { writer in while true { try await writer.write(block) } })
        } while: { url in
            try await Watcher(stopAfter: 1).run(url: url)
        }
        #expect(steps.first?.codes == ["sync.central.unreachable"])
    }

    @Test("ends when cancelled and takes its warning along")
    func cancelled() async throws {
        let url = try await LoopbackCentral.deserted()
        let board = HealthBoard()
        let (raised, signal) = AsyncStream<Bool>.makeStream()
        let probe = CentralProbe(
            url: url, health: board, log: Watcher.log, backoff: Watcher.backoff, interval: .seconds(1),
            deadline: .seconds(5)
        ) { _ in
            signal.yield(!board.current.isEmpty)
            await untilCancelled()
        }
        let running = Task { try await probe.run() }
        for await isRaised in raised {
            #expect(isRaised)
            break
        }
        running.cancel()
        try await running.value
        #expect(board.current.isEmpty)
    }

    @Test(
        "a URL that cannot be asked is a configuration error",
        arguments: ["", "central", "ftp://central.example", "https://", "file:///etc/passwd", "http://c.example/?a=1"])
    func wrongURL(url: String) async throws {
        let probe = CentralProbe(url: url, health: HealthBoard(), log: Watcher.log, backoff: Watcher.backoff)
        let error = await #expect(throws: EdgeError.self) { try await probe.run() }
        #expect(error?.code == .configurationInvalid)
    }

    @Test(
        "the question goes below the configured URL, whatever it ends with",
        arguments: [
            ("https://central.example", "https://central.example/api/core/health/"),
            ("https://central.example:8443/", "https://central.example:8443/api/core/health/"),
            ("HTTP://central.example/site//", "HTTP://central.example/site/api/core/health/"),
        ])
    func healthURL(url: String, expected: String) async throws {
        let probe = CentralProbe(url: url, health: HealthBoard(), log: Watcher.log, backoff: Watcher.backoff)
        #expect(try await probe.healthURL() == expected)
    }
}

/// Runs a probe and notes what stands on the board at each of its waits, instead of waiting.
private struct Watcher {
    struct Step: Sendable {
        let wait: Duration
        let conditions: [HealthCondition]
        var codes: [String] { conditions.map(\.code) }
        var titles: [String] { conditions.map(\.title) }
        var severities: [HealthCondition.Severity] { conditions.map(\.severity) }
    }

    static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static let backoff = Backoff(initial: .seconds(1), maximum: .seconds(60))

    let stopAfter: Int

    func run(url: String, deadline: Duration = .seconds(300)) async throws -> [Step] {
        let board = HealthBoard()
        let steps = Mutex<[Step]>([])
        let stopAfter = stopAfter
        let probe = CentralProbe(
            url: url, health: board, log: Self.log, backoff: Self.backoff, interval: .seconds(30), deadline: deadline
        ) { wait in
            let count = steps.withLock { steps in
                steps.append(Step(wait: wait, conditions: board.current))
                return steps.count
            }
            if count == stopAfter { throw CancellationError() }
        }
        try await probe.run()
        return steps.withLock { $0 }
    }
}
