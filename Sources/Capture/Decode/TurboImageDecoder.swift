public import EdgeCore

/// Decodes JPEG, PNG, WebP and the raw camera formats to BGR.
///
/// Holds no state: any number of threads may use one decoder at a time. A call blocks as long as the decoding takes.
public struct TurboImageDecoder: ImageDecoder {
    private let limits: ImageLimits

    /// Creates a decoder that refuses pictures beyond these sizes before it asks for memory.
    public init(maximumPixels: Int = 25_000_000, maximumBytes: Int = 10 << 20) {
        limits = ImageLimits(maximumPixels: maximumPixels, maximumBytes: maximumBytes)
    }

    /// With other limits, the least side included.
    init(limits: ImageLimits) { self.limits = limits }

    /// Reads the header of a JPEG, PNG or WebP file and checks its size; decodes nothing.
    public func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage {
        try limits.check(bytes: bytes.count)
        switch ImageSignature(bytes) {
        case .jpeg:
            let size = try JPEGPicture(bytes).check(limits).shownSize
            return EncodedImage(encoding: .jpeg, width: size.width, height: size.height, bytes: bytes)
        case .png:
            let size = try PNGPicture.size(bytes, limits)
            return EncodedImage(encoding: .png, width: size.width, height: size.height, bytes: bytes)
        case .webp:
            let size = try WebPPicture.header(bytes, limits).size
            return EncodedImage(encoding: .webp, width: size.width, height: size.height, bytes: bytes)
        case .other(let name):
            throw EdgeError(.imageUnsupported, "\(name) files are not read; send JPEG, PNG or WebP.")
        case .unknown:
            throw EdgeError(.imageUnsupported, "The bytes are not a JPEG, PNG or WebP image.")
        }
    }

    /// Decodes to BGR; the bytes' own header decides, not what `image` says about a file's size.
    public func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image {
        try limits.check(bytes: image.encoding.isRaw ? 1 : image.bytes.count)
        switch image.encoding {
        case .jpeg: return try JPEGPicture(image.bytes).check(limits).decode(scale)
        case .png: return try PNGPicture.decode(image.bytes, limits)
        case .webp: return try WebPPicture.decode(image.bytes, limits)
        case .grey, .yuyv, .nv12, .bgr: return try RawPicture(image, limits).decode()
        }
    }
}

/// Columns and rows.
struct PixelSize: Equatable {
    var width: Int
    var height: Int

    /// The same area lying on its side.
    var swapped: PixelSize { PixelSize(width: height, height: width) }
}

/// What is refused before a byte of pixel memory is asked for.
struct ImageLimits: Sendable {
    var maximumPixels = 25_000_000
    var maximumBytes = 10 << 20
    /// The least width and the least height.
    var minimumSide = 64

    func check(bytes count: Int) throws(EdgeError) {
        guard count > 0 else { throw EdgeError(.imageEmpty) }
        guard count <= maximumBytes else {
            throw EdgeError(.imageTooLarge, "The image has \(count) bytes; at most \(maximumBytes) are read.")
        }
    }

    func check(_ size: PixelSize) throws(EdgeError) {
        guard size.width > 0, size.height > 0 else { throw EdgeError(.imageCorrupt, "The image has no pixels.") }
        // Sides up to 2^31 come from headers: divide rather than overflow.
        guard size.width <= maximumPixels / size.height else {
            throw EdgeError(
                .imageTooLarge, "The image is \(size.width)×\(size.height); at most \(maximumPixels) pixels are read.")
        }
        guard min(size.width, size.height) >= minimumSide else {
            throw EdgeError(
                .imageTooSmall,
                "The image is \(size.width)×\(size.height); at least \(minimumSide)×\(minimumSide) are needed.")
        }
    }
}

extension ImageEncoding {
    /// Whether the bytes are pixels rather than a file.
    var isRaw: Bool {
        switch self {
        case .jpeg, .png, .webp: false
        case .grey, .yuyv, .nv12, .bgr: true
        }
    }
}
