import CTurboJPEG
import EdgeCore

/// One libjpeg-turbo compressor.
///
/// Made for each picture: that costs microseconds and leaves nothing behind.
struct TurboCompressor: ~Copyable {
    private let handle: tjhandle

    init() throws(EdgeError) {
        guard let handle = tjInitCompress() else {
            throw EdgeError(.internalFault, "The JPEG encoder cannot be started: no memory.")
        }
        self.handle = handle
    }

    deinit { tjDestroy(handle) }

    /// A JPEG for people to look at.
    borrowing func encode(_ image: Image, quality: Int) throws(EdgeError) -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        var count: UInt = 0
        let status = tjCompress2(
            handle, image.pixels, CInt(image.width), 0, CInt(image.height), CInt(TJPF_BGR.rawValue), &output, &count,
            CInt(TJSAMP_420.rawValue), CInt(quality), TJFLAG_FASTDCT)
        defer { tjFree(output) }
        guard status == 0, let bytes = output else {
            throw EdgeError(.internalFault, "The picture cannot be made a JPEG.")
        }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}
