import FoundationEssentials

/// A text of a title and named values, one a line: what is signed of an erasure.
struct NoteForm {
    private let title: String
    private let fields: [(name: String, value: String)]

    init(title: String, fields: [(String, String)]) {
        self.title = title
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    /// Reads the text of a note without a look at its signatures; `nil` for one of another title.
    init?(_ note: String, title: String) {
        let lines = note.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.first.map({ String(decoding: $0, as: UTF8.self) }) == title else { return nil }
        var fields: [(String, String)] = []
        for line in lines.dropFirst() {
            guard !line.isEmpty else { break }
            let text = String(decoding: line, as: UTF8.self)
            guard let mark = text.firstRange(of: ": ") else { return nil }
            fields.append((String(text[..<mark.lowerBound]), String(text[mark.upperBound...])))
        }
        self.init(title: title, fields: fields)
    }

    /// The text that is signed.
    var text: String { "\(title)\n" + fields.map { "\($0.name): \($0.value)\n" }.joined() }

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    func date(_ name: String) -> Date? { self[name].flatMap { try? Date.ISO8601FormatStyle().parse($0) } }

    func bytes(_ name: String) -> [UInt8]? {
        guard let digits = self[name].map({ Array($0.utf8) }), digits.count.isMultiple(of: 2) else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return bytes.count * 2 == digits.count ? bytes : nil
    }

    /// Whole seconds in UTC: `2026-10-12T12:30:00Z`.
    static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
