/// What is kept of an answer's headers: enough to see who answered, and never more than a few kilobytes.
enum ReplyHeaders {
    static let mostHeaders = 40
    static let mostNameBytes = 100
    static let mostValueScalars = 300

    static func kept(_ headers: [(String, String)]) -> [(String, String)] {
        headers
            // Cookies are secrets between the receiver and its own visitors.
            .filter { $0.0.lowercased() != "set-cookie" && $0.0.utf8.count <= mostNameBytes }
            .prefix(mostHeaders)
            .map { ($0.0, ReplyText.cut($0.1, to: mostValueScalars)) }
    }
}

/// What is kept of an answer's body.
enum ReplyText {
    static func kept(_ bytes: [UInt8], characters: Int) -> String {
        // A character of UTF-8 takes four bytes at most, so the rest need not be read as text.
        cut(String(decoding: bytes.prefix(characters * 4), as: UTF8.self), to: characters)
    }

    /// The first Unicode scalars of a text; zeros, which some databases take for its end, become replacement characters.
    static func cut(_ text: String, to scalars: Int) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(scalars) { kept.append(scalar == "\0" ? "\u{fffd}" : scalar) }
        return String(kept)
    }
}
