import EdgeCore

/// Where the quality gate draws its lines; one table for all of them.
struct QualityLimits: Sendable {
    /// Detector score, 0…1.
    var minimumScore: Float
    /// Distance between the eyes, pixels of the frame.
    var minimumEyeDistance: Float
    /// Share of the frame's height between the eyes and the chin's line, 0…1.
    var maximumHeadSize: Float
    /// Share of the face that may lie beyond one edge of the frame, 0…1.
    var maximumCutOff: Float
    /// Degrees either way.
    var maximumYaw: Float
    /// Degrees either way.
    var maximumPitch: Float
    /// Degrees either way.
    var maximumRoll: Float
    /// Energy of the second derivative of luma in its weaker direction against the variance of luma.
    var minimumSharpness: Float
    /// Mean luma, 0…255.
    var minimumLuma: Float
    /// Share of nearly black pixels, 0…1.
    var maximumDarkShare: Float
    /// Share of nearly white pixels, 0…1.
    var maximumBrightShare: Float
    /// Standard deviation of luma.
    var minimumContrast: Float
    /// What both halves' histograms share, 0…1.
    var minimumUniformity: Float
    /// Eye aspect ratio.
    var minimumEyeOpening: Float
    /// The mesh's presence, 0…1.
    var minimumPresence: Float

    /// The lines for a use of the template.
    static func limits(for demand: QualityDemand) -> QualityLimits {
        switch demand {
        case .authentication: authentication
        case .enrollment: enrollment
        }
    }

    // Measured on ordinary press photographs and on spoilt copies of them. Authentication lets 99 of 100 pass and stops
    // where the similarity of a face to itself falls below about 0.8; enrollment stops at about 0.9.
    private static let authentication = QualityLimits(
        minimumScore: 0.6, minimumEyeDistance: 24, maximumHeadSize: 0.8, maximumCutOff: 0.25, maximumYaw: 40,
        maximumPitch: 32, maximumRoll: 40, minimumSharpness: 0.003, minimumLuma: 36, maximumDarkShare: 0.6,
        maximumBrightShare: 0.35, minimumContrast: 10, minimumUniformity: 0.12, minimumEyeOpening: 0.1,
        minimumPresence: 0.5)

    private static let enrollment = QualityLimits(
        minimumScore: 0.7, minimumEyeDistance: 40, maximumHeadSize: 0.7, maximumCutOff: 0.08, maximumYaw: 25,
        maximumPitch: 22, maximumRoll: 25, minimumSharpness: 0.006, minimumLuma: 50, maximumDarkShare: 0.4,
        maximumBrightShare: 0.2, minimumContrast: 16, minimumUniformity: 0.2, minimumEyeOpening: 0.13,
        minimumPresence: 0.7)
}
