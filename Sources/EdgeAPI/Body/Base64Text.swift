/// Reads base64 as people really send it: either alphabet, with or without padding, broken into lines.
enum Base64Text {
    /// The bytes behind `text`; `nil` when it is anything but base64.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text {
            let value = values[Int(byte)]
            if value < 64 {
                guard padding == 0 else { return nil }
                bits = bits << 6 | UInt32(value)
                count += 1
                if count == 4 {
                    output.append(UInt8(truncatingIfNeeded: bits >> 16))
                    output.append(UInt8(truncatingIfNeeded: bits >> 8))
                    output.append(UInt8(truncatingIfNeeded: bits))
                    (bits, count) = (0, 0)
                }
            } else if value == pad {
                padding += 1
            } else if value != blank {
                return nil
            }
        }
        return finish(&output, bits: bits, count: count, padding: padding) ? output : nil
    }

    /// Writes the last one or two bytes; padding may be missing but never wrong.
    private static func finish(_ output: inout [UInt8], bits: UInt32, count: Int, padding: Int) -> Bool {
        guard padding == 0 || count + padding == 4 else { return false }
        switch count {
        case 0: return padding == 0
        case 2: output.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            output.append(UInt8(truncatingIfNeeded: bits >> 10))
            output.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: return false
        }
        return true
    }

    private static let pad: UInt8 = 64
    private static let blank: UInt8 = 65

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in letters.utf8.enumerated() { table[Int(letter)] = UInt8(value) }
        table[Int(UInt8(ascii: "-"))] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        table[Int(UInt8(ascii: "="))] = pad
        for space in " \t\r\n".utf8 { table[Int(space)] = blank }
        return table
    }()
}
