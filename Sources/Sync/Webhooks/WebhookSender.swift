import AsyncHTTPClient
import EdgeCore
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Makes one attempt at a delivery: looks the host up once, vets every address, calls one of those.
///
/// Nothing else is called: no redirect, no proxy, no second look-up behind its back. Over https the certificate must be
/// one of the name in the URL.
struct WebhookSender: Sendable {
    struct Limits: Sendable {
        /// Look-up, connection and answer together.
        var total = Duration.seconds(20)
        /// What is read of an answer; the rest is left.
        var replyBytes = 64 * 1024
        /// What is kept of it.
        var replyCharacters = 1000
    }

    let rule: AddressRule
    let signer: WebhookSigner
    let clock: any EdgeClock
    let version: String
    var trust = ReceiverTrust.system
    var lookup = HostLookup.system
    var limits = Limits()
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Sends `shipment` and tells what it met with; throws `CancellationError` only.
    func send(_ shipment: WebhookShipment) async throws -> DeliveryOutcome {
        let start = clock.instant
        do {
            let target = try WebhookTarget(shipment.url)
            let found = try await within(limits.total) { try await address(for: target, attempt: shipment.attempt) }
            guard let address = found else { return .failed(.timeout) }
            let call = try WebhookCall(target, at: address, trust: trust)
            var request = HTTPClientRequest(url: target.url)
            request.method = .POST
            request.headers = try headers(for: shipment)
            request.body = .bytes(ByteBuffer(bytes: shipment.body))
            return try await post(request, call, remaining: max(limits.total - (clock.instant - start), .zero))
        } catch let refusal as AddressRefusal {
            return .refused(refusal)
        } catch let fault as DeliveryFault {
            return .failed(fault)
        } catch {
            try Task.checkCancellation()
            return .failed(DeliveryFault(error))
        }
    }

    /// The address to call; every address of a name must be one that may be called, not just the one that is taken.
    private func address(for target: WebhookTarget, attempt: Int) async throws -> IPAddress {
        let addresses: [IPAddress]
        switch target.host {
        case .address(let address): addresses = [address]
        case .name(let name): addresses = await lookup.addresses(name, target.port)
        }
        try Task.checkCancellation()
        for address in addresses {
            if let refusal = rule.refusal(of: address) { throw refusal }
        }
        guard !addresses.isEmpty else { throw DeliveryFault.unknownHost }
        // IPv4 first, as most LANs have it; the next attempt tries the next address.
        let ordered = addresses.sorted()
        return ordered[max(attempt - 1, 0) % ordered.count]
    }

    private func headers(for shipment: WebhookShipment) throws(EdgeError) -> HTTPHeaders {
        let time = Int(clock.wall.timeIntervalSince1970.rounded(.down))
        return HTTPHeaders(
            [("Content-Type", "application/json"), ("User-Agent", "edged-webhooks/\(version)")]
                + (try signer.headers(for: shipment, timestamp: time)))
    }

    private func post(
        _ request: HTTPClientRequest, _ call: WebhookCall, remaining: Duration
    ) async throws
        -> DeliveryOutcome
    {
        // A client of its own for each call: it knows one address and keeps no connection.
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: call.configuration)
        let start = clock.instant
        let outcome: Result<DeliveryOutcome, any Error>
        do {
            let response = try await within(remaining) { try await client.execute(request, deadline: .distantFuture) }
            if let response {
                let time = clock.instant - start
                // The status is the answer; a body that trickles or does not end changes nothing about it.
                let body = await firstBytes(of: response.body, within: max(remaining - time, .zero))
                outcome = .success(.answered(answer(response, body: body, time: time)))
            } else {
                outcome = .success(.failed(.timeout))
            }
        } catch {
            outcome = .failure(error)
        }
        // Ends what is still going on with the connection.
        try? await client.shutdown()
        return try outcome.get()
    }

    private func answer(_ response: HTTPClientResponse, body: [UInt8], time: Duration) -> DeliveryAnswer {
        DeliveryAnswer(
            status: Int(response.status.code), headers: ReplyHeaders.kept(response.headers.map { ($0.name, $0.value) }),
            body: ReplyText.kept(body, characters: limits.replyCharacters), time: time,
            retryAfter: response.headers.first(name: "Retry-After").flatMap {
                RetryAfter.wait($0, at: clock.wall)
            })
    }

    private func firstBytes(of body: HTTPClientResponse.Body, within limit: Duration) async -> [UInt8] {
        let most = limits.replyBytes
        return await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                do {
                    for try await part in body {
                        bytes += part.readableBytesView.prefix(most - bytes.count)
                        if bytes.count >= most { break }
                    }
                } catch {
                    // What came before the break is kept.
                }
                return bytes
            }
            group.addTask { [sleep] in
                try? await sleep(limit)
                return nil
            }
            var bytes: [UInt8] = []
            for await part in group {
                if let part { bytes = part }
                group.cancelAll()
            }
            return bytes
        }
    }

    /// What `work` comes to, or `nil` when it took too long and was cancelled.
    private func within<Outcome: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Outcome
    ) async throws -> Outcome? {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await work() }
            group.addTask { [sleep] in
                try await sleep(limit)
                return nil
            }
            defer { group.cancelAll() }
            if let outcome = try await group.next() ?? nil { return outcome }
            // A stop ends the wait as well, and is no time-out.
            try Task.checkCancellation()
            return nil
        }
    }
}

/// How to call one vetted address and no other.
struct WebhookCall {
    let configuration: HTTPClient.Configuration

    /// Throws a refusal when the HTTP client would read another host out of the URL than was vetted.
    init(
        _ target: WebhookTarget, at address: IPAddress, trust: ReceiverTrust = .system
    ) throws(AddressRefusal) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.tlsConfiguration = trust.configuration
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        // The schedule decides when to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        let host = URL(string: target.url)?.host
        switch target.host {
        case .name(let name):
            guard host == name else { throw .hostSpelling }
            configuration.dnsOverride = [name: address.description]
        case .address(let address):
            let read = host.flatMap { IPAddress($0.hasPrefix("[") ? $0.dropFirst().dropLast() : $0[...]) }
            guard read == address else { throw .hostSpelling }
        }
        self.configuration = configuration
    }
}

extension DeliveryFault: Error {
    /// What an error of the HTTP client, of NIO or of ours comes to.
    init(_ error: any Error) {
        switch error {
        case let error as HTTPClientError: self = Self.fault(error)
        case ChannelError.connectTimeout: self = .timeout
        case is IOError, is ChannelError: self = .connection
        default:
            // NIOSSL and NIOPosix are not asked for their types: only the kind of failure is of interest.
            let name = String(reflecting: type(of: error))
            self =
                name.hasPrefix("NIOSSL.")
                ? .tls : name.hasPrefix("NIOPosix.NIOConnectionError") ? .connection : .unknown
        }
    }

    private static func fault(_ error: HTTPClientError) -> DeliveryFault {
        switch error {
        case .deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout: .timeout
        case .tlsHandshakeTimeout: .tls
        case .remoteConnectionClosed, .uncleanShutdown: .connection
        default: .unknown
        }
    }
}
