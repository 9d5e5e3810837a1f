import EdgeCore

/// What a session machine gets to know about one frame.
struct FrameFacts: Sendable {
    /// What the pipeline saw.
    var evidence: FrameEvidence
    /// When it was taken or received.
    var instant: FrameClock.Instant
    /// What the infrared camera showed at that moment; `nil` where nobody looked, or at nothing new.
    var infrared: InfraredLook?
}

/// What follows from one frame.
enum FrameDecision: Sendable, Equatable {
    /// The session goes on.
    case pending(Reason, accepted: Bool)
    /// The session came to a positive end.
    case completed(Reason)
    /// The session came to a negative end.
    case failed(Reason)

    var reason: Reason {
        switch self {
        case .pending(let reason, _), .completed(let reason), .failed(let reason): reason
        }
    }
    var accepted: Bool {
        switch self {
        case .pending(_, let accepted): accepted
        case .completed: true
        case .failed: false
        }
    }
}

extension FrameEvidence {
    /// Why the frame gives no probe; `nil` when there is exactly one face that passed the gate.
    var obstacle: Reason? {
        switch faceCount {
        case ..<1: .faceNone
        case 1: refusal
        default: .faceMultiple
        }
    }

    /// The template, when the frame gives a sound one.
    var probe: FaceTemplate? {
        guard obstacle == nil, let template, TemplateMath.isUsable(template) else { return nil }
        return template
    }
}

/// Frames counted with the mean quality of those that were used.
struct FrameTally: Sendable {
    /// Frames seen.
    private(set) var seen = 0
    /// Frames used.
    private(set) var used = 0
    /// What all frames were like; nothing of it is ever taken back.
    private(set) var census = FrameCensus()
    private var qualitySum = 0.0
    private var digests: Set<UInt64> = []

    /// Mean quality of the used frames, 0…1.
    var quality: Double? { used > 0 ? qualitySum / Double(used) : nil }

    /// Counts a frame; answers whether its very pixels were there before.
    mutating func isRepeated(_ evidence: FrameEvidence) -> Bool {
        seen += 1
        census.note(obstacle: evidence.obstacle)
        return !digests.insert(evidence.pictureDigest).inserted
    }

    mutating func use(_ evidence: FrameEvidence) {
        used += 1
        qualitySum += evidence.quality
        census.note(used: evidence)
    }

    /// Forgets what was used, not what was seen.
    mutating func resetUsed() {
        used = 0
        qualitySum = 0
    }
}
