/// Which file format bytes are, by their first few.
enum ImageSignature: Equatable {
    case jpeg
    case png
    case webp
    /// A picture or film format that is not read, by the name people know it by.
    case other(String)
    /// Nothing that is known here.
    case unknown

    /// Looks at the first bytes.
    init(_ bytes: some Collection<UInt8>) {
        func starts(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if starts("RIFF"), starts("WEBP", at: 8) {
            self = .webp
        } else if starts("RIFF"), starts("AVI ", at: 8) {
            self = .other("AVI")
        } else if starts("ftyp", at: 4) {
            self = .other(
                starts("avif", at: 8) ? "AVIF" : starts("hei", at: 8) || starts("mif", at: 8) ? "HEIC" : "MP4")
        } else {
            self = Self.others.first { starts($0.magic) }.map { .other($0.name) } ?? Self.binary(bytes)
        }
    }

    private static let others: [(magic: String, name: String)] = [
        ("GIF8", "GIF"), ("BM", "BMP"), ("II*\0", "TIFF"), ("MM\0*", "TIFF"), ("8BPS", "Photoshop"), ("DDS ", "DDS"),
        ("%!PS", "PostScript"), ("%PDF", "PDF"), ("<svg", "SVG"), ("<?xml", "SVG"), ("DanM", "MSP"),
    ]

    private static func binary(_ bytes: some Collection<UInt8>) -> ImageSignature {
        if bytes.starts(with: [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50]) { return .other("JPEG 2000") }
        if bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) { return .other("JPEG 2000") }
        if bytes.starts(with: [0xFF, 0x0A]) { return .other("JPEG XL") }
        if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return .other("Matroska") }
        return .unknown
    }
}
