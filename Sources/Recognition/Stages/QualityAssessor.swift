import EdgeCore

/// What the gate found: every measure, one score, and the first thing that the person should mend.
struct QualityVerdict: Sendable {
    /// OFIQ measures in a fixed order, the unified score first.
    var measures: [QualityMeasure]
    /// Unified quality, 0…1.
    var score: Double
    /// Why the face may not be used; `nil` when it may.
    var refusal: Reason?
}

/// Judges one face.
///
/// A measure whose input was not taken is left out: nothing is claimed that was not measured.
struct QualityAssessor: Sendable {
    private let limits: QualityLimits

    /// Judges for a use of the template.
    init(demand: QualityDemand) { limits = .limits(for: demand) }

    /// What can be refused from the box alone, before anything costly runs.
    func earlyRefusal(of face: FaceGeometry, faceCount: Int, width: Int, height: Int) -> Reason? {
        refusal(of: FacePlace(of: face, mesh: nil, width: width, height: height), faceCount: faceCount)
    }

    private func refusal(of place: FacePlace, faceCount: Int) -> Reason? {
        if faceCount > 1 { return .faceMultiple }
        if place.eyeDistance < limits.minimumEyeDistance { return .faceTooSmall }
        if place.cutOff > limits.maximumCutOff { return .faceCutOff }
        if place.headSize > limits.maximumHeadSize { return .faceTooLarge }
        return nil
    }

    /// Judges a face with all that is known about it.
    func assess(
        _ face: FaceGeometry, faceCount: Int, width: Int, height: Int, mesh: MeshReading?,
        statistics: FaceStatistics?
    ) -> QualityVerdict {
        let place = FacePlace(of: face, mesh: mesh, width: width, height: height)
        var measures = [
            QualityMeasure(.singleFacePresent, native: Double(faceCount), score: faceCount == 1 ? 100 : 0)
        ]
        measures += place.measures
        if let mesh { measures += Self.measures(of: mesh) }
        if let statistics { measures += Self.measures(of: statistics) }
        // The weakest link counts for most: one ruined property ruins the face.
        let scores = measures.map(\.score)
        let lowest = scores.min() ?? 0
        let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
        let score = (0.5 * lowest + 0.5 * mean) / 100
        let refusal =
            refusal(of: place, faceCount: faceCount)
            ?? statistics.flatMap { lightRefusal($0) } ?? mesh.flatMap { poseRefusal($0) }
            ?? statistics.flatMap { focusRefusal($0) } ?? mesh.flatMap { occlusionRefusal($0, face: face) }
        return QualityVerdict(
            measures: [QualityMeasure(.unifiedQualityScore, native: score * 100, score: score * 100)] + measures,
            score: score, refusal: refusal)
    }

    // Light before everything else: in the dark no other measure can be trusted.
    private func lightRefusal(_ face: FaceStatistics) -> Reason? {
        if face.meanLuma < limits.minimumLuma || face.darkShare > limits.maximumDarkShare { return .imageDark }
        if face.brightShare > limits.maximumBrightShare { return .imageBright }
        if face.contrast < limits.minimumContrast { return .imageLowContrast }
        return nil
    }

    private func poseRefusal(_ mesh: MeshReading) -> Reason? {
        let isTurned =
            abs(mesh.pose.yaw) > limits.maximumYaw || abs(mesh.pose.pitch) > limits.maximumPitch
            || abs(mesh.pose.roll) > limits.maximumRoll
        return isTurned ? .faceTurned : nil
    }

    private func focusRefusal(_ face: FaceStatistics) -> Reason? {
        if face.sharpness < limits.minimumSharpness { return .imageBlurred }
        if face.uniformity < limits.minimumUniformity { return .imageLowContrast }
        return nil
    }

    private func occlusionRefusal(_ mesh: MeshReading, face: FaceGeometry) -> Reason? {
        if mesh.presence < limits.minimumPresence || face.score < limits.minimumScore { return .faceOccluded }
        if let ratio = mesh.eyeAspectRatio, ratio < limits.minimumEyeOpening { return .eyesClosed }
        return nil
    }

    private static func measures(of mesh: MeshReading) -> [QualityMeasure] {
        func angle(_ name: QualityMeasure.Name, _ degrees: Float) -> QualityMeasure {
            // OFIQ: the square of the cosine.
            let component = cosine(Double(degrees) * .pi / 180)
            return QualityMeasure(name, native: Double(degrees), score: 100 * max(component, 0) * component)
        }
        let pose = [
            angle(.headPoseYaw, mesh.pose.yaw), angle(.headPosePitch, mesh.pose.pitch),
            angle(.headPoseRoll, mesh.pose.roll),
        ]
        guard let ratio = mesh.eyeAspectRatio else { return pose }
        return pose + [
            QualityMeasure(.eyesOpen, native: Double(ratio), score: 100 * Double(ramp(ratio, from: 0.05, to: 0.2)))
        ]
    }

    private static func measures(of face: FaceStatistics) -> [QualityMeasure] {
        [
            QualityMeasure(
                .sharpness, native: Double(face.sharpness),
                score: 100 * Double(ramp(face.sharpness, from: 0, to: 0.03).squareRoot())),
            QualityMeasure(
                .underExposurePrevention, native: Double(face.darkShare), score: 100 * Double(1 - face.darkShare)),
            QualityMeasure(
                .overExposurePrevention, native: Double(face.brightShare),
                score: 100 * Double(1 - face.brightShare)),
            QualityMeasure(.dynamicRange, native: Double(face.entropy), score: 12.5 * Double(face.entropy)),
            QualityMeasure(
                .illuminationUniformity, native: Double(face.uniformity),
                score: 100 * Double(face.uniformity).squareRoot()),
        ]
    }
}

/// Where a face stands in its frame.
struct FacePlace: Sendable {
    /// Pixels.
    let eyeDistance: Float
    /// Share of the frame's height from the eyes to the box's lower edge.
    let headSize: Float
    /// The share of the face beyond each edge of the frame: of the mesh where there is one, since the detector keeps its
    /// box inside of the frame.
    let cropped: (left: Float, right: Float, above: Float, below: Float)

    init(of face: FaceGeometry, mesh: MeshReading?, width: Int, height: Int) {
        eyeDistance = face.interEyeDistance
        let eyeLine = (face.landmarks[0].y + face.landmarks[1].y) / 2
        headSize = (face.y + face.height - eyeLine) / Float(height)
        if let mesh {
            cropped = (
                mesh.share { $0.x < 0 }, mesh.share { $0.x > Float(width) }, mesh.share { $0.y < 0 },
                mesh.share { $0.y > Float(height) }
            )
        } else {
            cropped = (
                max(-face.x, 0) / face.width, max(face.x + face.width - Float(width), 0) / face.width,
                max(-face.y, 0) / face.height, max(face.y + face.height - Float(height), 0) / face.height
            )
        }
    }

    /// The worst of the four.
    var cutOff: Float { max(cropped.left, cropped.right, cropped.above, cropped.below) }

    /// The measures that need no pixel.
    var measures: [QualityMeasure] {
        func crop(_ name: QualityMeasure.Name, _ share: Float) -> QualityMeasure {
            QualityMeasure(name, native: Double(share), score: 100 * Double(1 - ramp(share, from: 0, to: 0.25)))
        }
        return [
            QualityMeasure(
                .interEyeDistance, native: Double(eyeDistance),
                score: 100 * Double(ramp(eyeDistance, from: 0, to: 70).squareRoot())),
            QualityMeasure(
                .headSize, native: Double(headSize),
                score: 100 * Double(1 - ramp(headSize, from: 0.45, to: 0.9))),
            crop(.cropLeft, cropped.left), crop(.cropRight, cropped.right), crop(.cropAbove, cropped.above),
            crop(.cropBelow, cropped.below),
        ]
    }
}
