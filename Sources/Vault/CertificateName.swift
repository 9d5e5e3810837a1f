import Glibc

/// A host name or an IP address that a certificate stands for.
public enum CertificateName: Hashable, Sendable {
    /// A host name in lower case.
    case host(String)
    /// An IPv4 or IPv6 address.
    case address(String)

    /// Reads a name; `nil` for anything that is neither a whole host name (no wildcard, no port) nor an address.
    public init?(_ text: String) {
        var room = in6_addr()
        if inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1 {
            self = .address(text)
        } else if Self.isHost(text) {
            self = .host(text.lowercased())
        } else {
            return nil
        }
    }

    /// The names under which a device reaches itself, and its host name if that is a proper one.
    static func ofThisDevice() -> [CertificateName] {
        let own = hostName().flatMap(CertificateName.init)
        return [own, .host("localhost"), .address("127.0.0.1"), .address("::1")].compactMap { $0 }
    }

    /// The device's host name.
    static func hostName() -> String? {
        var name = [CChar](repeating: 0, count: 256)
        // The last byte stays zero whatever the system does with a name that is too long.
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// As OpenSSL reads it; only letters, digits, dots, hyphens and colons get this far, so nothing can be smuggled in.
    var extensionText: String {
        switch self {
        case .host(let name): "DNS:\(name)"
        case .address(let address): "IP:\(address)"
        }
    }

    /// RFC 1123; a last label of digits alone would be an address that is spelled wrong.
    private static func isHost(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, let last = labels.last, !last.utf8.allSatisfy(isDigit) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
