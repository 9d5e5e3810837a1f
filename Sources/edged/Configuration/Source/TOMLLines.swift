/// Finds the line of each key in TOML text that is known to be good; the library that parses it does not tell.
///
/// Keys of inline tables and of lists have the place of the key before the `=`.
struct TOMLLines {
    private let file: String
    private var places = ConfigPlaces()
    /// The path of the table under way, with the index of each list of tables.
    private var table = ""
    /// How many tables of each list there are so far.
    private var counts: [String: Int] = [:]

    static func places(of text: String, file: String) -> ConfigPlaces {
        var lines = TOMLLines(file: file)
        var rest = ValueEnd()
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if rest.isOpen {
                rest.read(line)
                continue
            }
            lines.read(line, number: index + 1, &rest)
        }
        return lines.places
    }

    private init(file: String) { self.file = file }

    private mutating func read(_ line: Substring, number: Int, _ rest: inout ValueEnd) {
        let line = line.drop { $0 == " " || $0 == "\t" }
        let place = ConfigPlace(file: file, line: number)
        if line.hasPrefix("[[") {
            let path = resolved(Self.keyPath(line.dropFirst(2)).parts)
            let index = counts[path] ?? 0
            counts[path] = index + 1
            table = "\(path)[\(index)]"
            if index == 0 { places[path] = place }
            places[table] = place
        } else if line.hasPrefix("[") {
            table = resolved(Self.keyPath(line.dropFirst()).parts)
            places[table] = place
        } else if let first = line.first, first != "#", first != "\r" {
            let key = Self.keyPath(line)
            let path = ([table] + key.parts).filter { !$0.isEmpty }.joined(separator: ".")
            places[path] = place
            rest.read(key.rest)
        }
    }

    /// A header's path, where each list of tables stands for its last one.
    private func resolved(_ parts: [String]) -> String {
        var path = ""
        for (index, part) in parts.enumerated() {
            path += path.isEmpty ? part : ".\(part)"
            if index < parts.count - 1, let count = counts[path] { path += "[\(count - 1)]" }
        }
        return path
    }

    /// The parts of a dotted key, quoted ones without their quotes, and what follows its end.
    private static func keyPath(_ text: Substring) -> (parts: [String], rest: Substring) {
        var parts: [String] = []
        var part = ""
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil } else { part.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "." {
                parts.append(part)
                part = ""
            } else if character == "=" || character == "]" {
                return (parts + [part], text[text.index(after: index)...])
            } else if !character.isWhitespace {
                part.append(character)
            }
        }
        return (parts + [part], "")
    }
}

/// Whether a value goes on in the next line: within brackets, or within text of several lines.
private struct ValueEnd {
    private var depth = 0
    private var quote: String?

    var isOpen: Bool { depth > 0 || quote != nil }

    mutating func read(_ line: Substring) {
        var rest = line
        while let character = rest.first {
            if let open = quote {
                if rest.hasPrefix(open) {
                    rest = rest.dropFirst(open.count)
                    quote = nil
                } else {
                    // Only in text between double quotes a backslash is more than itself.
                    rest = rest.dropFirst(character == "\\" && open.hasPrefix("\"") ? 2 : 1)
                }
                continue
            }
            if character == "#" { break }
            if let open = ["\"\"\"", "'''", "\"", "'"].first(where: rest.hasPrefix) {
                quote = open
                rest = rest.dropFirst(open.count)
                continue
            }
            if character == "[" || character == "{" { depth += 1 }
            if character == "]" || character == "}" { depth -= 1 }
            rest = rest.dropFirst()
        }
        // Text of one line ends with it.
        if quote?.count == 1 { quote = nil }
    }
}
