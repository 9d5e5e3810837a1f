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
    public func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage { try limits.inspect(bytes) }

    /// Decodes to BGR; the bytes' own header decides, not what `image` says about a file's size.
    public func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image {
        try image.bytes.withUnsafeBufferPointer { bytes throws(EdgeError) in
            try PictureWork(image, bytes, limits, scale).image()
        }
    }
}

extension TurboImageDecoder: LightReader {
    func tinyGrey(_ jpeg: UnsafeRawBufferPointer) throws(EdgeError) -> [UInt8] {
        let bytes = jpeg.bindMemory(to: UInt8.self)
        let decompressor = try TurboDecompressor()
        let size = try decompressor.tinySize(bytes)
        var failure: EdgeError?
        let points = [UInt8](unsafeUninitializedCapacity: size.width * size.height) { output, initialized in
            guard let base = output.baseAddress else { return }
            do throws(EdgeError) {
                try decompressor.tinyGrey(bytes, size, base)
                initialized = output.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return points
    }
}

extension ImageLimits {
    /// Reads the header of a file, in Swift, and checks its size.
    func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage {
        try check(bytes: bytes.count)
        let encoding: ImageEncoding
        switch ImageSignature(bytes) {
        case .jpeg: encoding = .jpeg
        case .png: encoding = .png
        case .webp: encoding = .webp
        case .other(let name):
            throw EdgeError(.imageUnsupported, "\(name) files are not read; send JPEG, PNG or WebP.")
        case .unknown:
            throw EdgeError(.imageUnsupported, "The bytes are not a JPEG, PNG or WebP image.")
        }
        let form = EncodedImage(encoding: encoding, width: 0, height: 0, bytes: [])
        let size = try bytes.withUnsafeBufferPointer { bytes throws(EdgeError) in
            try PictureWork(form, bytes, self, .full).size
        }
        return EncodedImage(encoding: encoding, width: size.width, height: size.height, bytes: bytes)
    }
}

/// Columns and rows.
struct PixelSize: Equatable {
    var width: Int
    var height: Int

    /// The same area lying on its side.
    var swapped: PixelSize { PixelSize(width: height, height: width) }

    /// An eighth of it, rounded up.
    var eighth: PixelSize { PixelSize(width: (width + 7) / 8, height: (height + 7) / 8) }
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
