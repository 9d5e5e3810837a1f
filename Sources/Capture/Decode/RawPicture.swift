import CKernels
import EdgeCore

/// Raw camera pixels whose rows are known to lie inside their bytes.
struct RawPicture {
    private let image: EncodedImage
    private let bytes: PictureBytes

    /// Checks stride and length: the conversions themselves look at neither.
    init(_ image: EncodedImage, _ bytes: PictureBytes, _ limits: ImageLimits) throws(EdgeError) {
        try limits.check(PixelSize(width: image.width, height: image.height))
        guard let needed = Self.bytesNeeded(image), bytes.count >= needed else {
            throw EdgeError(.imageCorrupt, "The camera's picture has fewer bytes than its format says.")
        }
        self.image = image
        self.bytes = bytes
    }

    /// A driver's numbers beyond this are nonsense, and their products fit no number.
    private static let mostSide = 1 << 28

    /// The fewest bytes that a whole picture of this format has; `nil` when the stride is shorter than a row.
    ///
    /// The numbers may be whatever a driver says: of those that make no sense there are never enough bytes.
    static func bytesNeeded(_ image: EncodedImage) -> Int? {
        let (width, height, stride) = (image.width, image.height, image.stride)
        guard image.encoding.isRaw else { return nil }
        guard max(width, height, stride) <= mostSide else { return .max }
        let pairs = (width + 1) / 2
        func plane(_ row: Int, _ rows: Int) -> Int? { stride >= row ? stride * (rows - 1) + row : nil }
        switch image.encoding {
        case .grey: return plane(width, height)
        case .yuyv: return plane(4 * pairs, height)
        case .bgr: return plane(3 * width, height)
        case .nv12: return plane(2 * pairs, (height + 1) / 2).map { stride * height + $0 }
        case .jpeg, .png, .webp: return nil
        }
    }

    /// The luma of one pixel of a picture that has all its bytes; 0 of a file.
    static func luma(_ bytes: UnsafeRawBufferPointer, _ form: EncodedImage, row: Int, x: Int) -> Int {
        switch form.encoding {
        case .grey, .nv12: return Int(bytes[row + x])
        case .yuyv: return Int(bytes[row + 2 * x])
        case .bgr:
            let (blue, green, red) = (Int(bytes[row + 3 * x]), Int(bytes[row + 3 * x + 1]), Int(bytes[row + 3 * x + 2]))
            return (29 * blue + 150 * green + 77 * red) >> 8
        case .jpeg, .png, .webp: return 0
        }
    }

    /// Converts to packed BGR.
    func decode(_ output: UnsafeMutablePointer<UInt8>) throws(EdgeError) {
        let (width, height, stride) = (image.width, image.height, image.stride)
        guard let input = bytes.baseAddress else { throw EdgeError(.imageCorrupt, "The camera's picture is empty.") }
        switch image.encoding {
        case .grey: ck_grey_to_bgr(input, stride, width, height, output)
        case .yuyv: ck_yuyv_to_bgr(input, stride, width, height, output)
        case .nv12: ck_nv12_to_bgr(input, input + stride * height, stride, width, height, output)
        case .bgr:
            for row in 0..<height {
                (output + 3 * width * row).initialize(from: input + stride * row, count: 3 * width)
            }
        case .jpeg, .png, .webp: throw EdgeError(.imageUnsupported, "A file is not made of rows.")
        }
    }
}
