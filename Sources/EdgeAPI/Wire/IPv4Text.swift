/// IPv4 addresses as text.
enum IPv4Text {
    /// Whether `text` is an address of 127.0.0.0/8 in dotted decimal; a name such as `127.0.0.1.example` is none.
    static func isLoopback(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
