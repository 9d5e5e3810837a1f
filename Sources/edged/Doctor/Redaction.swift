import Foundation

/// Takes out of a text what nobody else is to read: tokens, keys and passwords.
struct Redaction: Sendable {
    /// What stands in the place of what was taken out.
    static let mark = "[removed]"

    // Numbers of people and sessions stay: they name nobody elsewhere and are the only thread to follow. What opens something
    // goes.
    private static let patterns: [String] = [
        // Tokens of sessions and clients, and anything that is signed as they are.
        #"\b(?:frapi|sess|whsec|join)_[A-Za-z0-9_\-+/]{8,}={0,2}"#,
        #"\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"#,
        #"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}"#,
        // Named secrets, in TOML, JSON and environment variables.
        #"(?i)(?<=password|passwd|secret|token|api_key|apikey|credential|pin-value|pin-source)(["']?\s*[=:]\s*)("(?:\\.|[^"\\])*"|'[^']*'|\S+)"#,
        // PEM of private keys.
        #"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----"#,
        // User and password in an address.
        #"(?<=://)[^/\s:@]+:[^/\s]+(?=@)"#,
        // Long runs of base64 or hexadecimal digits: keys, templates. Thirty-two bytes in base64 end with one padding.
        #"\b[A-Fa-f0-9]{64,}\b"#,
        #"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])"#,
        #"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+_\-]{43}(?![A-Za-z0-9+/_\-])"#,
        #"[A-Za-z0-9+_\-]{80,}"#,
        #"(?:[A-Za-z0-9+/]{76}\s*){2,}"#,
    ]

    private let expressions: [NSRegularExpression]

    init() { expressions = Self.patterns.compactMap { try? NSRegularExpression(pattern: $0) } }

    /// The text without what matches.
    func text(_ text: String) -> String {
        expressions.reduce(text) { text, expression in
            let range = NSRange(text.startIndex..., in: text)
            return expression.stringByReplacingMatches(in: text, range: range, withTemplate: Self.mark)
        }
    }
}
