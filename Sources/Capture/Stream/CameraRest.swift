import EdgeCore
import Glibc

/// Lets a camera rest while nobody reads it, and wakes it.
///
/// It stays while the device comes and goes; used by the camera's thread alone, but for the signal.
final class CameraRest {
    /// How a wait between two pictures of a slow camera ended.
    enum Pause {
        case stopped
        /// Somebody may want to read.
        case woken
        case over
    }

    /// Whoever comes to read sets it.
    let wake: WakeSignal
    /// Whether the driver of this camera may be slowed; with one that failed over it pictures are left with the driver instead.
    var slowsDriver = true

    private var idle: IdleWatch
    /// Only a slow camera looks whether somebody comes.
    private var motion: MotionWatch?
    private let reader: any LightReader

    init(_ configuration: CameraConfiguration, wake: WakeSignal, reader: any LightReader = TurboImageDecoder()) {
        self.wake = wake
        self.reader = reader
        idle = IdleWatch(configuration.idle, after: configuration.idleAfter)
        if case .slow(let rate) = configuration.idle { motion = MotionWatch(framesPerSecond: rate) }
    }

    /// A stream was opened.
    func begins() {
        idle.begins()
        motion?.begins()
    }

    /// The driver gives another rate: a camera that was stopped for it finds its exposure anew, which is no movement.
    func rateChanged() { motion?.begins() }

    /// How much is asked of it now.
    func pace(isWatched: Bool, at now: FrameClock.Instant) -> CameraPace {
        // What it saw before a session says nothing about after it.
        if isWatched { motion?.begins() }
        return idle.pace(isWatched: isWatched, at: now)
    }

    /// Looks at a picture, where that is asked and it is time to; movement before it is as good as a reader.
    func look(_ picture: LentPicture, isWatched: Bool, at now: FrameClock.Instant) {
        look(picture.grid(by: reader), isWatched: isWatched, at: now)
    }

    /// The same with a picture of footage, which the operator has put there: it is decoded here.
    func look(_ grid: @autoclosure () -> LumaGrid?, isWatched: Bool, at now: FrameClock.Instant) {
        guard !isWatched, motion?.isDue(at: now) == true, let grid = grid() else { return }
        if motion?.saw(grid) == true { idle.wanted(at: now) }
    }

    /// Waits with a slow camera until it is time for a picture.
    func pause(until stop: StopSignal, at now: FrameClock.Instant) -> Pause {
        var waiting = [
            pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard Poll.wait(&waiting, motion?.left(at: now) ?? .zero) else { return .over }
        guard waiting[0].revents == 0 else { return .stopped }
        wake.clear()
        return .woken
    }
}
