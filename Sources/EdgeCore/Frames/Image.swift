/// A decoded picture: packed 8-bit BGR, rows top to bottom without padding.
///
/// Byte `3 * (y * width + x)` is the blue of pixel `(x, y)`; the row stride is `3 * width`.
public struct Image: Sendable, Equatable {
    /// Columns, at least 1.
    public let width: Int
    /// Rows, at least 1.
    public let height: Int
    /// `3 * width * height` bytes, B G R B G R ….
    public let pixels: [UInt8]

    /// Wraps pixels; `pixels.count` must be `3 * width * height`.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0, "an image has at least one pixel")
        precondition(pixels.count == 3 * width * height, "BGR pixels are three bytes each, without padding")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// The longer side in pixels.
    public var longSide: Int { max(width, height) }
}

/// How the bytes of an ``EncodedImage`` are laid out.
public enum ImageEncoding: String, Sendable, CaseIterable {
    /// A JPEG file or one MJPEG frame.
    case jpeg
    /// A PNG file.
    case png
    /// A WebP file.
    case webp
    /// 8-bit luma, one byte a pixel.
    case grey
    /// 4:2:2 packed, Y0 U Y1 V.
    case yuyv
    /// 4:2:0, a luma plane, then interleaved U V at half size.
    case nv12
    /// Packed 8-bit B G R.
    case bgr
}

/// Picture bytes as a camera or an upload gave them.
public struct EncodedImage: Sendable {
    /// The layout of `bytes`.
    public let encoding: ImageEncoding
    /// Columns as shown, after any orientation mark is applied.
    public let width: Int
    /// Rows as shown, after any orientation mark is applied.
    public let height: Int
    /// Bytes from one row to the next for the raw encodings; 0 for file formats.
    public let stride: Int
    /// The bytes; for raw encodings at least `stride * height` (NV12: three halves of that).
    public let bytes: [UInt8]

    /// Describes bytes whose size is already known.
    public init(encoding: ImageEncoding, width: Int, height: Int, stride: Int = 0, bytes: [UInt8]) {
        self.encoding = encoding
        self.width = width
        self.height = height
        self.stride = stride
        self.bytes = bytes
    }
}
