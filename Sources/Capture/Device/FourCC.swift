import EdgeCore

/// A V4L2 pixel format's code: four characters in one number.
struct FourCC: Hashable, Sendable, CustomStringConvertible {
    let code: UInt32

    init(code: UInt32) { self.code = code }

    /// From its four characters; shorter names are padded with blanks as the kernel does.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...4).contains(bytes.count), bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        let padded = bytes + Array(repeating: 0x20, count: 4 - bytes.count)
        code = padded.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Its characters; what is no letter shows as `?`.
    var description: String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0) & 0x7F) }
        let text = String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
        return String(text.reversed().drop { $0 == " " }.reversed())
    }

    /// What the decoder knows it as.
    var encoding: ImageEncoding? {
        switch description {
        case "MJPG", "JPEG": .jpeg
        case "YUYV": .yuyv
        case "NV12": .nv12
        case "GREY": .grey
        case "BGR3": .bgr
        default: nil
        }
    }
}
