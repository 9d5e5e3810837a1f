public import EdgeCore
public import Logging

/// What a camera gave while it was watched for some seconds.
public struct CameraTrial: Sendable, Codable {
    /// How it stood at the end: format, size, losses, what is wrong.
    public var status: CameraStatus
    /// Pictures that were seen.
    public var frames: Int
    /// Pictures a second, from the first to the last.
    public var framesPerSecond: Double
    /// From the start to the first picture, milliseconds; absent without one.
    public var firstFrameMs: Double?
    /// How old a picture was when it was seen, milliseconds: the median.
    public var ageMedianMs: Double?
    /// The same, the 99th percentile.
    public var ageP99Ms: Double?
    /// What was wrong at the end.
    public var conditions: [HealthCondition]

    /// Runs a camera for so long, alone, and shows each picture to `keep`.
    ///
    /// A camera that a daemon streams from is busy, and the trial says so. Throws only when there is no thread for it.
    public static func run(
        _ configuration: CameraConfiguration, for limit: Duration, log: Logger,
        keep: @escaping @Sendable (EncodedImage) async -> Void = { _ in }
    ) async throws -> CameraTrial {
        let health = HealthBoard()
        let camera = Camera(configuration: configuration, health: health, log: log)
        let mailbox = camera.subscribe()
        let clock = FrameClock()
        let start = clock.now
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await camera.run() }
            group.addTask {
                // Ended early when the footage is over.
                try? await Task.sleep(for: limit)
                mailbox.finish()
            }
            var times: [FrameClock.Instant] = []
            var ages: [Double] = []
            for await frame in mailbox.frames {
                times.append(clock.now)
                ages.append(frame.capturedAt.duration(to: clock.now) / .milliseconds(1))
                await keep(frame.image)
            }
            let trial = CameraTrial(
                status: camera.status, times: times, ages: ages.sorted(), start: start, conditions: health.current)
            group.cancelAll()
            try await group.waitForAll()
            return trial
        }
    }

    init(
        status: CameraStatus, times: [FrameClock.Instant], ages: [Double], start: FrameClock.Instant,
        conditions: [HealthCondition]
    ) {
        self.status = status
        self.conditions = conditions
        frames = times.count
        framesPerSecond = 0
        guard let first = times.first, let last = times.last else { return }
        firstFrameMs = Self.rounded(start.duration(to: first) / .milliseconds(1))
        let seconds = first.duration(to: last) / .seconds(1)
        if seconds > 0 { framesPerSecond = Self.rounded(Double(times.count - 1) / seconds) }
        ageMedianMs = Self.rounded(ages[ages.count / 2])
        ageP99Ms = Self.rounded(ages[min(ages.count * 99 / 100, ages.count - 1)])
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
