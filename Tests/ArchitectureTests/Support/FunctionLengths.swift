/// A function, initialiser or accessor block with a body.
struct FunctionBody {
    let name: String
    let firstLine: Int
    let lineCount: Int
}

extension CodeText {
    /// Every function with a body, by counting braces from the line that declares it.
    func swiftFunctions() throws -> [FunctionBody] {
        let declaration = try Pattern(
            #"^[ \t]*(?:[@\w()]+[ \t]+)*?(func[ \t]+[^\s(<]+|init[?!]?(?=[(<])|deinit\b|subscript(?=[(<])|var[ \t]+\w+(?=[^=\n]*\{[ \t]*$))"#
        )
        let lines = lines.map { Array($0.utf8) }
        return declaration.matches(in: text).compactMap { match in
            guard let end = Self.end(of: match.line - 1, in: lines) else { return nil }
            return FunctionBody(name: match.groups[1], firstLine: match.line, lineCount: end - match.line + 2)
        }
    }

    /// Every C function: a block at the outermost level that follows a closing parenthesis.
    func cFunctions() -> [FunctionBody] {
        var functions: [FunctionBody] = []
        var depth = 0
        var begin = 0
        var isFunction = false
        var last = UInt8(ascii: " ")
        for (number, line) in lines.enumerated() where !line.hasPrefix("#") {
            for byte in line.utf8 where byte > UInt8(ascii: " ") {
                if byte == UInt8(ascii: "{") {
                    if depth == 0 { (begin, isFunction) = (number, last == UInt8(ascii: ")")) }
                    depth += 1
                } else if byte == UInt8(ascii: "}") {
                    depth -= 1
                    if depth == 0, isFunction {
                        let count = number - begin + 1
                        functions.append(FunctionBody(name: "the block", firstLine: begin + 1, lineCount: count))
                    }
                }
                last = byte
            }
        }
        return functions
    }

    /// The line of the brace that closes the first one at or after `start`; `nil` for a declaration without a body.
    private static func end(of start: Int, in lines: [[UInt8]]) -> Int? {
        var depth = 0
        var parentheses = 0
        for index in start..<lines.count {
            for byte in lines[index] {
                switch byte {
                case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
                case UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "}"):
                    depth -= 1
                    if depth == 0, parentheses <= 0 { return index }
                    if depth < 0 { return nil }
                default: break
                }
            }
            // A requirement of a protocol, or a stored property: the declaration ended and no body began.
            if depth == 0, parentheses <= 0, !goesOn(after: index, in: lines) { return nil }
        }
        return nil
    }

    private static func goesOn(after index: Int, in lines: [[UInt8]]) -> Bool {
        guard index + 1 < lines.count else { return false }
        let next = lines[index + 1].drop { $0 == UInt8(ascii: " ") }
        return [")", "where ", "->", "{"].contains { next.starts(with: Array($0.utf8)) }
    }
}
