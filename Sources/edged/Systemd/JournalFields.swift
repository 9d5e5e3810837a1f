import EdgeCore
import Logging
import Vault

/// The fields of a record in the journal.
enum JournalFields {
    /// Metadata that has a field of its own, so that `journalctl CAMERA=front` finds it; others begin with `EDGED_`.
    private static let known: Set<String> = ["code", "camera", "session", "client", "person", "lane", "device"]

    /// As `NAME=value`; a record with a code has the message number that the catalogue explains it under.
    static func of(
        _ message: String, level: Logger.Level, label: String, _ metadata: Logger.Metadata
    ) -> [String] {
        var fields = [
            "PRIORITY=\(priority(level))", "MESSAGE=\(message)", "SYSLOG_IDENTIFIER=edged", "LOGGER=\(label)",
        ]
        for (key, value) in metadata {
            let name = key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
            fields.append("\(known.contains(key) ? "" : "EDGED_")\(String(name))=\(value)")
        }
        if let code = metadata["code"], let id = messageID(of: "\(code)") { fields.append("MESSAGE_ID=\(id)") }
        return fields
    }

    /// A number for each code: the first half of SHA-256 over `edged message CODE`, so that the catalogue needs no list.
    ///
    /// `nil` where it cannot be made.
    static func messageID(of code: String) -> String? {
        let digest = try? PublicProofChecker().sha256(Array("edged message \(code)".utf8))
        return digest.map { AuditTail.digits(Array($0.prefix(16))) }
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
