import CTurboJPEG
import EdgeCore

/// Decodes JPEG for this room's tests, which may not import the room that does it in the daemon.
struct JPEGTestDecoder: ImageDecoder {
    func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage {
        guard !bytes.isEmpty else { throw EdgeError(.imageEmpty) }
        guard let handle = tjInitDecompress() else { throw EdgeError(.internalFault) }
        defer { tjDestroy(handle) }
        var (width, height, sampling, colour) = (CInt(0), CInt(0), CInt(0), CInt(0))
        let status = tjDecompressHeader3(handle, bytes, UInt(bytes.count), &width, &height, &sampling, &colour)
        guard status == 0 else { throw EdgeError(.imageUnsupported) }
        return EncodedImage(encoding: .jpeg, width: Int(width), height: Int(height), bytes: bytes)
    }

    func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image {
        guard image.encoding == .jpeg else {
            guard image.encoding == .bgr else { throw EdgeError(.imageUnsupported) }
            return Image(width: image.width, height: image.height, pixels: image.bytes)
        }
        guard let handle = tjInitDecompress() else { throw EdgeError(.internalFault) }
        defer { tjDestroy(handle) }
        let eighths = Self.eighths(of: image, scale: scale)
        let (width, height) = ((image.width * eighths + 7) / 8, (image.height * eighths + 7) / 8)
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        let status = tjDecompress2(
            handle, image.bytes, UInt(image.bytes.count), &pixels, CInt(width), 0, CInt(height),
            CInt(TJPF_BGR.rawValue), 0)
        guard status == 0 else { throw EdgeError(.imageCorrupt) }
        return Image(width: width, height: height, pixels: pixels)
    }

    private static func eighths(of image: EncodedImage, scale: DecodeScale) -> Int {
        guard case .atLeast(let longSide) = scale else { return 8 }
        return (1...8).first { max(image.width, image.height) * $0 >= longSide * 8 } ?? 8
    }
}
