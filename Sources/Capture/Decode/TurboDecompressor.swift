import CTurboJPEG
import EdgeCore

/// One libjpeg-turbo decompressor.
///
/// Made for each picture: that costs microseconds and leaves nothing behind.
struct TurboDecompressor: ~Copyable {
    private let handle: tjhandle

    init() throws(EdgeError) {
        guard let handle = tjInitDecompress() else {
            throw EdgeError(.internalFault, "The JPEG decoder cannot be started: no memory.")
        }
        self.handle = handle
    }

    deinit { tjDestroy(handle) }

    /// Decodes to `size`, which must be one of the library's reductions of `stored`; `pixels` must hold it.
    borrowing func decode(
        _ bytes: PictureBytes, stored: PixelSize, to size: PixelSize, _ pixels: UnsafeMutablePointer<UInt8>
    ) throws(EdgeError) {
        var width: CInt = 0
        var height: CInt = 0
        var subsampling: CInt = 0
        var colours: CInt = 0
        let header = tjDecompressHeader3(
            handle, bytes.baseAddress, UInt(bytes.count), &width, &height, &subsampling, &colours)
        guard header == 0 || isHarmless() else {
            throw EdgeError(.imageCorrupt, "The JPEG's header is damaged.")
        }
        // Two readers that disagree about the size are how buffers overflow.
        guard Int(width) == stored.width, Int(height) == stored.height else {
            throw EdgeError(.imageCorrupt, "The JPEG's header contradicts itself.")
        }
        guard colours != TJCS_CMYK.rawValue, colours != TJCS_YCCK.rawValue else {
            throw EdgeError(.imageUnsupported, "CMYK JPEGs are not read; save it as RGB.")
        }
        let status = tjDecompress2(
            handle, bytes.baseAddress, UInt(bytes.count), pixels, CInt(size.width), CInt(3 * size.width),
            CInt(size.height), CInt(TJPF_BGR.rawValue), TJFLAG_LIMITSCANS)
        guard status == 0 || isHarmless() else {
            throw EdgeError(.imageCorrupt, "The JPEG's picture data is damaged or cut off.")
        }
    }

    /// How large the luma of every eighth column and row is, about; the size is checked.
    borrowing func tinySize(_ bytes: PictureBytes) throws(EdgeError) -> PixelSize {
        var (width, height, subsampling, colours): (CInt, CInt, CInt, CInt) = (0, 0, 0, 0)
        let header = tjDecompressHeader3(
            handle, bytes.baseAddress, UInt(bytes.count), &width, &height, &subsampling, &colours)
        guard header == 0 || isHarmless(), width > 0, height > 0, Int(width) * Int(height) <= Self.mostPixels else {
            throw EdgeError(.imageCorrupt, "The JPEG's header is damaged.")
        }
        return PixelSize(width: Int(width), height: Int(height)).eighth
    }

    /// The luma of every eighth column and row, about, of a picture of this ``tinySize(_:)``; for figures, not for looking at.
    borrowing func tinyGrey(
        _ bytes: PictureBytes, _ size: PixelSize, _ points: UnsafeMutablePointer<UInt8>
    ) throws(EdgeError) {
        points.initialize(repeating: 0, count: size.width * size.height)
        let (columns, rows) = (CInt(size.width), CInt(size.height))
        let status = tjDecompress2(
            handle, bytes.baseAddress, UInt(bytes.count), points, columns, columns, rows, CInt(TJPF_GRAY.rawValue),
            TJFLAG_LIMITSCANS | TJFLAG_FASTDCT)
        guard status == 0 || isHarmless() else { throw EdgeError(.imageCorrupt, "The JPEG's data is damaged.") }
    }

    /// The most pixels of a picture that is looked at for figures.
    static let mostPixels = 40_000_000

    /// Whether the last complaint was one that leaves the picture whole.
    ///
    /// The library keeps the text of the first warning. Oddities in the header and a few bytes of padding before the end
    /// mark are what cameras and editors write; everything else means that part of the picture is grey or garbage.
    private borrowing func isHarmless() -> Bool {
        guard CInt(tjGetErrorCode(handle)) == CInt(TJERR_WARNING.rawValue), let text = tjGetErrorStr2(handle) else {
            return false
        }
        return JPEGWarning.isHarmless(String(cString: text))
    }
}

/// The library's warnings, which it tells apart by their text alone.
enum JPEGWarning {
    /// Most bytes of padding that are taken for padding.
    static let mostPadding = 64

    static func isHarmless(_ text: String) -> Bool {
        if text.contains("unknown JFIF revision") || text.contains("Unknown Adobe color transform") { return true }
        // "Corrupt JPEG data: 12 extraneous bytes before marker 0xd9"
        let words = text.split(separator: " ")
        guard let place = words.firstIndex(of: "extraneous"), place > 0, let count = Int(words[place - 1]),
            let marker = words.last
        else { return false }
        // Before a restart mark or between scans such bytes are the remains of damaged data.
        return count <= mostPadding && marker == "0xd9"
    }
}
