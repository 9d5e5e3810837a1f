import EdgeCore
import EdgeTesting
import Foundation
import Testing

/// Everything that Swift offers to turn a value into text.
private func everyText(of value: some Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    var dumpedInside = ""
    dump(["key": [value]], to: &dumpedInside)
    return [
        "\(value)", String(describing: value), String(reflecting: value), "\([value])", "\(Optional(value) as Any)",
        dumped, dumpedInside,
        Mirror(reflecting: value).children.map { "\($0.label ?? "") \($0.value)" }.joined(),
    ]
}

@Suite("Secrecy")
struct SecrecyTests {
    private let canary = "canary-7Qx"

    @Test("a redacted value shows nothing, however it is printed")
    func redacted() {
        for text in everyText(of: Redacted(canary)) { #expect(!text.contains(canary), "\(text)") }
        #expect(Redacted(canary).reveal() == canary)
        #expect("\(Redacted(canary))" == "<redacted>")
    }

    @Test("a session token shows nothing, however it is printed")
    func sessionToken() {
        for text in everyText(of: SessionToken(rawValue: canary)) { #expect(!text.contains(canary), "\(text)") }
        #expect("\(SessionToken(rawValue: canary))" == "<redacted>")
    }

    @Test("a template shows which net made it and none of its numbers")
    func template() {
        let template = FaceTemplate(model: ModelVersion(id: "sface", version: "1"), values: [0.98765, 0.12345])
        for text in everyText(of: template) {
            #expect(!text.contains("98765") && !text.contains("12345"), "\(text)")
        }
        #expect("\(template)" == "<template sface>")
    }

    @Test("a whole session, gallery record or set of credentials hides the secrets inside it")
    func secretsInsideOtherValues() {
        let now = Date(timeIntervalSince1970: 0)
        let client = ClientID()
        let request = SessionRequest(client: client, kind: .verification, externalUserID: "u")
        let session = SessionSnapshot(
            id: SessionID(), token: SessionToken(rawValue: canary), request: request, targetFrames: 3, createdAt: now,
            expiresAt: now)
        let credentials = ClientCredentials(
            client: ClientRecord(id: client, publicID: "FR_0", name: "n", isActive: true, createdAt: now),
            apiKey: Redacted(canary), apiSecret: Redacted(canary), webhookSecret: Redacted("whsec_x"))
        let record = GalleryRecord(
            client: client, person: MatchedPerson(id: PersonID(), externalID: "u"),
            templates: [FaceTemplate(model: ModelVersion(id: "sface", version: "1"), values: [0.98765])])

        for text in everyText(of: session) + everyText(of: credentials) + everyText(of: record) {
            #expect(!text.contains(canary) && !text.contains("98765"), "\(text)")
        }
    }
}
