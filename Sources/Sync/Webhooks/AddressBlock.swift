public import EdgeCore

/// A block of neighbouring IP addresses in CIDR notation, such as `192.168.1.0/24` or `fd12:3456::/32`.
public struct AddressBlock: Sendable, Hashable {
    let first: IPAddress
    let prefix: Int

    init(v4 bits: UInt32, _ prefix: Int) {
        first = IPAddress(v4: bits)
        self.prefix = prefix
    }

    init(v6 bits: UInt128, _ prefix: Int) {
        first = IPAddress(v6: bits)
        self.prefix = prefix
    }

    /// Reads a block that webhooks may be allowed to go to; one address alone is a block of one.
    ///
    /// Throws `configuration.invalid` for what is no block, has bits after its prefix, is wider than a LAN (IPv4 `/8`,
    /// IPv6 `/32`, `fc00::/7`), or lies where webhooks never go, such as link-local or multicast addresses.
    public init(_ text: String) throws(EdgeError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else {
            throw Self.fault(text, "is no address block like 192.168.1.0/24")
        }
        let width = Self.width(address.family)
        first = address
        prefix = parts.count == 1 ? width : Self.prefix(parts[1], atMost: width) ?? -1
        guard prefix >= 0 else { throw Self.fault(text, "needs a number from 0 to \(width) after the slash") }
        guard address.bits & hostMask == 0 else {
            throw Self.fault(text, "has bits after its prefix: write \(network)")
        }
        guard !isWiderThanALAN else { throw Self.fault(text, "is wider than a LAN") }
        if let never = AddressRule.never.first(where: { $0.block.contains(self) }) {
            throw Self.fault(text, "can never be allowed: \(never.refusal.sentence)")
        }
    }

    /// Reads any block, also one that webhooks may never go to; `nil` for what is none.
    init?(whole text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let width = Self.width(address.family)
        guard let prefix = parts.count == 1 ? width : Self.prefix(parts[1], atMost: width) else { return nil }
        self.first = address
        self.prefix = prefix
        guard address.bits & hostMask == 0 else { return nil }
    }

    func contains(_ address: IPAddress) -> Bool {
        address.family == first.family && address.bits & ~hostMask == first.bits
    }

    /// Whether the block is one address and no more.
    var isOneAddress: Bool {
        switch first.family {
        case .v4: prefix == 32
        case .v6: prefix == 128
        }
    }

    func contains(_ other: AddressBlock) -> Bool { other.prefix >= prefix && contains(other.first) }

    /// Whether `address` is the one that means all of them; a block of one or two has none, nor has IPv6.
    func isBroadcast(_ address: IPAddress) -> Bool {
        first.family == .v4 && prefix < 31 && address.bits == first.bits | hostMask
    }

    private var hostMask: UInt128 {
        let free = Self.width(first.family) - prefix
        return free == 128 ? .max : (1 << UInt128(free)) - 1
    }

    /// As it is written, with its prefix.
    public var description: String { network }

    private var network: String {
        let bits = first.bits & ~hostMask
        switch first.family {
        case .v4: return "\(IPAddress(v4: UInt32(truncatingIfNeeded: bits)))/\(prefix)"
        case .v6: return "\(IPAddress(v6: bits))/\(prefix)"
        }
    }

    /// An allow-list of the whole internet is a slip of the pen.
    private var isWiderThanALAN: Bool {
        switch first.family {
        case .v4: prefix < 8
        case .v6: prefix < 32 && !AddressBlock(v6: 0xfc00 << 112, 7).contains(self)
        }
    }

    private static func width(_ family: IPAddress.Family) -> Int {
        switch family {
        case .v4: 32
        case .v6: 128
        }
    }

    private static func prefix(_ text: Substring, atMost width: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy(isDigit), let number = Int(text), number <= width
        else { return nil }
        return number
    }

    private static func fault(_ text: String, _ what: String) -> EdgeError {
        EdgeError(.configurationInvalid, "\"\(text)\" \(what)")
    }
}
