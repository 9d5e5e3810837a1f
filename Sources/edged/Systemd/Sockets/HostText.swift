import NIOCore

/// A host as a configuration or the kernel writes it, compared by what it means.
struct HostText {
    private let text: String
    /// The address in the one form that the kernel writes; `nil` for a name.
    private let address: String?

    init(_ text: String) {
        self.text = text
        address = (try? SocketAddress(ipAddress: text, port: 0))?.ipAddress
    }

    /// Whether a socket at this address is what `wanted` asks for.
    ///
    /// Any address will do for a host name if somebody who knows its meaning chose the socket; `localhost` has two.
    func isSame(as wanted: HostText, trustingNames: Bool) -> Bool {
        guard let address else { return false }
        if let other = wanted.address { return address == other }
        return wanted.text == "localhost" ? ["127.0.0.1", "::1"].contains(address) : trustingNames
    }
}
