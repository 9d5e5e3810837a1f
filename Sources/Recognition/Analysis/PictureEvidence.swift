public import EdgeCore

/// What one picture shows, for evaluation and for the command line.
public struct PictureEvidence: Sendable {
    /// Faces that matter, before the quality gate.
    public let faceCount: Int
    /// The largest face, pixels of the picture.
    public let face: FaceGeometry?
    /// Why a session would not use the face; `nil` when it would.
    public let refusal: Reason?
    /// Unified quality 0…1; 0 without a face.
    public let quality: Double
    /// Measures of the face, OFIQ names.
    public let measures: [QualityMeasure]
    /// Fused logit of the passive nets, positive is live; `nil` is no opinion.
    public let livenessLogit: Double?
    /// The template, also of a face that the gate refuses; `nil` without a face.
    public let template: FaceTemplate?

    init(_ evidence: FrameEvidence) {
        faceCount = evidence.faceCount
        face = evidence.face
        refusal = evidence.refusal
        quality = evidence.quality
        measures = evidence.measures
        livenessLogit = evidence.livenessLogit.map(Double.init)
        template = evidence.template
    }
}

extension RecognitionEngine {
    /// Analyses a JPEG, PNG or WebP file exactly as a session does, except that the gate only notes its refusal.
    ///
    /// Throws the errors of ``ImageDecoder`` and `recognition.failed`.
    public func evidence(
        ofPicture bytes: [UInt8], wantsLiveness: Bool = false, wantsTemplate: Bool = true
    ) async throws(EdgeError) -> PictureEvidence {
        let plan = AnalysisPlan(
            demand: .authentication, wantsMesh: true, wantsLiveness: wantsLiveness, wantsTemplate: wantsTemplate,
            deadline: nil)
        let picture = try await inspect(bytes)
        return PictureEvidence(try await analyze(picture, plan: plan, enforcesGate: false))
    }

    /// The template of the largest face in a picture, made as a session makes it; `nil` without a face.
    public func template(ofPicture bytes: [UInt8]) async throws(EdgeError) -> FaceTemplate? {
        try await evidence(ofPicture: bytes).template
    }
}
