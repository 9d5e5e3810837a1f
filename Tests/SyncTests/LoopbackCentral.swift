import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A real HTTP server on a free loopback port that answers the health question as a test says.
enum LoopbackCentral {
    /// Serves while `body` runs; `answer` gets the number of the question, from 0, and its path.
    static func serve<Outcome: Sendable>(
        _ answer: @escaping @Sendable (Int, String) async throws -> Response,
        while body: @Sendable (_ url: String) async throws -> Outcome
    ) async throws -> Outcome {
        let questions = Mutex(0)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.get("**") { request, _ in
            let number = questions.withLock { count in
                defer { count += 1 }
                return count
            }
            return try await answer(number, request.uri.path)
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup { group in
            group.addTask {
                try await application.run()
                return Outcome?.none
            }
            for await port in ports {
                let outcome = try await body("http://127.0.0.1:\(port)")
                group.cancelAll()
                return outcome
            }
            throw NoServer()
        }
    }

    /// A loopback URL where nobody listens: the port was free a moment ago.
    static func deserted() async throws -> String {
        try await serve({ _, _ in Response(status: .ok) }, while: { $0 })
    }

    struct NoServer: Error {}
}

/// Waits for nothing until the task is cancelled.
func untilCancelled() async {
    let (never, silence) = AsyncStream<Never>.makeStream()
    for await _ in never {}
    silence.finish()
}
