/// Why a webhook's address is not called.
enum AddressRefusal: String, Error, Sendable, CaseIterable {
    // The URL
    case notAURL, scheme, credentials, fragment, port
    // The host's spelling
    case emptyHost, hostSpelling, numericHost, trailingDot, zone
    // The address
    case unspecified, loopback, linkLocal, multicast, broadcast, reserved, embedded, notListed

    /// One sentence for people.
    var sentence: String {
        switch self {
        case .notAURL: "The URL is not one that can be called."
        case .scheme: "The URL begins with neither http:// nor https://."
        case .credentials: "The URL has a user name or password in it."
        case .fragment: "The URL has a fragment."
        case .port: "The URL's port is not one from 1 to 65535."
        case .emptyHost: "The URL has no host."
        case .hostSpelling: "The URL's host is not a plain name or address."
        case .numericHost: "The URL's host is a number, but not an address in dotted decimal."
        case .trailingDot: "The URL's host ends in a dot."
        case .zone: "The URL's address names a zone."
        case .unspecified: "The address stands for no host."
        case .loopback: "The address is this device itself, and no loopback block is listed in webhooks.allow."
        case .linkLocal: "The address is link-local."
        case .multicast: "The address is a multicast address."
        case .broadcast: "The address is a broadcast address."
        case .reserved: "The address is reserved."
        case .embedded: "The address hides another one inside."
        case .notListed: "The address is in no block of webhooks.allow."
        }
    }

    /// Whether the URL itself is at fault, so that no other answer of the resolver and no other list would help.
    var isInTheURL: Bool {
        switch self {
        case .notAURL, .scheme, .credentials, .fragment, .port, .emptyHost, .hostSpelling, .numericHost, .trailingDot,
            .zone:
            true
        case .unspecified, .loopback, .linkLocal, .multicast, .broadcast, .reserved, .embedded, .notListed: false
        }
    }
}

/// Which addresses a webhook may go to: those of a list, and of these never the ones that are no single other host.
struct AddressRule: Sendable {
    let allowed: [AddressBlock]
    /// The addresses of this machine's own interfaces, asked for anew each time: they change.
    var ownAddresses: @Sendable () -> Set<IPAddress> = { [] }

    /// Why `address` is not called; `nil` when it may be.
    func refusal(of address: IPAddress) -> AddressRefusal? {
        if let never = Self.never.first(where: { $0.block.contains(address) }) { return never.refusal }
        if Self.carriesV4(address) { return .embedded }
        let blocks = allowed.filter { $0.contains(address) }
        if let loopback = Self.loopback.first(where: { $0.contains(address) }) {
            // A wide block that happens to cover loopback does not list it.
            return blocks.contains { loopback.contains($0) } ? nil : .loopback
        }
        guard !blocks.isEmpty else { return .notListed }
        // A block for the network does not list the services of this machine.
        if ownAddresses().contains(address), !blocks.contains(where: \.isOneAddress) { return .loopback }
        return blocks.allSatisfy { $0.isBroadcast(address) } ? .broadcast : nil
    }

    /// Blocks that no list opens.
    ///
    /// An address that embeds another is refused whatever it embeds: the other one must be written.
    static let never: [(block: AddressBlock, refusal: AddressRefusal)] = [
        (AddressBlock(v4: 0, 8), .unspecified),
        (AddressBlock(v4: 0xa9fe_0000, 16), .linkLocal),  // 169.254.0.0, with the clouds' metadata services
        (AddressBlock(v4: 0xe000_0000, 4), .multicast),
        (AddressBlock(v4: 0xffff_ffff, 32), .broadcast),
        (AddressBlock(v4: 0xf000_0000, 4), .reserved),
        (AddressBlock(v6: 0, 128), .unspecified),
        (AddressBlock(v6: 0xffff << 32, 96), .embedded),  // ::ffff:0:0, IPv4-mapped
        (AddressBlock(v6: 0xffff << 48, 96), .embedded),  // ::ffff:0:0:0, IPv4-translated
        (AddressBlock(v6: 0x0064_ff9b << 96, 96), .embedded),  // 64:ff9b::, NAT64
        (AddressBlock(v6: 0x0064_ff9b_0001 << 80, 48), .embedded),  // 64:ff9b:1::, NAT64 of one site
        (AddressBlock(v6: 0x2001_0000 << 96, 32), .embedded),  // Teredo
        (AddressBlock(v6: 0x2002 << 112, 16), .embedded),  // 6to4
        (AddressBlock(v6: 0xfe80 << 112, 10), .linkLocal),
        (AddressBlock(v6: 0xfec0 << 112, 10), .linkLocal),  // site-local, given up by RFC 3879
        (AddressBlock(v6: 0xff00 << 112, 8), .multicast),
    ]

    private static let loopback = [AddressBlock(v4: 0x7f00_0000, 8), AddressBlock(v6: 1, 128)]

    /// The embedding forms that are not a block: IPv4-compatible (`::1.2.3.4`, loopback apart) and ISATAP.
    private static func carriesV4(_ address: IPAddress) -> Bool {
        guard address.family == .v6 else { return false }
        let isCompatible = address.bits >> 32 == 0 && address.bits > 1
        let isISATAP = [0x0000_5efe, 0x0200_5efe].contains(address.bits >> 32 & 0xffff_ffff)
        return isCompatible || isISATAP
    }
}
