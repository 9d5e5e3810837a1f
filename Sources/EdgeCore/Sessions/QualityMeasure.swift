/// One quality measure of one face, named as in ISO/IEC 29794-5 (OFIQ).
public struct QualityMeasure: Sendable, Equatable {
    /// The measures that `edged` computes; raw values are the OFIQ names.
    public enum Name: String, Sendable, CaseIterable, Codable {
        case unifiedQualityScore = "UnifiedQualityScore"
        case singleFacePresent = "SingleFacePresent"
        case interEyeDistance = "InterEyeDistance"
        case headSize = "HeadSize"
        case cropLeft = "LeftwardCropOfTheFaceImage"
        case cropRight = "RightwardCropOfTheFaceImage"
        case cropAbove = "MarginAboveOfTheFaceImage"
        case cropBelow = "MarginBelowOfTheFaceImage"
        case headPoseYaw = "HeadPoseYaw"
        case headPosePitch = "HeadPosePitch"
        case headPoseRoll = "HeadPoseRoll"
        case sharpness = "Sharpness"
        case underExposurePrevention = "UnderExposurePrevention"
        case overExposurePrevention = "OverExposurePrevention"
        case dynamicRange = "DynamicRange"
        case illuminationUniformity = "IlluminationUniformity"
        case eyesOpen = "EyesOpen"
        case faceOcclusionPrevention = "FaceOcclusionPrevention"
    }

    /// Which measure.
    public let name: Name
    /// The native value in its own unit: pixels, degrees, a share, or a score.
    public let native: Double
    /// The quality component, 0 (useless) … 100 (as wanted).
    public let score: Double

    /// Creates a measure; `score` is clamped to 0…100.
    public init(_ name: Name, native: Double, score: Double) {
        self.name = name
        self.native = native
        self.score = min(max(score, 0), 100)
    }
}
