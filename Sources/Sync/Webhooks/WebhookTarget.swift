/// Where a webhook goes, read from a URL so strictly that every program that reads it afterwards reads the same.
///
/// Names and addresses come out in one spelling; nothing is repaired.
struct WebhookTarget: Sendable, Equatable {
    enum Host: Sendable, Equatable {
        /// A name in lower case, to be looked up.
        case name(String)
        /// An address, to be called as it is.
        case address(IPAddress)
    }

    let isEncrypted: Bool
    let host: Host
    let port: Int
    /// Path and query, at least `/`.
    let path: String

    /// Reads a URL of at most 2048 bytes.
    init(_ text: String) throws(AddressRefusal) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy(Self.isPlain) else { throw .notAURL }
        guard let colon = text.firstIndex(of: ":") else { throw .scheme }
        switch text[..<colon].lowercased() {
        case "http": isEncrypted = false
        case "https": isEncrypted = true
        default: throw .scheme
        }
        guard text[colon...].hasPrefix("://") else { throw .notAURL }
        guard !text.contains("#") else { throw .fragment }
        let rest = text[colon...].dropFirst(3)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let (host, port) = try Self.split(rest[..<end])
        self.host = try Self.host(host)
        self.port = try port.map { text throws(AddressRefusal) in try Self.port(text) } ?? (isEncrypted ? 443 : 80)
        let path = rest[end...]
        guard Self.hasWholeEscapes(path) else { throw .notAURL }
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
    }

    /// The URL, put together from what was read.
    var url: String {
        let standard = isEncrypted ? 443 : 80
        return "\(isEncrypted ? "https" : "http")://\(hostText)\(port == standard ? "" : ":\(port)")\(path)"
    }

    private var hostText: String {
        switch host {
        case .name(let name): return name
        case .address(let address):
            switch address.family {
            case .v4: return "\(address)"
            case .v6: return "[\(address)]"
            }
        }
    }

    /// Printable ASCII without the characters that RFC 3986 keeps out of URLs; a backslash is a slash to some.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !#""<>\^`{|}"#.utf8.contains(byte)
    }

    private static func split(_ authority: Substring) throws(AddressRefusal) -> (host: Substring, port: Substring?) {
        guard !authority.contains("@") else { throw .credentials }
        // The colons of an IPv6 address stand in brackets.
        let hostEnd = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.startIndex
        guard let hostEnd else { throw .hostSpelling }
        guard let colon = authority[hostEnd...].firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[colon...].dropFirst())
    }

    private static func port(_ text: Substring) throws(AddressRefusal) -> Int {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(isDigit), !text.hasPrefix("0"),
            let port = Int(text), port <= 65535
        else { throw .port }
        return port
    }

    private static func host(_ text: Substring) throws(AddressRefusal) -> Host {
        guard !text.isEmpty else { throw .emptyHost }
        if text.hasPrefix("[") {
            guard !text.contains("%") else { throw .zone }
            guard text.hasSuffix("]"), let address = IPAddress(text.dropFirst().dropLast()), address.family == .v6
            else { throw .hostSpelling }
            return .address(address)
        }
        if let address = IPAddress(text), address.family == .v4 { return .address(address) }
        return .name(try name(text))
    }

    private static func name(_ text: Substring) throws(AddressRefusal) -> String {
        guard !text.hasSuffix(".") else { throw .trailingDot }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, let last = labels.last, labels.allSatisfy(isLabel) else { throw .hostSpelling }
        // `0x7f000001`, `2130706433`, `127.1`, `10.0.0.010`: the C library takes these for addresses.
        let isNumber = last.utf8.allSatisfy(isDigit) || last.lowercased().hasPrefix("0x")
        guard !isNumber else { throw .numericHost }
        return text.lowercased()
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        return (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { byte in
                isDigit(byte) || letters.contains(byte | 0x20) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    private static func hasWholeEscapes(_ text: Substring) -> Bool {
        text.split(separator: "%", omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
            part.utf8.count >= 2 && part.utf8.prefix(2).allSatisfy(isHexDigit)
        }
    }
}
