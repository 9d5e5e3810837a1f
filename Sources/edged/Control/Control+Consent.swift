import EdgeCore
import FoundationEssentials

extension Control {
    /// What a person agreed to before they are enrolled.
    struct Consent: Codable {
        var textVersion: String
        var textSha256: String?
        var givenBy: String?
        var givenAt: Date?
        var method: String?

        init(_ record: ConsentRecord) {
            textVersion = record.textVersion
            textSha256 = record.textSHA256
            givenBy = record.givenBy
            givenAt = record.givenAt
            method = record.method
        }

        var record: ConsentRecord {
            ConsentRecord(
                textVersion: textVersion, textSHA256: textSha256, givenBy: givenBy, givenAt: givenAt, method: method)
        }
    }
}
