import CV4L2
import EdgeCore
import Glibc

/// Tells a thread that waits in `poll` to stop.
///
/// Once set it stays set.
final class StopSignal: Sendable {
    /// Readable as soon as the signal is set.
    let descriptor: CInt

    init() throws(EdgeError) {
        descriptor = cv4l2_event()
        guard descriptor >= 0 else {
            throw EdgeError(.internalFault, "No event descriptor: \(String(cString: strerror(errno))).")
        }
    }

    deinit { close(descriptor) }

    /// Sets the signal.
    func set() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Whether it is set.
    var isSet: Bool { wait(for: .zero) }

    /// Waits for the signal, at most this long (`nil`: for ever); returns whether it is set.
    func wait(for limit: Duration?) -> Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        return Poll.wait(&descriptors, limit) && descriptors[0].revents != 0
    }

    /// Waits for the signal or for a device that comes, at most this long; returns whether a device came.
    func wait(for limit: Duration, orNewsOf monitor: HotplugMonitor?) -> Bool {
        guard let monitor else {
            _ = wait(for: limit)
            return false
        }
        let clock = FrameClock()
        let deadline = clock.now.advanced(by: limit)
        while true {
            var descriptors = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let left = max(clock.now.duration(to: deadline), .zero)
            guard Poll.wait(&descriptors, left), descriptors[0].revents == 0 else { return false }
            // A device that went is no news: the wait goes on.
            if monitor.hasNews() { return true }
        }
    }
    /// Waits for the signal, a reader or anything that udev tells, at most this long; returns whether the signal is set.
    func wait(for limit: Duration, orAny wake: WakeSignal, _ monitor: HotplugMonitor?) -> Bool {
        // `poll` passes over descriptors below zero.
        var descriptors = [descriptor, wake.descriptor, monitor?.descriptor ?? -1].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        guard Poll.wait(&descriptors, limit) else { return false }
        if descriptors[2].revents != 0 { _ = monitor?.hasNews() }
        return descriptors[0].revents != 0
    }
}

/// `poll` with a `Duration`, going on after interruptions.
enum Poll {
    /// Returns whether something is ready.
    static func wait(_ descriptors: inout [pollfd], _ limit: Duration?) -> Bool {
        let clock = FrameClock()
        let deadline = limit.map { clock.now.advanced(by: $0) }
        while true {
            let left = deadline.map { max(clock.now.duration(to: $0), .zero) }
            // Rounded up: a wait that ends a fraction too early would spin until its time has come.
            let milliseconds = left.map { CInt(clamping: Int(($0 / Duration.milliseconds(1)).rounded(.up))) } ?? -1
            let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
            if ready > 0 { return true }
            if ready == 0 { return false }
            guard errno == EINTR else { return false }
        }
    }
}
