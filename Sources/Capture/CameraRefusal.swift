public import EdgeCore

/// A camera that was refused since it is not the one that it should be: somebody may have tampered with it.
public struct CameraRefusal: Sendable, Equatable {
    /// The configured name.
    public let camera: String
    /// `capture.pin.changed`, `capture.pin.cloned` or `capture.device.virtual`.
    public let code: ErrorCode
    /// What was found, for people.
    public let detail: String
    /// How often that happened since the last one was told, this time included.
    public let times: Int

    /// Describes a refusal.
    public init(camera: String, code: ErrorCode, detail: String, times: Int) {
        (self.camera, self.code, self.detail, self.times) = (camera, code, detail, times)
    }
}

/// Decides which refusals are told: each one that is new, at most one of each code a minute, the others counted.
///
/// A camera that stays wrong is tried again for as long as the daemon runs, and told once.
struct RefusalTelling {
    private static let quiet = Duration.seconds(60)
    private var last: String?
    private var toldAt: [ErrorCode: FrameClock.Instant] = [:]
    private var untold: [ErrorCode: Int] = [:]

    /// Streaming has ended or could not begin; how many refusals to tell of now, `nil` for none.
    mutating func failed(_ error: EdgeError, at now: FrameClock.Instant) -> Int? {
        guard [.cameraChanged, .cameraCloned, .cameraVirtual].contains(error.code) else {
            last = nil
            return nil
        }
        if last != error.detail { untold[error.code, default: 0] += 1 }
        last = error.detail
        let isQuietOver = toldAt[error.code].map { $0.duration(to: now) >= Self.quiet } ?? true
        guard isQuietOver, let times = untold.removeValue(forKey: error.code) else { return nil }
        toldAt[error.code] = now
        return times
    }

    /// It streams.
    mutating func delivered() { last = nil }
}
