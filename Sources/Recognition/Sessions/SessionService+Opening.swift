import EdgeCore
import FoundationEssentials

/// What has to be right before a session exists.
extension SessionService {
    func check(_ request: SessionRequest) throws(EdgeError) {
        guard !isClosing else { throw EdgeError(.shuttingDown) }
        if let samples = request.targetSamples, !(1...10).contains(samples) {
            throw EdgeError(.requestInvalid, "target_samples must be between 1 and 10.", field: "target_samples")
        }
        if request.kind != .identification {
            guard let user = request.externalUserID, (1...100).contains(user.unicodeScalars.count) else {
                throw EdgeError(.requestInvalid, "user_id must have 1 to 100 characters.", field: "user_id")
            }
        }
        if request.metadataJSON.utf8.count > 4096 {
            throw EdgeError(.requestInvalid, "metadata must have at most 4 KiB.", field: "metadata")
        }
        try checkConsent(request)
        if configuration.livenessPolicy.needsPassive, !analyzer.hasPassiveLiveness {
            throw EdgeError(.livenessUnavailable)
        }
    }

    private func checkConsent(_ request: SessionRequest) throws(EdgeError) {
        guard request.kind == .enrollment else { return }
        if let fault = request.consent?.fault { throw EdgeError(.requestInvalid, fault, field: "consent") }
        guard request.consent != nil || !configuration.requiresConsent else {
            throw EdgeError(.consentRequired, field: "consent")
        }
    }

    /// The camera that shall feed the session; `nil` for uploads.
    func camera(of request: SessionRequest) throws(EdgeError) -> String? {
        guard request.frameSource == .camera else { return nil }
        guard !roster.sources.isEmpty else { throw EdgeError(.cameraUnknown, "No camera is configured.") }
        if let name = request.camera, roster.isInfrared(name) || name == CameraStatus.infraredRole {
            throw EdgeError(
                .requestInvalid, "An infrared camera is looked at beside another one; no session takes its frames.",
                field: "camera")
        }
        guard let camera = roster.source(request.camera) else { throw EdgeError(.cameraUnknown, field: "camera") }
        try checkGivesFrames(camera.status)
        return camera.name
    }

    /// A door that waits on a dead camera would wait in vain; one that is just starting, or was released, is waited for.
    private func checkGivesFrames(_ status: CameraStatus) throws(EdgeError) {
        guard !status.isReady else { return }
        if let fault = status.fault {
            throw EdgeError(
                ErrorCode(rawValue: fault) ?? .cameraFailed, "The camera \(status.name) gives no frames.",
                field: "camera", retryAfter: .seconds(2))
        }
        if status.frames > 0 {
            throw EdgeError(.cameraStalled, "The footage of \(status.name) has ended.", field: "camera")
        }
    }

    func openCount(of client: ClientID) -> Int {
        live.values.count { $0.isOpen && $0.snapshot.client == client } + (opening[client] ?? 0)
    }

    func makeSession(
        _ request: SessionRequest, camera: String?, infrared: String?
    ) throws(EdgeError) -> LiveSession {
        let token = SessionToken(rawValue: "sess_" + (try secrets.randomText(bytes: 32)))
        let now = clock.wall
        let target =
            request.kind == .enrollment
            ? request.targetSamples ?? configuration.targetSamples : configuration.minFrames
        var snapshot = SessionSnapshot(
            id: SessionID(), token: token, request: request, targetFrames: target, createdAt: now,
            expiresAt: now.addingTimeInterval(configuration.timeToLive / .seconds(1)))
        snapshot.camera = camera
        var liveness = configuration.liveness
        if infrared != nil { liveness.infrared = configuration.infrared }
        let machine = makeMachine(request, target: target, liveness: liveness)
        machine.describe(in: &snapshot)
        let opened = clock.instant
        return LiveSession(
            snapshot: snapshot, machine: machine, displayName: request.displayName, decoy: makeDecoy(),
            openedAt: opened, deadline: opened.advanced(by: configuration.timeToLive), infrared: infrared)
    }

    private func makeMachine(
        _ request: SessionRequest, target: Int, liveness: LivenessSettings
    ) -> SessionMachine {
        let challenge = LivenessChallenge.allCases[Int(random.next() % UInt64(LivenessChallenge.allCases.count))]
        let samePerson = thresholds.threshold(fmr: SessionConfiguration.samePersonFMR)
        let isCamera = request.frameSource == .camera
        guard request.kind != .enrollment else {
            return .enrollment(
                EnrollmentMachine(
                    settings: .init(
                        targetSamples: target, sampleSpacing: isCamera ? configuration.sampleSpacing : .zero,
                        samePersonThreshold: samePerson, liveness: liveness,
                        duplicatePolicy: configuration.duplicatePolicy, keepsCrops: configuration.keepsCrops),
                    challenge: challenge))
        }
        return .authentication(
            AuthenticationMachine(
                settings: .init(
                    minFrames: configuration.minFrames,
                    maxUsableFrames: max(configuration.maxUsableFrames, configuration.minFrames),
                    countsOnlyFaces: isCamera,
                    maxFrames: isCamera ? configuration.maxCameraFrames : configuration.maxUploadFrames,
                    decisionTimeout: isCamera ? configuration.cameraDecisionTimeout : nil,
                    margin: request.kind == .identification ? configuration.margin : 0,
                    samePersonThreshold: samePerson, endsWithPerson: request.kind == .verification,
                    liveness: liveness),
                challenge: challenge))
    }

    private func makeDecoy() -> FaceTemplate {
        // Sums of three uniform numbers are normal enough for a direction that favours no axis.
        let values = (0..<analyzer.templateLength).map { _ in
            (0..<3).reduce(Float(0)) { sum, _ in sum + Float(uniform()) }
        }
        return FaceTemplate(model: analyzer.templateModel, values: TemplateMath.mean(of: [values]) ?? values)
    }

    private func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 * 2 - 1 }
}
