import CSystemd
import EdgeCore
import Logging

/// Tells systemd when the daemon is ready, how it is, that it lives and that it stops.
struct SystemdNotifier {
    let status: StatusBoard
    let log: Logger

    /// Runs until cancelled; every beat asks the store, the sessions and the cameras, so one that hangs starves the watchdog.
    func run() async {
        let beat = Self.watchdogPeriod().map { $0 / 2 } ?? .seconds(5)
        var isAnnounced = false
        var lastStatus = ""
        var conditions = ConditionLog(log)
        while !Task.isCancelled {
            if status.isServing, !isAnnounced {
                Self.notify("READY=1")
                isAnnounced = true
            }
            await status.askStore()
            let now = await status.status()
            conditions.tell(now.conditions)
            let line =
                "\(now.status), \(now.people) people, \(now.openSessions) sessions, \(now.conditions.count) conditions"
            if line != lastStatus { Self.notify("STATUS=\(line)") }
            lastStatus = line
            Self.notify("WATCHDOG=1")
            // Waking early while not ready keeps the start fast without a second mechanism.
            try? await Task.sleep(for: isAnnounced ? beat : .milliseconds(50))
        }
        Self.notify("STOPPING=1")
    }

    /// The configuration is read anew; tell that the daemon is ready again when that is done.
    static func tellReloading() { notify("RELOADING=1") }

    static func tellReady() { notify("READY=1") }

    private static func notify(_ state: String) { _ = sd_notify(0, state) }

    private static func watchdogPeriod() -> Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(microseconds))
    }
}
