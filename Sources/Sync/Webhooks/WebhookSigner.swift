import EdgeCore
import FoundationEssentials

/// Signs deliveries, in the way of Standard Webhooks 1.0 and in the reference's.
struct WebhookSigner: Sendable {
    let codes: any MessageAuthenticator

    /// The headers that prove who sent `shipment` and when; `timestamp` is in seconds since 1970.
    ///
    /// Standard Webhooks takes one signature for each secret in rotation; the reference's header has room for the
    /// current one. Throws `internal.fault` when there is no secret.
    func headers(for shipment: WebhookShipment, timestamp: Int) throws(EdgeError) -> [(String, String)] {
        guard let current = shipment.secrets.first else { throw EdgeError(.internalFault, "A webhook has no secret.") }
        let id = shipment.event.description
        let time = String(timestamp)
        return [
            ("webhook-id", id),
            ("webhook-timestamp", time),
            ("webhook-signature", try standard(shipment.secrets, id: id, time: time, body: shipment.body)),
            ("X-FR-Event", shipment.eventName),
            ("X-FR-Timestamp", time),
            ("X-FR-Signature", try reference(current, time: time, body: shipment.body)),
        ]
    }

    /// `v1,` and base64 for each secret, a space between them.
    func standard(
        _ secrets: [Redacted<String>], id: String, time: String, body: [UInt8]
    ) throws(EdgeError) -> String {
        let signed = Array("\(id).\(time).".utf8) + body
        return try secrets.map { secret throws(EdgeError) in
            "v1," + Data(try codes.hmacSHA256(key: Self.key(of: secret), message: signed)).base64EncodedString()
        }.joined(separator: " ")
    }

    /// `t=` and the time, `v1=` and hexadecimal digits; the key is the text of the secret, whatever is written in it.
    func reference(_ secret: Redacted<String>, time: String, body: [UInt8]) throws(EdgeError) -> String {
        let code = try codes.hmacSHA256(
            key: Redacted(Array(secret.reveal().utf8)), message: Array("\(time).".utf8) + body)
        return "t=\(time),v1=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The key that Standard Webhooks signs with: what the base64 after `whsec_` says, in either alphabet.
    ///
    /// A secret that a client chose in another form is its own key.
    static func key(of secret: Redacted<String>) -> Redacted<[UInt8]> {
        let text = secret.reveal()
        let prefix = "whsec_"
        guard text.hasPrefix(prefix), let key = decoded(text.dropFirst(prefix.count)), !key.isEmpty else {
            return Redacted(Array(text.utf8))
        }
        return Redacted(key)
    }

    private static func decoded(_ base64: Substring) -> [UInt8]? {
        var text = String(
            base64.map { character in
                switch character {
                case "-": "+"
                case "_": "/"
                default: character
                }
            })
        while text.hasSuffix("=") { text.removeLast() }
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text).map { Array($0) }
    }
}
