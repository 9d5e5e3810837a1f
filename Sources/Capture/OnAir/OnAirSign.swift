public import EdgeCore
import Synchronization

/// The sign beside the cameras: whether somebody reads one, and that frames go to nobody before the sign had time to say so.
///
/// It holds up no camera: what comes before the sign is on is counted and not handed out.
public final class OnAirSign: Sendable {
    private let machine: Mutex<OnAirMachine>
    /// Says that the sign must be looked after.
    private let (news, teller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Prepares the sign; without a command frames wait for nothing.
    public convenience init(hasCommand: Bool) { self.init(hasCommand: hasCommand, pace: OnAirMachine.Pace()) }

    init(hasCommand: Bool, pace: OnAirMachine.Pace) {
        machine = Mutex(OnAirMachine(hasCommand: hasCommand, pace: pace))
    }

    /// How it stands.
    public var standing: OnAirStanding { machine.withLock { $0.standing } }

    /// Whether a frame that a reader waits for may be handed out; called for each, and returns at once.
    func maySee(_ camera: String) -> Bool {
        let now = FrameClock().now
        let (mayGo, isNews) = machine.withLock { $0.frameIsReady(of: camera, at: now) }
        if isNews { teller.yield() }
        return mayGo
    }

    /// Nobody reads the camera any more, or it gives no frames.
    func stopped(_ camera: String) {
        if machine.withLock({ $0.stopped(camera) }) { teller.yield() }
    }

    /// Sets the sign by a call that says whether it could, until the task is cancelled, and then off; run it once.
    ///
    /// One `show` at a time; of what was wanted meanwhile the last counts. `show` must come to an end, cancelled or not.
    public func run(_ show: @Sendable (OnAirOrder) async -> Bool) async {
        await withDiscardingTaskGroup { group in
            teller.yield()
            var alarm: FrameClock.Instant?
            for await _ in news {
                guard let due = await settle(show), due != alarm else { continue }
                alarm = due
                group.addTask { [teller] in
                    // Clocks differ: one that wakes too early would find nothing to do, and nobody would wake again.
                    while case let left = FrameClock().now.duration(to: due), left > .zero {
                        do { try await Task.sleep(for: left) } catch { return }
                    }
                    teller.yield()
                }
            }
            group.cancelAll()
        }
        machine.withLock { $0.end() }
        _ = await settle(show)
    }

    /// Does what is to be done; when to look again.
    private func settle(_ show: (OnAirOrder) async -> Bool) async -> FrameClock.Instant? {
        while true {
            switch machine.withLock({ $0.next(at: FrameClock().now) }) {
            case .rest: return nil
            case .wait(let due): return due
            case .run(let order):
                let isDone = await show(order)
                machine.withLock { $0.ended(order, isDone: isDone, at: FrameClock().now) }
            }
        }
    }
}
