import EdgeCore
import Foundation
import Testing

@Suite("The catalogue of webhook events")
struct WebhookEventKindTests {
    @Test("each event has an id of its own, a UUID of version 8, and a name that no alias repeats")
    func identities() {
        let kinds = WebhookEventKind.allCases
        #expect(Set(kinds.map(\.catalogueID)).count == kinds.count)
        for kind in kinds {
            let text = Array(kind.catalogueID.uuidString)
            #expect(text[14] == "8" && "89AB".contains(text[19]))
        }
        let names = kinds.map(\.rawValue) + kinds.flatMap(\.aliases)
        #expect(Set(names).count == names.count)
    }

    @Test("a name, an alias and a star ask for an event; a part of a name does not")
    func names() {
        #expect(WebhookEventKind.authenticationSuccess.isNamed(in: ["x", "recognition.success"]))
        #expect(WebhookEventKind.authenticationSuccess.isNamed(in: ["*"]))
        #expect(WebhookEventKind.userCreated.isNamed(in: ["user.created"]))
        #expect(!WebhookEventKind.userCreated.isNamed(in: ["user", "user.*", "USER.CREATED", ""]))
        #expect(!WebhookEventKind.userCreated.isNamed(in: []))
        #expect(WebhookEventKind(name: "user.authentication.failed") == .authenticationFailed)
        #expect(WebhookEventKind(name: "authentication") == nil)
    }

    @Test("schema and example of an event name the same members", arguments: WebhookEventKind.allCases)
    func payloads(kind: WebhookEventKind) throws {
        let schema = try #require(object(kind.payloadSchema))
        let sample = try #require(object(kind.samplePayload))
        #expect(Set(sample.keys) == Set(try #require(schema["properties"] as? [String: Any]).keys))
        #expect(Set(sample.keys) == Set(try #require(schema["required"] as? [String])))
    }

    @Test(
        "payload text is JSON, whatever stands in it",
        arguments: ["", "plain", "quote \" backslash \\", "\u{0}\u{1}\u{1F}\n\r\t", "ü 👤 \u{2028}", "</script>"])
    func text(text: String) throws {
        let value: PayloadValue = .object([
            PayloadValue.Member("text", .text(text)), PayloadValue.Member("list", [.null, true, 7]),
            PayloadValue.Member("name " + text, .integer(1)),
        ])
        let read = try #require(object(value))
        #expect(read["text"] as? String == text)
        #expect((read["list"] as? [Any])?.count == 3 && read["name " + text] as? Int == 1)
    }

    @Test("a score has four decimals, and what is no number is null")
    func scores() {
        #expect(PayloadValue.score(0.123_456) == .number(0.1235))
        #expect(PayloadValue.score(.nan) == .null && PayloadValue.score(nil) == .null)
        #expect(PayloadValue.number(.infinity).jsonText == "null")
    }

    private func object(_ value: PayloadValue) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(value.jsonText.utf8)) as? [String: Any]
    }
}
