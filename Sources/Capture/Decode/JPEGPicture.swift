import CKernels
import CTurboJPEG
import EdgeCore

/// A JPEG whose markers have been walked.
struct JPEGPicture {
    private let bytes: [UInt8]
    private let structure: JPEGStructure

    init(_ bytes: [UInt8]) throws(EdgeError) {
        self.bytes = bytes
        // The closure of withUnsafeBytes cannot carry a typed error out.
        let walked = bytes.withUnsafeBytes { buffer in
            Result { () throws(JPEGStructure.Failure) in try JPEGStructure(buffer) }
        }
        switch walked {
        case .success(let structure): self.structure = structure
        case .failure(.truncated): throw EdgeError(.imageCorrupt, "The JPEG is cut off: its end mark is missing.")
        case .failure(.malformed(let offset)): throw EdgeError(.imageCorrupt, "The JPEG is damaged at byte \(offset).")
        }
    }

    /// Columns and rows of the upright picture.
    var shownSize: PixelSize {
        let stored = PixelSize(width: structure.width, height: structure.height)
        return structure.orientation.swapsSides ? stored.swapped : stored
    }

    /// Refuses what is too large, too small, not for screens, or made to keep a decoder busy.
    func check(_ limits: ImageLimits) throws(EdgeError) -> JPEGPicture {
        try limits.check(shownSize)
        guard structure.process <= 0xC2 || structure.process == 0xC9 || structure.process == 0xCA,
            structure.precision == 8
        else { throw EdgeError(.imageUnsupported, "Lossless, hierarchical and 12-bit JPEGs are not read.") }
        guard structure.components == 1 || structure.components == 3 else {
            throw EdgeError(.imageUnsupported, "CMYK JPEGs are not read; save it as RGB.")
        }
        // Every scan passes over the whole picture, so work is pixels times scans; encoders make about 10 scans.
        let pixels = structure.width * structure.height
        guard structure.scans <= 64, structure.scans * pixels <= max(limits.maximumPixels, 1) * 16 else {
            throw EdgeError(.imageTooLarge, "The progressive JPEG has \(structure.scans) scans, too many for its size.")
        }
        return self
    }

    /// Decodes and turns upright.
    func decode(_ scale: DecodeScale) throws(EdgeError) -> Image {
        let decompressor = try TurboDecompressor()
        let reduced = reducedSize(scale)
        let stored = try decompressor.decode(
            quietBytes, stored: PixelSize(width: structure.width, height: structure.height), to: reduced)
        guard structure.orientation != .upright else { return stored }
        let shown = structure.orientation.swapsSides ? reduced.swapped : reduced
        return try Image(shown, damaged: "The JPEG cannot be turned upright.") { output in
            stored.pixels.withUnsafeBufferPointer { input in
                ck_orient_bgr(
                    input.baseAddress, reduced.width, reduced.height, CInt(structure.orientation.rawValue), output)
            }
            return true
        }
    }

    /// The bytes without what the library only warns of: it tells its first warning alone, and an odd header would hide damage.
    private var quietBytes: [UInt8] {
        guard !structure.oddBytes.isEmpty else { return bytes }
        var quiet = bytes
        for offset in structure.oddBytes { quiet[offset] = 1 }
        return quiet
    }

    /// 1/1, 1/2, 1/4 or 1/8 of the size: the reductions that the library does with SIMD; the other eighths are slower
    /// than the whole picture.
    private func reducedSize(_ scale: DecodeScale) -> PixelSize {
        let stored = PixelSize(width: structure.width, height: structure.height)
        guard case .atLeast(let longSide) = scale else { return stored }
        for divisor in [8, 4, 2] {
            let reduced = PixelSize(
                width: (stored.width + divisor - 1) / divisor, height: (stored.height + divisor - 1) / divisor)
            if max(reduced.width, reduced.height) >= longSide { return reduced }
        }
        return stored
    }
}
