public import EdgeCore
import FoundationEssentials
public import Logging
import SyncCore

/// Delivers webhooks to receivers on the LAN.
///
/// One attempt at a time for each endpoint, eight in all. A delivery whose attempt is cut short by a stop is left due.
public actor WebhookDispatcher {
    /// Attempts going on at the same time, to different endpoints.
    static let mostAtOnce = 8
    /// Deliveries taken from the outbox and not yet recorded, going on ones included; their bodies are in memory.
    static let mostTaken = 64
    /// The outbox is asked at least this often, should the wall clock jump or a wake-up get lost.
    private static let longestPause = Duration.seconds(60)
    /// An outbox that says that something is due, and gives nothing, is not asked at once again.
    private static let shortestPause = Duration.seconds(1)

    private let outbox: any WebhookOutbox
    private let sender: WebhookSender
    private let decision: DeliveryDecision
    private let health: HealthBoard
    private let clock: any EdgeClock
    private let log: Logger
    private let backoff = Backoff(initial: .seconds(1), maximum: .seconds(60))
    private let sleep: @Sendable (Duration) async throws -> Void
    private let bell = Bell()

    /// Taken and waiting for their endpoint, longest due first.
    private var held: [WebhookShipment] = []
    private var busy: Set<EndpointID> = []
    private var failures = EndpointFailures()
    private var storeFailures = 0

    /// Creates a dispatcher that calls addresses in the blocks `allow` only; `version` is the program's.
    public init(
        outbox: any WebhookOutbox, codes: any MessageAuthenticator, allow: [AddressBlock],
        trust: ReceiverTrust = .system, health: HealthBoard, clock: any EdgeClock, log: Logger, version: String
    ) {
        self.init(
            outbox: outbox,
            sender: WebhookSender(
                rule: AddressRule(allowed: allow, ownAddresses: HostLookup.ownAddresses),
                signer: WebhookSigner(codes: codes), clock: clock, version: version, trust: trust),
            health: health, clock: clock, log: log)
    }

    /// Creates a dispatcher around a sender; tests give it a `sleep` that they end themselves.
    init(
        outbox: any WebhookOutbox, sender: WebhookSender, decision: DeliveryDecision = DeliveryDecision(),
        health: HealthBoard, clock: any EdgeClock, log: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.outbox = outbox
        self.sender = sender
        self.decision = decision
        self.health = health
        self.clock = clock
        self.log = log
        self.sleep = sleep
    }

    /// Delivers until cancelled, then returns; once for each dispatcher.
    public func run() async {
        let bell = bell
        let wakeUps = outbox.wakeUps
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in wakeUps { bell.ring() } }
            while !Task.isCancelled {
                let pause = await take()
                for shipment in startable() { group.addTask { await self.deliver(shipment) } }
                await bell.wait(orUntil: { [sleep] in try await sleep(pause) })
            }
            group.cancelAll()
        }
    }

    /// Takes what is due, as far as there is room, and gives the time until there is more to take.
    private func take() async -> Duration {
        for endpoint in failures.forgetQuiet(at: clock.instant) { clearFailing(endpoint) }
        let room = Self.mostTaken - held.count - busy.count
        // The end of an attempt makes room and rings.
        guard room > 0 else { return Self.longestPause }
        do throws(EdgeError) {
            let due = try await outbox.takeDue(at: clock.wall, limit: room)
            held += due
            let next = due.count < room ? try await outbox.nextDue() : nil
            if storeFailures > 0 { log.notice("webhook deliveries can be read again") }
            storeFailures = 0
            guard let next else { return Self.longestPause }
            let wait = Duration.seconds(next.timeIntervalSince(clock.wall))
            return min(max(wait, Self.shortestPause), Self.longestPause)
        } catch {
            return pauseAfter(error)
        }
    }

    private func pauseAfter(_ error: EdgeError) -> Duration {
        storeFailures += 1
        // Only the first failure in a row is logged; the store has a condition of its own.
        if storeFailures == 1 { log.error("webhook deliveries cannot be read", metadata: ["error": "\(error)"]) }
        return wait(afterFailures: storeFailures)
    }

    private func wait(afterFailures failures: Int) -> Duration {
        var random = SystemRandomNumberGenerator()
        return max(backoff.wait(afterFailures: failures, using: &random), .milliseconds(100))
    }

    /// Chooses the deliveries to begin now and notes their endpoints as busy.
    private func startable() -> [WebhookShipment] {
        var chosen: [WebhookShipment] = []
        held.removeAll { shipment in
            guard busy.count < Self.mostAtOnce, busy.insert(shipment.endpoint).inserted else { return false }
            chosen.append(shipment)
            return true
        }
        return chosen
    }

    private func deliver(_ shipment: WebhookShipment) async {
        defer {
            busy.remove(shipment.endpoint)
            bell.ring()
        }
        // Cancelled: the outbox hands it out again after the restart.
        guard let outcome = try? await sender.send(shipment) else { return }
        var random = SystemRandomNumberGenerator()
        let result = decision.result(of: outcome, for: shipment, using: &random)
        note(result, of: shipment)
        await record(result, of: shipment, at: clock.wall)
        if result.verdict == .gone { await giveUpHeld(of: shipment.endpoint) }
    }

    /// What was taken for an endpoint that wants no more is not sent, and the outbox is told so.
    private func giveUpHeld(of endpoint: EndpointID) async {
        let unwanted = held.filter { $0.endpoint == endpoint }
        held.removeAll { $0.endpoint == endpoint }
        for shipment in unwanted {
            let result = DeliveryResult(
                verdict: .dead, errorCode: "ENDPOINT_DISABLED",
                errorMessage: "The endpoint answered 410 Gone to another delivery.")
            await record(result, of: shipment, at: clock.wall)
        }
    }

    /// Records until the store takes it: an attempt that nobody knows of would be made again.
    private func record(_ result: DeliveryResult, of shipment: WebhookShipment, at now: Date) async {
        var failures = 0
        while true {
            do throws(EdgeError) {
                return try await outbox.record(result, of: shipment.delivery, at: now)
            } catch {
                failures += 1
                if failures == 1 {
                    log.error("a webhook delivery cannot be recorded", metadata: ["error": "\(error)"])
                }
            }
            do { try await sleep(wait(afterFailures: failures)) } catch { return }
        }
    }
}

extension WebhookDispatcher {
    /// Says on the health board and in the log what an operator should know of a result.
    private func note(_ result: DeliveryResult, of shipment: WebhookShipment) {
        let endpoint = shipment.endpoint
        var facts: Logger.Metadata = ["endpoint": "\(endpoint)", "delivery": "\(shipment.delivery)"]
        facts["status"] = result.statusCode.map { "\($0)" }
        facts["error"] = result.errorCode.map { "\($0)" }
        switch result.verdict {
        case .delivered:
            failures.forget(endpoint)
            clearFailing(endpoint)
        case .gone:
            log.notice("a webhook endpoint wants no more deliveries and is switched off", metadata: facts)
            failures.forget(endpoint)
            clearFailing(endpoint)
        case .retry:
            noteFailure(result, of: shipment)
        case .dead:
            log.warning("a webhook delivery is given up", metadata: facts)
            noteFailure(result, of: shipment)
        }
    }

    private func noteFailure(_ result: DeliveryResult, of shipment: WebhookShipment) {
        guard failures.isFailing(shipment.endpoint, afterFailureAt: clock.instant) else { return }
        let what = result.errorMessage ?? "The receiver does not take deliveries."
        health.raise(
            "webhook.endpoint.failing", subject: shipment.endpoint.description,
            title: "A webhook endpoint of \(shipment.clientPublicID) fails again and again: \(what)",
            severity: .warning,
            remedy: "Look at the endpoint's deliveries; mend the receiver, its address or webhooks.allow.")
    }

    private func clearFailing(_ endpoint: EndpointID) {
        health.clear("webhook.endpoint.failing", subject: endpoint.description)
    }
}
