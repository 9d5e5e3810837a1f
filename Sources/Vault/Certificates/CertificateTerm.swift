import EdgeCore
public import FoundationEssentials

/// How long certificates hold.
public enum CertificateTerm {
    /// Until when the first of a PEM text's certificates holds that ends; `nil` where one cannot be read, or there are none.
    public static func end(ofPEM text: String) -> Date? {
        var ends: [Date] = []
        let mark = "-----BEGIN CERTIFICATE-----"
        // What stands before the first of them is nobody's business.
        for part in text.split(separator: mark, omittingEmptySubsequences: false).dropFirst() {
            // What cannot be read has no end that could be told.
            guard let certificate = try? Certificate(pem: Array((mark + part).utf8)), let end = certificate.end else {
                return nil
            }
            ends.append(end)
        }
        return ends.min()
    }

    /// Until when a certificate in DER holds; `nil` for one that cannot be read.
    public static func end(ofDER der: [UInt8]) -> Date? {
        // As above.
        guard let certificate = try? Certificate(der: der) else { return nil }
        return certificate.end
    }
}
