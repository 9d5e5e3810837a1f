import EdgeCore
import Logging

/// What is seen of one infrared camera while sessions need it.
struct InfraredView {
    /// The newest frame; the one before it is gone.
    var newest: Frame?
    /// The number of the frame that was looked at last.
    var seen: UInt64?
    /// Looks in a row that showed nothing.
    var blindLooks = 0
}

/// The infrared camera beside the camera of a session.
extension SessionService {
    /// So many looks in a row without anything to be seen are a condition: the lights of many cameras flash.
    private static let blindLooksToTell = 4

    /// The infrared camera that has a say in a session on this camera (`nil`: uploads).
    ///
    /// Throws `liveness.infrared.unavailable` where there must be one and is none, or where it is known to give nothing.
    func infrared(beside camera: String?) throws(EdgeError) -> String? {
        guard configuration.infraredPolicy != .off else { return nil }
        guard let camera, let partner = roster.partner(of: camera) else {
            guard configuration.infraredPolicy == .required else { return nil }
            let detail = camera.map { "The camera \($0) has no infrared camera beside it, and one is required." }
            throw EdgeError(
                .infraredUnavailable,
                detail ?? "An infrared camera is required, and there is none beside uploaded pictures.",
                field: camera == nil ? "frame_source" : "camera")
        }
        let status = partner.status
        guard status.isStreaming || (status.fault == nil && status.frames == 0) else {
            let error = EdgeError(
                .infraredUnavailable, "The infrared camera \(partner.name) gives no frames.", field: "camera",
                retryAfter: .seconds(2))
            health.raise(error, subject: partner.name)
            throw error
        }
        return partner.name
    }

    /// Looks at the infrared frame beside a camera's frame, when that is one which may decide a session.
    ///
    /// Most frames are not: those without a usable face, and all once the infrared camera has spoken.
    func look(
        at infrared: Frame?, beside frame: Frame, showing evidence: FrameEvidence, for sessions: [SessionID]
    ) async -> InfraredLook? {
        let asking = sessions.compactMap { live[$0] }.filter { $0.machine.liveness.wantsInfrared }
        guard evidence.probe != nil, let camera = asking.first?.infrared, let place = evidence.place else { return nil }
        guard let look = await look(at: infrared, of: camera, beside: frame) else { return nil }
        if let settings = asking.first?.machine.liveness.infrared?.settings {
            tell(look.finding(beside: place, settings), of: camera)
        }
        return look
    }

    /// `nil` where the frame was looked at already.
    private func look(at infrared: Frame?, of camera: String, beside frame: Frame) async -> InfraredLook? {
        guard let infrared else { return .missing }
        guard InfraredLook.isOneMoment(infrared.capturedAt, frame.capturedAt) else { return .stale }
        guard views[camera]?.seen != infrared.sequence else { return nil }
        views[camera]?.seen = infrared.sequence
        do throws(EdgeError) {
            return .seen(try await analyzer.look(atInfrared: infrared))
        } catch {
            log.debug(
                "An infrared frame could not be looked at.",
                metadata: ["camera": "\(camera)", "code": "\(error.code.rawValue)"])
            return .missing
        }
    }

    private func tell(_ finding: InfraredFinding, of camera: String) {
        log.debug("An infrared look.", metadata: ["camera": "\(camera)", "finding": "\(finding.rawValue)"])
        guard finding.isBlind else {
            views[camera]?.blindLooks = 0
            return health.clear(ErrorCode.infraredUnavailable.rawValue, subject: camera)
        }
        views[camera, default: InfraredView()].blindLooks += 1
        guard views[camera]?.blindLooks == Self.blindLooksToTell else { return }
        health.raise(
            EdgeError(.infraredUnavailable, "The infrared camera \(camera) shows nothing beside a face."),
            subject: camera)
    }

    /// What the configuration alone makes impossible, and what it no longer asks for.
    func reportInfrared() {
        let code = ErrorCode.infraredUnavailable.rawValue
        let policy = configuration.infraredPolicy
        if policy == .off { for camera in roster.infrared { health.clear(code, subject: camera.name) } }
        for camera in roster.sources {
            guard policy == .required, roster.partner(of: camera.name) == nil else {
                health.clear(code, subject: camera.name)
                continue
            }
            let title = "No session is opened on \(camera.name): it has no infrared camera, and one is required."
            health.raise(EdgeError(.infraredUnavailable, title), subject: camera.name)
        }
        guard policy == .required, roster.hasNoPairs else { return health.clear(code) }
        health.raise(
            EdgeError(.infraredUnavailable, "No session is opened: an infrared camera is required, and there is none."))
    }
}
