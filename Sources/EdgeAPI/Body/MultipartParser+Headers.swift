import EdgeCore

extension MultipartParser {
    /// The boundary of a `multipart/form-data` content type; `nil` when there is none that RFC 2046 allows.
    static func boundary(of contentType: String) -> String? {
        guard let boundary = parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }), boundary.last != " "
        else { return nil }
        return boundary
    }

    /// A parameter of a header value, for example `name` in `form-data; name="image"`.
    static func parameter(_ wanted: String, of value: String) -> String? {
        var rest = value.utf8[...]
        guard let semicolon = rest.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        rest = rest[semicolon...]
        while !rest.isEmpty {
            rest = rest.drop { $0 == UInt8(ascii: ";") || $0 == 0x20 || $0 == 0x09 }
            let name = rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
            rest = rest[name.endIndex...]
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst()
            let text = rest.first == UInt8(ascii: "\"") ? quoted(&rest) : plain(&rest)
            if trimmed(name).lowercased() == wanted { return text }
        }
        return nil
    }

    /// Header fields by name in lower case; the first of two wins.
    static func parseHeaders(_ block: ArraySlice<UInt8>) throws(EdgeError) -> [String: String] {
        var headers: [String: String] = [:]
        for line in block.split(whereSeparator: { $0 == 0x0D || $0 == 0x0A }) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                throw EdgeError(.requestMalformed, "A multipart part has a broken header.")
            }
            guard String(validating: line, as: UTF8.self) != nil else {
                throw EdgeError(.requestMalformed, "A multipart part has a header that is not UTF-8.")
            }
            let name = trimmed(line[..<colon]).lowercased()
            if headers[name] == nil { headers[name] = trimmed(line[(colon + 1)...]) }
        }
        return headers
    }

    private static func plain(_ rest: inout Substring.UTF8View) -> String {
        let text = rest.prefix { $0 != UInt8(ascii: ";") }
        rest = rest[text.endIndex...]
        return trimmed(text)
    }

    private static func quoted(_ rest: inout Substring.UTF8View) -> String {
        rest = rest.dropFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            // Only a quotation mark or a backslash is escaped: browsers send file names with plain backslashes.
            if byte == UInt8(ascii: "\\"), let next = rest.first,
                next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\")
            {
                text.append(next)
                rest = rest.dropFirst()
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        var text = Array(bytes.drop(while: isBlank))
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }
}
