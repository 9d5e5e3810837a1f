import CKernels
import CTurboJPEG
import EdgeCore

/// A JPEG whose markers have been walked.
struct JPEGPicture {
    private let bytes: PictureBytes
    private let structure: JPEGStructure

    init(_ bytes: PictureBytes) throws(EdgeError) {
        self.bytes = bytes
        do throws(JPEGStructure.Failure) {
            structure = try JPEGStructure(UnsafeRawBufferPointer(bytes))
        } catch {
            switch error {
            case .truncated: throw EdgeError(.imageCorrupt, "The JPEG is cut off: its end mark is missing.")
            case .malformed(let offset): throw EdgeError(.imageCorrupt, "The JPEG is damaged at byte \(offset).")
            }
        }
    }

    /// Columns and rows of the upright picture.
    var shownSize: PixelSize { shown(storedSize) }

    /// Columns and rows before it is turned upright.
    var storedSize: PixelSize { PixelSize(width: structure.width, height: structure.height) }

    /// A size as it is stored, turned upright.
    func shown(_ size: PixelSize) -> PixelSize { structure.orientation.swapsSides ? size.swapped : size }

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

    /// Decodes to `reduced`, one of the sizes of ``reducedSize(_:)``, and turns upright.
    func decode(to reduced: PixelSize, _ pixels: UnsafeMutablePointer<UInt8>) throws(EdgeError) {
        guard structure.orientation != .upright else { return try store(reduced, pixels) }
        let stored = try Image(reduced) { pixels throws(EdgeError) in try store(reduced, pixels) }
        stored.pixels.withUnsafeBufferPointer { input in
            ck_orient_bgr(
                input.baseAddress, reduced.width, reduced.height, CInt(structure.orientation.rawValue), pixels)
        }
    }

    /// Decodes as it is stored, from the bytes without what the library only warns of: it tells its first warning alone, and an odd
    /// header would hide damage.
    private func store(_ reduced: PixelSize, _ pixels: UnsafeMutablePointer<UInt8>) throws(EdgeError) {
        let decompressor = try TurboDecompressor()
        guard !structure.oddBytes.isEmpty else {
            return try decompressor.decode(bytes, stored: storedSize, to: reduced, pixels)
        }
        var quiet = Array(bytes)
        for offset in structure.oddBytes { quiet[offset] = 1 }
        try quiet.withUnsafeBufferPointer { quiet throws(EdgeError) in
            try decompressor.decode(quiet, stored: storedSize, to: reduced, pixels)
        }
    }

    /// 1/1, 1/2, 1/4 or 1/8 of the size: the reductions that the library does with SIMD; the other eighths are slower
    /// than the whole picture.
    func reducedSize(_ scale: DecodeScale) -> PixelSize {
        let stored = storedSize
        guard case .atLeast(let longSide) = scale else { return stored }
        for divisor in [8, 4, 2] {
            let reduced = PixelSize(
                width: (stored.width + divisor - 1) / divisor, height: (stored.height + divisor - 1) / divisor)
            if max(reduced.width, reduced.height) >= longSide { return reduced }
        }
        return stored
    }
}
