import EdgeCore

/// Watches one face answer one challenge: a blink, or a turn of the head and back.
///
/// The face is followed from frame to frame by its box, and a template before the movement must match one in the movement
/// and one after it, so that nobody can act for the person in the picture. Losing the face starts the challenge again.
struct ChallengeMachine: Sendable {
    /// The limits of each movement.
    struct Settings: Sendable {
        /// Beyond this the head is turned, degrees.
        var turnedYaw: Float = 20
        /// Within this it looks at the camera, degrees.
        var frontalYaw: Float = 12
        /// Open-eye frames that make the baseline.
        var baselineFrames = 3
        /// A closed eye, as a share of the baseline.
        var closedShare: Float = 0.6
        /// An eye that is open again, as a share of the baseline.
        var openShare: Float = 0.85
        /// Below this an open-eye baseline is not believed.
        var lowestBaseline: Float = 0.16
        /// From the start of the movement to its end.
        var longestMovement: Duration = .seconds(4)
        /// Between two frames of one face.
        var longestGap: Duration = .milliseconds(1500)
        /// Overlap of the face's boxes in two frames, as a share of their union.
        var leastOverlap: Float = 0.3
    }

    private enum Stage: Equatable {
        case waiting
        case moving(since: FrameClock.Instant)
        /// Back in place; the person has yet to be recognised again.
        case returned(at: FrameClock.Instant)
        case satisfied
    }

    let challenge: LivenessChallenge
    private let samePersonThreshold: Double
    private let settings: Settings
    private var stage = Stage.waiting
    private var before: FaceTemplate?
    private var openEyes: [Float] = []
    private var lastFace: FaceGeometry?
    private var lastInstant: FrameClock.Instant?

    init(challenge: LivenessChallenge, samePersonThreshold: Double, settings: Settings = Settings()) {
        self.challenge = challenge
        self.samePersonThreshold = samePersonThreshold
        self.settings = settings
    }

    /// Whether the challenge was answered.
    var isSatisfied: Bool { stage == .satisfied }

    /// Starts again.
    mutating func reset() {
        stage = .waiting
        before = nil
        openEyes = []
        lastFace = nil
        lastInstant = nil
    }

    /// Takes the next frame in time; older ones are ignored.
    mutating func apply(_ evidence: FrameEvidence, at instant: FrameClock.Instant) {
        guard !isSatisfied else { return }
        if let lastInstant, instant <= lastInstant { return }
        guard evidence.faceCount == 1, let face = evidence.face else { return reset() }
        if !follows(face, at: instant) { reset() }
        lastFace = face
        lastInstant = instant
        guard let movement = movement(in: evidence) else { return }
        // Somebody else's head in the middle is no movement of this person.
        guard movement != .acting || isBefore(evidence.template) else { return }
        advance(movement, evidence.probe, at: instant)
    }

    private enum Movement: Equatable {
        case rest
        case acting
        case between
        case wrongWay
    }

    private mutating func advance(_ movement: Movement, _ probe: FaceTemplate?, at instant: FrameClock.Instant) {
        switch (stage, movement) {
        case (_, .wrongWay):
            reset()
        case (.waiting, .rest):
            if let probe { before = probe }
        case (.waiting, .acting):
            if before != nil { stage = .moving(since: instant) }
        case (.moving(let since), _) where since.duration(to: instant) > settings.longestMovement:
            reset()
        case (.moving, .rest):
            stage = .returned(at: instant)
            recognise(probe)
        case (.returned(let at), _) where at.duration(to: instant) > settings.longestMovement:
            reset()
        case (.returned, .rest):
            recognise(probe)
        case (.waiting, .between), (.moving, _), (.returned, _), (.satisfied, _):
            break
        }
    }

    private mutating func recognise(_ probe: FaceTemplate?) {
        guard let probe, before != nil else { return }
        if isBefore(probe) { stage = .satisfied } else { reset() }
    }

    /// Whether the face is the one that was seen before the movement.
    private func isBefore(_ template: FaceTemplate?) -> Bool {
        guard let template, let before, let cosine = TemplateMath.cosine(before, template) else { return false }
        return cosine >= samePersonThreshold
    }

    private mutating func movement(in evidence: FrameEvidence) -> Movement? {
        guard let yaw = evidence.pose?.yaw, yaw.isFinite else { return nil }
        switch challenge {
        case .blink: return blink(evidence.eyeAspectRatio, yaw: yaw)
        case .turnLeft: return turn(yaw)
        case .turnRight: return turn(-yaw)
        }
    }

    private func turn(_ yaw: Float) -> Movement {
        if yaw >= settings.turnedYaw { return .acting }
        if yaw <= -settings.turnedYaw { return .wrongWay }
        return abs(yaw) <= settings.frontalYaw ? .rest : .between
    }

    private mutating func blink(_ ratio: Float?, yaw: Float) -> Movement? {
        // A turned head shortens the eye in the picture: the ratio says nothing then.
        guard let ratio, ratio.isFinite, abs(yaw) <= settings.turnedYaw else { return nil }
        let baseline = openEyes.sorted()[safe: openEyes.count / 2]
        guard let baseline, openEyes.count >= settings.baselineFrames else {
            if ratio >= settings.lowestBaseline { openEyes.append(ratio) }
            return .rest
        }
        if ratio <= baseline * settings.closedShare { return .acting }
        return ratio >= baseline * settings.openShare ? .rest : .between
    }

    private func follows(_ face: FaceGeometry, at instant: FrameClock.Instant) -> Bool {
        guard let lastFace, let lastInstant else { return true }
        return lastInstant.duration(to: instant) <= settings.longestGap
            && face.overlap(with: lastFace) >= settings.leastOverlap
    }
}

extension FaceGeometry {
    /// Intersection over union of two boxes, 0…1.
    func overlap(with other: FaceGeometry) -> Float {
        let across = min(x + width, other.x + other.width) - max(x, other.x)
        let down = min(y + height, other.y + other.height) - max(y, other.y)
        guard across > 0, down > 0 else { return 0 }
        let common = across * down
        let union = width * height + other.width * other.height - common
        return union > 0 ? common / union : 0
    }
}

extension Array {
    /// The element, or `nil` outside the array.
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
