import EdgeCore

/// How far the infrared camera may disagree with the colour camera about where a face is: they stand beside each other
/// and see a little more or less.
struct InfraredSettings: Sendable, Equatable {
    /// How far apart the middles of the two boxes may lie, as a share of the picture.
    var offset = 0.15
    /// How many times as large one box may be as the other.
    var scale = 1.6
}

/// What there is of the infrared camera beside one frame of the colour camera.
enum InfraredLook: Sendable, Equatable {
    /// No picture at all.
    case missing
    /// The newest picture is of another moment.
    case stale
    case seen(InfraredSight)

    /// How far apart two pictures of one moment may have been taken, by the capture clock.
    static let maximumSkew: Duration = .milliseconds(100)

    /// Whether two pictures are of one moment.
    static func isOneMoment(_ one: FrameClock.Instant, _ other: FrameClock.Instant) -> Bool {
        max(one.duration(to: other), other.duration(to: one)) <= maximumSkew
    }
}

/// What one look says.
enum InfraredFinding: String, Sendable, CaseIterable {
    /// A face where the colour camera sees one, lit and shaped as a living one.
    case agrees
    // Nothing is to be said.
    case missing
    case stale
    /// All is dark: the lens is covered, or the light of the camera was off; those of many cameras flash.
    case unlit
    // The colour camera's face is not there.
    case absent
    case elsewhere
    /// Darker than what is around it, as a screen is.
    case dark
    /// Without light and shade, as a blank print is.
    case flat

    /// Whether nothing was to be seen, neither for nor against the face.
    var isBlind: Bool { self == .missing || self == .stale || self == .unlit }
}

extension InfraredLook {
    // The numbers are ours, not measured on attacks; docs/decisions/0054 says how they were chosen.
    /// A picture without a face and a face are dark below this mean luma.
    static let leastLight = 24.0
    /// A face is at least so bright against what is around it.
    static let leastAgainstSurroundings = 0.5
    /// The standard deviation of a face's luma against its mean is at least this.
    static let leastContrast = 0.1

    /// What this look says of the face that the colour camera sees at `place`.
    func finding(beside place: RelativePlace, _ settings: InfraredSettings) -> InfraredFinding {
        switch self {
        case .missing: .missing
        case .stale: .stale
        case .seen(let sight): sight.finding(beside: place, settings)
        }
    }
}

extension InfraredSight {
    fileprivate func finding(beside place: RelativePlace, _ settings: InfraredSettings) -> InfraredFinding {
        guard !faces.isEmpty else { return light < InfraredLook.leastLight ? .unlit : .absent }
        guard let face = faces.first(where: { $0.place.isNear(place, settings) }) else { return .elsewhere }
        let surroundings = face.surroundings ?? face.mean
        if face.mean < InfraredLook.leastLight {
            return surroundings < InfraredLook.leastLight ? .unlit : .dark
        }
        if face.mean < surroundings * InfraredLook.leastAgainstSurroundings { return .dark }
        return face.deviation < face.mean * InfraredLook.leastContrast ? .flat : .agrees
    }
}

extension RelativePlace {
    fileprivate func isNear(_ other: RelativePlace, _ settings: InfraredSettings) -> Bool {
        guard (x - other.x).magnitude <= settings.offset, (y - other.y).magnitude <= settings.offset else {
            return false
        }
        return max(size, other.size) <= min(size, other.size) * settings.scale
    }
}

/// Gathers what the infrared camera says of one session's person, over several frames.
///
/// Three looks must agree, and three times as many as contradict. Who is refused stays so until another person comes;
/// what could not be seen counts for nobody.
struct InfraredJudge: Sendable {
    /// How the evidence stands.
    enum Verdict: Equatable {
        case passed
        case pending(Reason)
        case refused(Reason)
    }

    /// Looks that must agree.
    static let wanted = 3
    /// So many looks that contradict are no accident.
    static let patience = 4

    let settings: InfraredSettings
    private(set) var agreements = 0
    private(set) var contradictions = 0
    /// What the last look said, for the log.
    private(set) var last: InfraredFinding?
    private var digests: Set<UInt64> = []

    init(settings: InfraredSettings) { self.settings = settings }

    var verdict: Verdict {
        if contradictions >= Self.patience { return .refused(.livenessFailed) }
        if agreements >= Self.wanted, agreements >= Self.wanted * contradictions { return .passed }
        return .pending(isBlind ? .infraredMissing : .livenessPending)
    }

    /// Whether there were looks and nothing was ever to be seen.
    var isBlind: Bool { agreements + contradictions == 0 && last != nil }

    /// Takes a look at the moment of a frame that shows the session's person at `place`.
    mutating func apply(_ look: InfraredLook, beside place: RelativePlace) {
        guard case .pending = verdict else { return }
        // A camera that hangs, or a picture held before it, speaks once.
        if case .seen(let sight) = look, !digests.insert(sight.pictureDigest).inserted { return }
        let finding = look.finding(beside: place, settings)
        last = finding
        switch finding {
        case .agrees: agreements += 1
        case .missing, .stale, .unlit: break
        case .absent, .elsewhere, .dark, .flat: contradictions += 1
        }
    }
}
