import EdgeCore

/// Bytes of a picture, lent for as long as a call lasts: those of an array, or memory that two processes share.
typealias PictureBytes = UnsafeBufferPointer<UInt8>

/// A picture whose header has been read and held against the limits: how large it becomes, and its pixels when asked.
///
/// The header is read in Swift; the libraries see no byte before ``fill(_:)``. So whoever has the pixels made elsewhere knows
/// beforehand how many there must be.
struct PictureWork {
    private enum Form {
        case jpeg(JPEGPicture, PixelSize)
        case png(PictureBytes)
        case webp(PictureBytes)
        case raw(RawPicture)
    }

    /// Columns and rows of what is made.
    let size: PixelSize
    private let form: Form

    /// Reads the header of `bytes`, which are laid out as `image` says; its own bytes are not looked at.
    init(
        _ image: EncodedImage, _ bytes: PictureBytes, _ limits: ImageLimits, _ scale: DecodeScale
    ) throws(EdgeError) {
        try limits.check(bytes: image.encoding.isRaw ? 1 : bytes.count)
        switch image.encoding {
        case .jpeg:
            let picture = try JPEGPicture(bytes).check(limits)
            let reduced = picture.reducedSize(scale)
            size = picture.shown(reduced)
            form = .jpeg(picture, reduced)
        case .png:
            size = try PNGPicture.size(bytes, limits)
            form = .png(bytes)
        case .webp:
            size = try WebPPicture.size(bytes, limits)
            form = .webp(bytes)
        case .grey, .yuyv, .nv12, .bgr:
            size = PixelSize(width: image.width, height: image.height)
            form = .raw(try RawPicture(image, bytes, limits))
        }
    }

    /// Bytes that the pixels take.
    var byteCount: Int { 3 * size.width * size.height }

    /// Writes all pixels, BGR without padding, to `byteCount` bytes of memory.
    ///
    /// Throws `image.corrupt` for a damaged picture; then what was written is worth nothing.
    func fill(_ pixels: UnsafeMutablePointer<UInt8>) throws(EdgeError) {
        switch form {
        case .jpeg(let picture, let reduced): try picture.decode(to: reduced, pixels)
        case .png(let bytes): try PNGPicture.decode(bytes, size, pixels)
        case .webp(let bytes): try WebPPicture.decode(bytes, size, pixels)
        case .raw(let picture): try picture.decode(pixels)
        }
    }

    /// The pixels as an image of this process.
    func image() throws(EdgeError) -> Image {
        try Image(size) { pixels throws(EdgeError) in try fill(pixels) }
    }
}
