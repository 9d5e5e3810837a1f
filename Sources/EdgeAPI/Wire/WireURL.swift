import FoundationEssentials

/// An `http` or `https` URL with a host, as clients may give us.
struct WireURL: Sendable, Equatable {
    let text: String
    let host: String

    /// `nil` for anything else, and for one that carries a password.
    init?(_ text: String) {
        guard text.utf8.count <= 2000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let url = URL(string: text), let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let host = url.host(), !host.isEmpty, url.user() == nil, url.password() == nil
        else { return nil }
        self.text = text
        self.host = host
    }

    /// Whether `text` could be a mail address: one `@`, something before it, a host after it.
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let host = parts.last else { return false }
        return !local.isEmpty && local.utf8.count <= 64 && local.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && isHost(String(host))
    }

    /// Whether `text` is a host name or an address as a URL writes it.
    static func isHost(_ text: String) -> Bool {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"),
                UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        return isAllowed && (1...253).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
    }
}
