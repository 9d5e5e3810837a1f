import EdgeCore

/// The way of one frame through the stages, on whatever thread calls it.
struct FrameAnalyzer: Sendable {
    /// The nets that are loaded.
    struct Nets: Sendable {
        var detector: FaceDetector
        var embedder: FaceEmbedder
        var mesh: FaceMesh
        var eyes: EyeContour?
        var liveness: PassiveLiveness?
    }

    /// A frame up to this size is decoded once and whole; decoding a larger one small first is cheaper.
    private static let wholeAtOnce = 800
    /// No stage gains from more pixels than this.
    private static let largestNeeded = 1600
    /// The detector's points are the most precise on faces of about this width, pixels of its input.
    private static let closeUpSide = 160
    /// Whether anybody is there needs no precise points.
    private static let presenceSide = 128
    /// Narrower faces on the small input are looked at again on the large one.
    private static let closeUpWidth: Float = 36
    /// Beyond these angles the passive nets have no opinion.
    private static let livenessAngles = (yaw: Float(20), pitch: Float(20))
    /// A further face counts when its width is at least this share of the largest one's.
    private static let bystanderShare: Float = 0.5

    let nets: Nets
    let decoder: any ImageDecoder

    /// Analyses one picture; with `enforcesGate` off a refused face gets a template too, for measuring.
    func analyze(
        _ picture: EncodedImage, plan: AnalysisPlan, enforcesGate: Bool = true
    ) throws(EdgeError) -> FrameEvidence {
        var clock = StageClock()
        let (view, faces) = try findFaces(in: picture, clock: &clock)
        var evidence = FrameEvidence(
            frameWidth: picture.width, frameHeight: picture.height, faceCount: Self.count(faces), face: nil,
            measures: [], quality: 0, refusal: .faceNone, timings: [], pictureDigest: view.image.digest)
        if let face = faces.first {
            evidence.face = face
            try examine(face, seenIn: view, of: picture, plan, enforcesGate, &evidence, &clock)
        }
        evidence.timings = clock.timings
        return evidence
    }

    /// The nets that a picture of this size with this face goes through, without the stages around them.
    func bareNets(width: Int, height: Int, face: FaceGeometry?) -> [BareNet] {
        let ratio = Float(max(width, height)) / Float(Self.closeUpSide)
        let isCloseUp = face.map { $0.width / ratio >= Self.closeUpWidth } ?? false
        let looks = isCloseUp ? [Self.closeUpSide] : [Self.closeUpSide, FaceDetector.longSide]
        return looks.map { nets.detector.bare(width: width, height: height, longSide: $0) } + [nets.mesh.bare]
            + (nets.eyes.map { [$0.bare, $0.bare] } ?? []) + (nets.liveness?.bare ?? []) + [nets.embedder.bare]
    }

    /// Whether anybody is there at all; as cheap as it gets.
    func presence(in picture: EncodedImage) throws(EdgeError) -> Bool {
        let image = try decoder.decode(picture, scale: .atLeast(longSide: Self.presenceSide))
        return try !nets.detector.faces(in: image, longSide: Self.presenceSide).isEmpty
    }

    /// Faces in pixels of the full frame, and the picture that they were found in.
    private func findFaces(
        in picture: EncodedImage, clock: inout StageClock
    ) throws(EdgeError) -> (View, [FaceGeometry]) {
        let isSmall = max(picture.width, picture.height) <= Self.wholeAtOnce
        let scale = isSmall ? DecodeScale.full : .atLeast(longSide: FaceDetector.longSide)
        let image = try clock.measure("decode") { () throws(EdgeError) in try decoder.decode(picture, scale: scale) }
        let view = View(image: image, of: picture)
        let faces = try clock.measure("detect") { () throws(EdgeError) -> [FaceGeometry] in
            let near = try nets.detector.faces(in: image, longSide: Self.closeUpSide)
            let ratio = Float(image.longSide) / Float(Self.closeUpSide)
            if let largest = near.first, largest.width / ratio >= Self.closeUpWidth { return near }
            return try nets.detector.faces(in: image)
        }
        return (view, faces.map { $0.scaled(x: 1 / view.scaleX, y: 1 / view.scaleY) })
    }

    private func examine(
        _ face: FaceGeometry, seenIn first: View, of picture: EncodedImage, _ plan: AnalysisPlan,
        _ enforcesGate: Bool, _ evidence: inout FrameEvidence, _ clock: inout StageClock
    ) throws(EdgeError) {
        let assessor = QualityAssessor(demand: plan.demand)
        let (width, height, faceCount) = (picture.width, picture.height, evidence.faceCount)
        func judge(_ mesh: MeshReading?, _ statistics: FaceStatistics?) {
            let verdict = assessor.assess(
                face, faceCount: faceCount, width: width, height: height, mesh: mesh, statistics: statistics)
            evidence.measures = verdict.measures
            evidence.quality = verdict.score
            evidence.refusal = verdict.refusal
        }
        judge(nil, nil)
        if enforcesGate, evidence.refusal != nil { return }
        guard !plan.isTooLate else { return }
        let view = try sharpEnough(first, for: face, of: picture, plan, &clock)
        let local = face.scaled(x: view.scaleX, y: view.scaleY)
        var mesh: MeshReading?
        // The passive nets need the pose: they have no opinion on a turned head.
        if plan.wantsMesh || (plan.wantsLiveness && nets.liveness != nil) {
            var reading = try clock.measure("mesh") { () throws(EdgeError) in
                try nets.mesh.reading(of: local, in: view.image)
            }
            if let eyes = nets.eyes {
                reading.eyeAspectRatio = try clock.measure("eyes") { () throws(EdgeError) in
                    try eyes.aspectRatio(of: reading, in: view.image)
                }
            }
            evidence.pose = reading.pose
            evidence.eyeAspectRatio = reading.eyeAspectRatio
            // The gate judges in pixels of the frame, like the box.
            let scaled = reading.scaled(1 / view.scaleX)
            evidence.mesh = scaled.points.map { Point(x: $0.x, y: $0.y) }
            mesh = scaled
        }
        guard !plan.isTooLate else { return judge(mesh, nil) }
        let aligned = try clock.measure("align") { () throws(EdgeError) in FaceAligner.align(local, in: view.image) }
        try clock.measure("quality") { () throws(EdgeError) in
            let statistics = FaceStatistics(of: aligned)
            evidence.faceLuma = statistics.meanLuma
            judge(mesh, statistics)
        }
        if plan.wantsLiveness, !plan.isTooLate { try judgeLiveness(local, in: view.image, &evidence, &clock) }
        let isMovement = evidence.refusal == .eyesClosed || evidence.refusal == .faceTurned
        let isWanted = evidence.refusal == nil || !enforcesGate || (plan.followsMovement && isMovement)
        guard plan.wantsTemplate, isWanted, !plan.isTooLate else { return }
        evidence.template = try clock.measure("embed") { () throws(EdgeError) in
            try nets.embedder.template(of: aligned)
        }
        if plan.wantsCrop { evidence.crop = FaceCrop(aligned) }
    }

    private func judgeLiveness(
        _ face: FaceGeometry, in image: Image, _ evidence: inout FrameEvidence, _ clock: inout StageClock
    ) throws(EdgeError) {
        // A closed eye is part of a blink; any other refusal spoils the nets' opinion.
        guard let liveness = nets.liveness, evidence.refusal == nil || evidence.refusal == .eyesClosed else { return }
        if let pose = evidence.pose {
            guard abs(pose.yaw) <= Self.livenessAngles.yaw, abs(pose.pitch) <= Self.livenessAngles.pitch else { return }
        }
        evidence.livenessLogit = try clock.measure("liveness") { () throws(EdgeError) in
            try liveness.logit(of: face, in: image)
        }
    }

    /// The picture that the later stages read: the first one when the face is large enough in it, else a larger one.
    private func sharpEnough(
        _ view: View, for face: FaceGeometry, of picture: EncodedImage, _ plan: AnalysisPlan,
        _ clock: inout StageClock
    ) throws(EdgeError) -> View {
        guard view.scaleX < 1 else { return view }
        // The embedder's eyes lie 35 pixels apart; the passive nets were trained on frames as the camera gave them.
        let eyeDistance = face.interEyeDistance
        guard plan.wantsLiveness || eyeDistance * view.scaleX < 40 else { return view }
        let longSide = max(picture.width, picture.height)
        let wanted = plan.wantsLiveness ? 0 : Int(Float(longSide) * 56 / max(eyeDistance, 1))
        let target = plan.wantsLiveness ? Self.largestNeeded : wanted
        let image = try clock.measure("decode") { () throws(EdgeError) in
            try decoder.decode(picture, scale: target >= longSide ? .full : .atLeast(longSide: target))
        }
        return View(image: image, of: picture)
    }

    /// How many faces matter: somebody far behind the person is no second face.
    private static func count(_ faces: [FaceGeometry]) -> Int {
        guard let largest = faces.first else { return 0 }
        return faces.count { $0.width >= largest.width * bystanderShare }
    }
}

/// A decoded picture and its size against the full frame.
private struct View {
    let image: Image
    let scaleX: Float
    let scaleY: Float

    init(image: Image, of picture: EncodedImage) {
        self.image = image
        scaleX = Float(image.width) / Float(picture.width)
        scaleY = Float(image.height) / Float(picture.height)
    }
}

extension AnalysisPlan {
    /// Whether the next stage comes too late.
    var isTooLate: Bool { deadline.map { FrameClock().now >= $0 } ?? false }
}
