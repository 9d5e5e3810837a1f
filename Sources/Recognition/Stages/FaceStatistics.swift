import CKernels
import EdgeCore

/// What the light and the focus on an aligned face are like.
struct FaceStatistics: Sendable {
    /// Share of pixels that are nearly black, 0…1.
    var darkShare: Float
    /// Share of pixels that are nearly white, 0…1.
    var brightShare: Float
    /// Mean luma, 0…255.
    var meanLuma: Float
    /// Entropy of the luma histogram, bits, 0…8.
    var entropy: Float
    /// How much the histograms of the face's two halves share, 0…1.
    var uniformity: Float
    /// Energy of the second derivative of luma in its weaker direction against the variance of luma.
    var sharpness: Float
    /// Standard deviation of luma.
    var contrast: Float

    /// Measures an aligned RGB face.
    init(of aligned: Tensor) {
        let side = aligned.shape[3]
        let measured = aligned.values.withUnsafeBufferPointer { ck_measure_face($0.baseAddress, CInt(side)) }
        darkShare = measured.dark_share
        brightShare = measured.bright_share
        meanLuma = measured.mean
        entropy = measured.entropy
        uniformity = measured.uniformity
        sharpness = measured.sharpness
        contrast = measured.deviation
    }
}

extension Image {
    /// Whether the face's surroundings have any colour; grey and infrared frames have none.
    func hasColour(around face: FaceGeometry) -> Bool {
        let left = min(max(Int(face.x), 0), width - 1)
        let top = min(max(Int(face.y), 0), height - 1)
        let region = ck_region(
            x: CInt(left), y: CInt(top), width: CInt(max(min(Int(face.width), width - left), 1)),
            height: CInt(max(min(Int(face.height), height - top), 1)))
        let chroma = pixels.withUnsafeBufferPointer {
            ck_mean_chroma(
                ck_bgr_image(pixels: $0.baseAddress, width: CInt(width), height: CInt(height)), region)
        }
        return chroma >= 3
    }
}
