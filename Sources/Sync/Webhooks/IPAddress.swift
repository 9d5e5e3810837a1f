/// An IP address as a number, read strictly: one spelling for IPv4, no zone for IPv6.
struct IPAddress: Hashable, Sendable {
    enum Family: Sendable { case v4, v6 }

    let family: Family
    /// The lower 32 bits for IPv4, all 128 for IPv6.
    let bits: UInt128

    init(v4 bits: UInt32) {
        family = .v4
        self.bits = UInt128(bits)
    }

    init(v6 bits: UInt128) {
        family = .v6
        self.bits = bits
    }

    /// Reads `192.168.1.7` or `fd00::7`; `nil` for every other way to write an address.
    init?(_ text: some StringProtocol) {
        let text = Substring(text)
        if let bits = Self.v4(text) {
            self.init(v4: bits)
        } else if let bits = Self.v6(text) {
            self.init(v6: bits)
        } else {
            return nil
        }
    }

    /// Four decimal numbers without leading zeros: `010.0.0.1` is octal to some and decimal to others.
    private static func v4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(isDigit),
                part == "0" || !part.hasPrefix("0"), let byte = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(byte)
        }
        return bits
    }

    private static func v6(_ text: Substring) -> UInt128? {
        // What stands on each side of the gap `::`; without one there is one side.
        let sides = text.split(separator: "::", omittingEmptySubsequences: false)
        guard text.contains(":"), sides.count <= 2, let head = groups(sides[0], mayEndInV4: sides.count == 1) else {
            return nil
        }
        guard sides.count == 2 else { return head.count == 8 ? number(head) : nil }
        guard let tail = groups(sides[1], mayEndInV4: true), head.count + tail.count < 8 else { return nil }
        return number(head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ side: Substring, mayEndInV4: Bool) -> [UInt16]? {
        guard !side.isEmpty else { return [] }
        let parts = side.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInV4, index == parts.count - 1, let bits = v4(part) {
                groups += [UInt16(bits >> 16), UInt16(bits & 0xffff)]
            } else if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                let group = UInt16(part, radix: 16)
            {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func number(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by number.
    static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.family == .v4 ? 0 : 1, left.bits) < (right.family == .v4 ? 0 : 1, right.bits)
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted decimal, or that of RFC 5952.
    var description: String {
        switch family {
        case .v4: [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: bits >> UInt128($0))) }.joined(separator: ".")
        case .v6: v6Text
        }
    }

    private var v6Text: String {
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        // The first of the longest runs of two or more zeros becomes `::`.
        var gap = 0..<0
        for start in groups.indices where groups[start] == 0 {
            let run = start..<(groups[start...].firstIndex { $0 != 0 } ?? 8)
            if run.count > max(gap.count, 1) { gap = run }
        }
        let hex = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !gap.isEmpty else { return hex(groups[...]) }
        return hex(groups[..<gap.lowerBound]) + "::" + hex(groups[gap.upperBound...])
    }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
