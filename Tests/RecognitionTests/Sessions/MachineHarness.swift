import EdgeCore
import Testing

@testable import Recognition

/// Feeds frames to a machine, each a moment after the last and with bytes of its own.
struct EnrollmentHarness {
    var machine: EnrollmentMachine
    var isSomebodyElse = false
    private var instant = FrameClock().now
    private var count: UInt64 = 0

    init(
        policy: LivenessPolicy = .off, samples: Int = 3, spacing: Duration = .zero,
        duplicates: DuplicatePolicy = .refuse, challenge: LivenessChallenge = .blink
    ) {
        machine = EnrollmentMachine(
            settings: .init(
                targetSamples: samples, sampleSpacing: spacing,
                samePersonThreshold: Synthetic.thresholds.threshold(fmr: 1e-3),
                liveness: LivenessSettings(policy: policy, threshold: -1.5), duplicatePolicy: duplicates),
            challenge: challenge)
    }

    mutating func feed(
        _ evidence: FrameEvidence, after gap: Duration = .milliseconds(400), hash: UInt64? = nil
    ) -> FrameDecision {
        count += 1
        instant = instant.advanced(by: gap)
        var evidence = evidence
        evidence.pictureDigest = hash ?? count
        let facts = FrameFacts(evidence: evidence, instant: instant)
        let answer = isSomebodyElse
        return machine.apply(facts) { _ in answer }
    }
}

/// The same for authentications, against a gallery.
struct AuthenticationHarness {
    var machine: AuthenticationMachine
    var gallery: SessionGallery
    private(set) var instant = FrameClock().now
    private var count: UInt64 = 0

    init(
        _ kind: SessionKind = .verification, claimed: String? = "user-1", people: [GalleryRecord] = Self.people,
        policy: LivenessPolicy = .off, camera: Bool = false, challenge: LivenessChallenge = .blink,
        change: (inout AuthenticationMachine.Settings) -> Void = { _ in }
    ) {
        var settings = AuthenticationMachine.Settings(
            countsOnlyFaces: camera, maxFrames: camera ? 600 : 60, decisionTimeout: camera ? .seconds(15) : nil,
            margin: kind == .identification ? 0.05 : 0,
            samePersonThreshold: Synthetic.thresholds.threshold(fmr: 1e-3), endsWithPerson: kind == .verification,
            liveness: LivenessSettings(policy: policy, threshold: -1.5))
        change(&settings)
        machine = AuthenticationMachine(settings: settings, challenge: challenge)
        gallery = SessionGallery(
            gallery: GallerySnapshot(model: Synthetic.model, records: people), thresholds: Synthetic.thresholds,
            configuration: SessionConfiguration(), kind: kind, externalUserID: claimed,
            decoy: Synthetic.template(person: 999_999))
    }

    static let people = (1...5).map { Synthetic.record($0, client: ClientID()) }

    mutating func feed(
        _ evidence: FrameEvidence, after gap: Duration = .milliseconds(40), hash: UInt64? = nil,
        infrared: InfraredLook? = nil
    ) -> FrameDecision {
        count += 1
        instant = instant.advanced(by: gap)
        var evidence = evidence
        evidence.pictureDigest = hash ?? count
        let facts = FrameFacts(evidence: evidence, instant: instant, infrared: infrared)
        return machine.apply(facts, comparison: evidence.probe.flatMap(gallery.compare), compare: gallery.compare)
    }

    /// Good frames of one person, each with a look of the infrared camera.
    mutating func feed(_ person: Int, times: Int, infrared: (Int) -> InfraredLook?) -> [FrameDecision] {
        (0..<times).map { feed(.of(person, variation: Int(count)), infrared: infrared($0)) }
    }

    /// Good frames of one person, each a little different.
    mutating func feed(_ person: Int, times: Int, logit: Float? = 3) -> [FrameDecision] {
        (0..<times).map { _ in feed(.of(person, variation: Int(count), logit: logit)) }
    }
}
