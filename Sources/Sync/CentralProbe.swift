import AsyncHTTPClient
public import EdgeCore
import FoundationEssentials
public import Logging
import NIOCore
import NIOHTTP1
public import SyncCore

/// Looks whether the central server answers, and says so on the health board.
///
/// It asks and reports; the device's own work never waits for it. Pushing and pulling records come with the sync role.
public actor CentralProbe {
    /// What one question came to.
    enum Answer: Equatable {
        /// Central is there.
        case healthy
        /// Central, or something before it, answered that it cannot serve.
        case unhealthy(status: UInt, retryAfter: Duration)
        /// No answer within the deadline.
        case unreachable
    }

    private let url: String
    private let health: HealthBoard
    private let log: Logger
    private let backoff: Backoff
    private let interval: Duration
    private let deadline: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private var failures = 0

    /// Creates a probe for the central server at `url`; `backoff` spaces the questions while it does not answer.
    public init(url: String, health: HealthBoard, log: Logger, backoff: Backoff) {
        self.init(url: url, health: health, log: log, backoff: backoff, interval: .seconds(30), deadline: .seconds(10))
    }

    /// Creates a probe with times of its own; tests give it a `sleep` that they end themselves.
    init(
        url: String, health: HealthBoard, log: Logger, backoff: Backoff, interval: Duration, deadline: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.url = url
        self.health = health
        self.log = log
        self.backoff = backoff
        self.interval = interval
        self.deadline = deadline
        self.sleep = sleep
    }

    /// Asks until cancelled, then returns; the condition it raised ends with it.
    ///
    /// Throws `configuration.invalid` when the URL is not one of `http` or `https` with a host.
    public func run() async throws {
        let question = try healthURL()
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
        do {
            while !Task.isCancelled {
                let answer = await ask(question, with: client)
                guard !Task.isCancelled else { break }
                try await sleep(note(answer))
            }
        } catch is CancellationError {
            // The daemon is stopping; that is the ordinary end.
        }
        health.clear(ErrorCode.centralUnreachable.rawValue)
        try await client.shutdown()
    }

    /// Where to ask: `/api/core/health/` below the configured URL, whatever slashes that ends with.
    func healthURL() throws(EdgeError) -> String {
        guard let parts = URL(string: url), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            ["http", "https"].contains(scheme), !host.isEmpty, parts.query == nil, parts.fragment == nil
        else { throw EdgeError(.configurationInvalid, "The URL of central needs http or https and a host.") }
        var base = url[...]
        while base.hasSuffix("/") { base.removeLast() }
        return base + "/api/core/health/"
    }

    private func ask(_ question: String, with client: HTTPClient) async -> Answer {
        do {
            let response = try await client.execute(
                HTTPClientRequest(url: question), deadline: .now() + .init(deadline))
            // The body is of no use here; a small one is read to its end so that the connection can be used again.
            _ = try await response.body.collect(upTo: 16 * 1024)
            if (200..<300).contains(response.status.code) { return .healthy }
            let seconds = response.headers.first(name: "Retry-After").flatMap(Int.init) ?? 0
            return .unhealthy(status: response.status.code, retryAfter: .seconds(min(max(seconds, 0), 3600)))
        } catch {
            return .unreachable
        }
    }

    /// Puts an answer on the board and gives the wait until the next question.
    func note(_ answer: Answer) -> Duration {
        guard answer != .healthy else {
            if failures > 0 { log.notice("central answers again") }
            failures = 0
            health.clear(ErrorCode.centralUnreachable.rawValue)
            return interval
        }
        failures += 1
        var title = ErrorCode.centralUnreachable.title
        var retryAfter = Duration.zero
        if case .unhealthy(let status, let wanted) = answer {
            title = "The central server answers with HTTP status \(status)."
            retryAfter = wanted
        }
        // Only the first failure in a row is logged: a device may be offline for weeks.
        if failures == 1 { log.warning("central does not answer", metadata: ["detail": "\(title)"]) }
        health.raise(EdgeError(.centralUnreachable, title), severity: .warning)
        var random = SystemRandomNumberGenerator()
        return backoff.wait(afterFailures: failures, retryAfter: retryAfter, using: &random)
    }

    private static var configuration: HTTPClient.Configuration {
        // A redirect is not followed: central is the host that was configured and no other.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // The back-off decides when to try again; the client's own tries would only delay the answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
