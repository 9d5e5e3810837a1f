import CKernels
import CWebP
import EdgeCore

/// WebP files, through libwebp.
enum WebPPicture {
    struct Header {
        var size: PixelSize
        var hasAlpha: Bool
    }

    /// What the header says, checked against the limits.
    static func header(_ bytes: [UInt8], _ limits: ImageLimits) throws(EdgeError) -> Header {
        var features = WebPBitstreamFeatures()
        guard cwebp_features(bytes, bytes.count, &features) == 0 else {
            throw EdgeError(.imageCorrupt, "The WebP's header is damaged or cut off.")
        }
        guard features.has_animation == 0 else {
            throw EdgeError(.imageUnsupported, "Animated WebP files are not read; send one picture.")
        }
        let size = PixelSize(width: Int(features.width), height: Int(features.height))
        try limits.check(size)
        return Header(size: size, hasAlpha: features.has_alpha != 0)
    }

    /// Decodes; what is transparent shows white.
    static func decode(_ bytes: [UInt8], _ limits: ImageLimits) throws(EdgeError) -> Image {
        let header = try header(bytes, limits)
        let (width, height) = (header.size.width, header.size.height)
        return try Image(header.size, damaged: "The WebP's picture data is damaged or cut off.") { pixels in
            guard header.hasAlpha else {
                let isWhole = WebPDecodeBGRInto(bytes, bytes.count, pixels, 3 * width * height, CInt(3 * width))
                return isWhole != nil
            }
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * width * height) { buffer in
                guard let bgra = buffer.baseAddress else { return false }
                let isWhole = WebPDecodeBGRAInto(bytes, bytes.count, bgra, buffer.count, CInt(4 * width))
                if isWhole != nil { ck_bgra_over_white(bgra, width * height, pixels) }
                return isWhole != nil
            }
        }
    }
}
