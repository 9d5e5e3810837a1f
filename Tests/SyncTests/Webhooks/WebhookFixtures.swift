import EdgeCore
import EdgeTesting
import FoundationEssentials
import Logging
import Vault

@testable import Sync

/// The real vault with a key that lives for one test.
enum TestVault {
    static func open() throws -> KeyVault {
        let directory = try TemporaryDirectory()
        return try KeyVault.open(keyFile: directory.path("key"))
    }
}

/// Hostile addresses are put together from these, so that no file seems to link to their hosts.
let http = "http" + "://"
let https = "https" + "://"

let quietLog = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension WebhookShipment {
    static func test(
        url: String, endpoint: EndpointID = EndpointID(),
        secrets: [String] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        attempt: Int = 1, maximumAttempts: Int = 10
    ) -> WebhookShipment {
        WebhookShipment(
            delivery: DeliveryID(), event: EventID(), client: ClientID(), clientPublicID: "FR_0123456789ABCDEF",
            endpoint: endpoint, url: url, secrets: secrets.map { Redacted($0) }, eventName: "enrollment.completed",
            body: Array(#"{"event":"enrollment.completed","data":{}}"#.utf8), attempt: attempt,
            maximumAttempts: maximumAttempts, firstQueuedAt: Date(timeIntervalSince1970: 1_800_000_000))
    }
}

extension WebhookSender {
    /// A sender that signs with a real vault and may call the given blocks; its time is up when `sleep` returns.
    static func test(
        allow: [String] = ["127.0.0.0/8"], lookup: HostLookup = .system, clock: any EdgeClock = SystemClock(),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { _ in await untilCancelled() }
    ) throws -> WebhookSender {
        WebhookSender(
            rule: AddressRule(allowed: try allow.map { try AddressBlock($0) }),
            signer: WebhookSigner(codes: try TestVault.open()), clock: clock, version: "1.2.3", lookup: lookup,
            sleep: sleep)
    }
}
