import EdgeCore

/// Decides when the sign beside the cameras goes on and off, and whether frames may be handed out.
///
/// Performs nothing, so every path is a plain test.
struct OnAirMachine {
    /// What is to be done now.
    enum Step: Equatable {
        /// Run the command; ``ended(_:isDone:at:)`` tells what came of it.
        case run(OnAirOrder)
        /// Nothing before then, unless there is news.
        case wait(until: FrameClock.Instant)
        /// Nothing, unless there is news.
        case rest
    }

    /// The waits.
    struct Pace {
        /// How long frames are held back for the sign.
        var patience = Duration.milliseconds(500)
        /// How long the sign stays on at least: sessions that follow each other do not make it flicker.
        var hold = Duration.seconds(2)
        /// How long after a failure the same is tried again.
        var retry = Duration.seconds(30)
    }

    private let pace: Pace
    private let hasCommand: Bool
    private var reading: [String] = []
    private var began: FrameClock.Instant?
    private var lastCamera = ""
    /// What the last command that succeeded was told; `nil` when nobody knows, as at the start: a daemon that was killed leaves
    /// the sign as it was.
    private var shown: Bool?
    private var running: OnAirOrder?
    private var failure: (isOn: Bool, at: FrameClock.Instant)?
    private var earliestOff: FrameClock.Instant?
    private var isEnding = false

    init(hasCommand: Bool, pace: Pace = Pace()) {
        self.hasCommand = hasCommand
        self.pace = pace
    }

    var standing: OnAirStanding {
        let sign: OnAirStanding.Sign =
            switch (hasCommand, failure != nil, shown) {
            case (false, _, _): .none
            case (true, true, _): .failed
            case (true, false, true?): .on
            case (true, false, false?): .off
            case (true, false, nil): .changing
            }
        return OnAirStanding(isOnAir: !reading.isEmpty, cameras: reading, sign: sign)
    }

    /// A camera has a frame for a reader: whether it may be handed out, and whether the sign must be looked after.
    ///
    /// It may when the sign is on, when that failed, and when it has taken too long.
    mutating func frameIsReady(of camera: String, at now: FrameClock.Instant) -> (mayGo: Bool, isNews: Bool) {
        var isNews = false
        if !reading.contains(camera) {
            if reading.isEmpty {
                (began, lastCamera, isNews) = (now, camera, true)
                // A sign that failed a while ago gets its time again.
                if let failed = failure?.at, failed.duration(to: now) >= pace.hold { failure = nil }
            }
            reading.append(camera)
        }
        guard hasCommand, shown != true, failure?.isOn != true, let began else { return (true, isNews) }
        return (began.duration(to: now) >= pace.patience, isNews)
    }

    /// A camera has no reader any more, or no frames; whether the sign must be looked after.
    mutating func stopped(_ camera: String) -> Bool {
        guard let place = reading.firstIndex(of: camera) else { return false }
        reading.remove(at: place)
        guard reading.isEmpty else { return false }
        (began, lastCamera) = (nil, camera)
        return true
    }

    /// The daemon ends: the sign goes off, at once.
    mutating func end() {
        (isEnding, reading, failure) = (true, [], nil)
    }

    mutating func next(at now: FrameClock.Instant) -> Step {
        let isWanted = !reading.isEmpty
        guard hasCommand, running == nil, shown != isWanted else { return .rest }
        if let failure, failure.isOn == isWanted {
            guard !isEnding else { return .rest }
            let due = failure.at.advanced(by: pace.retry)
            guard now >= due else { return .wait(until: due) }
        }
        if !isWanted, !isEnding, let earliestOff, now < earliestOff { return .wait(until: earliestOff) }
        if isWanted { earliestOff = now.advanced(by: pace.hold) }
        let order = OnAirOrder(isOn: isWanted, camera: lastCamera)
        (running, shown) = (order, nil)
        return .run(order)
    }

    /// The command has come to its end.
    mutating func ended(_ order: OnAirOrder, isDone: Bool, at now: FrameClock.Instant) {
        running = nil
        shown = isDone ? order.isOn : nil
        failure = isDone ? nil : (order.isOn, now)
    }
}
