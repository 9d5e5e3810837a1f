/// Swift or C source text with everything blanked that is not code, so that rules can look for words and braces.
///
/// Comments and the inside of string literals become spaces; line breaks stay, so line numbers are those of the file.
/// It is a scanner, not a parser: right on code that the formatter has been over.
struct CodeText: Sendable {
    /// The blanked text; as many bytes as the source.
    let text: String
    /// The lines of ``text``.
    let lines: [Substring]

    init(_ source: String) {
        var scanner = CodeScanner(source)
        scanner.code(until: nil)
        text = String(decoding: scanner.output, as: UTF8.self)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}

/// Walks through source text once and copies the code, blanks the rest.
private struct CodeScanner {
    private let input: [UInt8]
    private var index = 0
    private(set) var output: [UInt8] = []

    init(_ source: String) {
        input = Array(source.utf8)
        output.reserveCapacity(input.count)
    }

    /// Code up to the end, or up to the parenthesis that closes an interpolation.
    mutating func code(until closing: UInt8?) {
        var depth = 0
        while index < input.count {
            let byte = input[index]
            if closing != nil, byte == UInt8(ascii: ")"), depth == 0 { return }
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if starts("//") {
                while index < input.count, input[index] != UInt8(ascii: "\n") { skip() }
            } else if starts("/*") {
                blockComment()
            } else if let hashes = stringStart() {
                string(hashes: hashes)
            } else if byte == UInt8(ascii: "/"), startsRegex() {
                regex()
            } else {
                copy()
            }
        }
    }

    private func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + offset + count <= input.count else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(input[index + offset..<index + offset + count]) }
    }

    private func hashes(at offset: Int) -> Int {
        input[min(index + offset, input.count)...].prefix { $0 == UInt8(ascii: "#") }.count
    }

    private mutating func copy() {
        output.append(input[index])
        index += 1
    }

    private mutating func skip(_ count: Int = 1) {
        for _ in 0..<count where index < input.count {
            output.append(input[index] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
            index += 1
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            let (opens, closes) = (starts("/*"), starts("*/"))
            if opens { depth += 1 }
            if closes { depth -= 1 }
            skip(opens || closes ? 2 : 1)
        } while depth > 0 && index < input.count
    }

    /// The number of hash marks when a string literal starts here.
    private func stringStart() -> Int? {
        guard input[index] == UInt8(ascii: "#") || input[index] == UInt8(ascii: "\"") else { return nil }
        let count = hashes(at: 0)
        return starts("\"", at: count) ? count : nil
    }

    private mutating func string(hashes count: Int) {
        skip(count)
        let isBlock = starts("\"\"\"")
        skip(isBlock ? 3 : 1)
        while index < input.count {
            let ends = isBlock ? starts("\"\"\"") : starts("\"")
            if ends, hashes(at: isBlock ? 3 : 1) >= count { break }
            let escapes = starts("\\") && hashes(at: 1) >= count
            if escapes, starts("(", at: 1 + count) {
                skip(count + 2)
                code(until: UInt8(ascii: ")"))
                skip()
            } else if escapes {
                skip(count + 2)
            } else if !isBlock, starts("\n") {
                return  // A lone quotation mark, as in a C character or a macro.
            } else {
                skip()
            }
        }
        skip((isBlock ? 3 : 1) + count)
    }

    /// A slash starts a regular expression where an operator could not stand.
    private func startsRegex() -> Bool {
        guard index + 1 < input.count, !" \n\t/*=".utf8.contains(input[index + 1]) else { return false }
        guard let before = output.last(where: { $0 != UInt8(ascii: " ") }) else { return true }
        guard "=(,:[{\n".utf8.contains(before) else { return false }
        let rest = input[index...].dropFirst().prefix { $0 != UInt8(ascii: "\n") }
        return rest.contains(UInt8(ascii: "/"))
    }

    private mutating func regex() {
        skip()
        while index < input.count, !starts("/"), !starts("\n") { skip(starts("\\") ? 2 : 1) }
        skip()
    }
}
