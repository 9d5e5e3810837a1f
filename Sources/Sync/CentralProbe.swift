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
        /// No answer within the deadline, with what is in its way.
        case unreachable(WayFault, String)
    }

    private let url: String
    private let options: LinkOptions
    private let pinnedRoots: String?
    private let health: HealthBoard
    private let log: Logger
    private let backoff: Backoff
    private let interval: Duration
    private let deadline: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private var failures = 0

    /// Creates a probe for the central server at `url`; `backoff` spaces the questions while it does not answer.
    ///
    /// `pinnedRoots` are certificates, PEM, that alone are trusted; `nil` for the system's.
    public init(
        url: String, health: HealthBoard, log: Logger, backoff: Backoff, options: LinkOptions = LinkOptions(),
        pinnedRoots: String? = nil
    ) {
        self.init(
            url: url, health: health, log: log, backoff: backoff, options: options, pinnedRoots: pinnedRoots,
            interval: .seconds(30), deadline: .seconds(10))
    }

    /// Creates a probe with times of its own; tests give it a `sleep` that they end themselves.
    init(
        url: String, health: HealthBoard, log: Logger, backoff: Backoff, options: LinkOptions = LinkOptions(),
        pinnedRoots: String? = nil, interval: Duration, deadline: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.url = url
        self.health = health
        self.log = log
        self.backoff = backoff
        self.options = options
        self.pinnedRoots = pinnedRoots
        self.interval = interval
        self.deadline = deadline
        self.sleep = sleep
    }

    /// Asks until cancelled, then returns; the condition it raised ends with it.
    ///
    /// Throws `configuration.invalid` when the URL is not one of `http` or `https` with a host, and for roots that are none.
    public func run() async throws {
        let question = try healthURL()
        let way = try LinkWay(url: url, pinnedRoots: pinnedRoots, options: options)
        let clients = ClientHolder { last async throws(SyncRefusal) in try await way.client(after: last) }
        do {
            while !Task.isCancelled {
                let answer = await ask(question, with: clients)
                guard !Task.isCancelled else { break }
                try await sleep(note(answer))
            }
        } catch is CancellationError {
            // The daemon is stopping; that is the ordinary end.
        }
        clearConditions()
        await clients.close()
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

    private func ask(_ question: String, with clients: ClientHolder) async -> Answer {
        let held: HeldClient
        do throws(SyncRefusal) { held = try await clients.take() } catch {
            guard case .unreachable(let words, let fault) = error else { return .unreachable(.central, "") }
            return .unreachable(fault, words)
        }
        defer { clients.giveBack(held) }
        do {
            let response = try await held.client.execute(
                HTTPClientRequest(url: question), deadline: .now() + .init(deadline))
            // The body is of no use here; a small one is read to its end so that the connection can be used again.
            _ = try await response.body.collect(upTo: 16 * 1024)
            if (200..<300).contains(response.status.code) { return .healthy }
            let seconds = response.headers.first(name: "Retry-After").flatMap(Int.init) ?? 0
            return .unhealthy(status: response.status.code, retryAfter: .seconds(min(max(seconds, 0), 3600)))
        } catch {
            let blame = WayBlame(error, ingredients: held.ingredients)
            if blame.fault == .proxyCredentials { clients.doubt(held) }
            return .unreachable(blame.fault, blame.words)
        }
    }

    private func clearConditions(but fault: WayFault? = nil) {
        for other in WayFault.allCases where other != fault { health.clear(other.code.rawValue) }
    }

    /// Puts an answer on the board and gives the wait until the next question.
    func note(_ answer: Answer) -> Duration {
        guard answer != .healthy else {
            if failures > 0 { log.notice("central answers again") }
            failures = 0
            clearConditions()
            return interval
        }
        failures += 1
        var (title, fault, retryAfter) = ("", WayFault.central, Duration.zero)
        switch answer {
        case .healthy: break
        case .unhealthy(let status, let wanted):
            title = "The central server answers with HTTP status \(status)."
            retryAfter = wanted
        case .unreachable(let cause, let words): (fault, title) = (cause, words)
        }
        // Only the first failure in a row is logged: a device may be offline for weeks.
        if failures == 1 { log.warning("central does not answer", metadata: ["detail": "\(title)"]) }
        clearConditions(but: fault)
        health.raise(EdgeError(fault.code, title), severity: .warning)
        var random = SystemRandomNumberGenerator()
        return backoff.wait(afterFailures: failures, retryAfter: retryAfter, using: &random)
    }
}
