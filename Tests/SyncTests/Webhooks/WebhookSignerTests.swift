import EdgeCore
import EdgeTesting
import Testing
import Vault

@testable import Sync

@Suite("Webhook signatures")
struct WebhookSignerTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let body = Array(#"{"test": 2432232314}"#.utf8)

    @Test("the signature of Standard Webhooks' published example comes out")
    func published() throws {
        let signature = try WebhookSigner(codes: try TestVault.open()).standard(
            [Redacted(Self.secret)], id: "msg_p5jXN8AQM9LWM0D4loKWxJek", time: "1614265330", body: Self.body)
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("the reference's signature has the text of the secret as its key")
    func reference() throws {
        // hmac.new(b"whsec_MfKQ…", b'1614265330.{"test": 2432232314}', sha256).hexdigest() in Python.
        let signature = try WebhookSigner(codes: try TestVault.open()).reference(
            Redacted(Self.secret), time: "1614265330", body: Self.body)
        #expect(signature == "t=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964")
    }

    @Test(
        "the key is what the base64 says, in either alphabet and without padding too; other secrets are their own key",
        arguments: [
            ("whsec_AQID", [1, 2, 3]), ("whsec_+/8=", [0xfb, 0xff]), ("whsec_-_8=", [0xfb, 0xff]),
            ("whsec_-_8", [0xfb, 0xff]), ("whsec_", Array("whsec_".utf8)),
            ("whsec_no base64", Array("whsec_no base64".utf8)),
            ("AQID", Array("AQID".utf8)), ("s3cret", Array("s3cret".utf8)),
        ] as [(String, [UInt8])])
    func keys(secret: String, key: [UInt8]) {
        #expect(WebhookSigner.key(of: Redacted(secret)).reveal() == key)
    }

    @Test("in rotation each secret signs, the current one first, and the reference's header has the current one's")
    func rotation() throws {
        let signer = WebhookSigner(codes: try TestVault.open())
        let shipment = WebhookShipment.test(url: "\(http)192.168.1.7/", secrets: ["whsec_AQID", Self.secret])
        let headers = Dictionary(uniqueKeysWithValues: try signer.headers(for: shipment, timestamp: 7))
        let each = try shipment.secrets.map {
            try signer.standard([$0], id: shipment.event.description, time: "7", body: shipment.body)
        }
        #expect(headers["webhook-signature"] == each.joined(separator: " "))
        #expect(Set(each).count == 2)
        #expect(
            headers["X-FR-Signature"]
                == (try signer.reference(Redacted("whsec_AQID"), time: "7", body: shipment.body)))
    }

    @Test("a delivery without a secret is not sent unsigned")
    func noSecret() throws {
        let signer = WebhookSigner(codes: try TestVault.open())
        let error = #expect(throws: EdgeError.self) {
            try signer.headers(for: .test(url: "\(http)192.168.1.7/", secrets: []), timestamp: 7)
        }
        #expect(error?.code == .internalFault)
    }

    @Test("the vault makes no code without a key")
    func emptyKey() throws {
        let vault = try TestVault.open()
        let error = #expect(throws: EdgeError.self) { try vault.hmacSHA256(key: Redacted([]), message: [1]) }
        #expect(error?.code == .internalFault)
        #expect(try vault.hmacSHA256(key: Redacted([1]), message: []).count == 32)
    }
}
