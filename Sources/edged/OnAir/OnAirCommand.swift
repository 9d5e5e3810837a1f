import Capture
import EdgeCore

/// The command that sets the sign beside the cameras: a lamp, a relay, another program.
struct OnAirCommand: Sendable, Equatable {
    /// How long it may take; the daemon's stop may wait for two.
    static let limit = Duration.seconds(2)
    private static let condition = "on_air.failed"

    /// The program's path and its own arguments, before the daemon's.
    var words: [String]

    /// What is run for an order.
    func program(for order: OnAirOrder) -> BoundedProgram {
        let state = order.isOn ? "on" : "off"
        return BoundedProgram(
            words: words + [state, order.camera],
            environment: [
                "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "EDGED_ON_AIR=\(state)",
                "EDGED_CAMERA=\(order.camera)",
            ], limit: Self.limit)
    }

    /// Sets the sign until it is cancelled, and then off; what goes wrong stands on the health board until it goes well.
    func run(_ sign: OnAirSign, health: HealthBoard) async {
        await sign.run { order in
            switch await program(for: order).run() {
            case .succeeded:
                health.clear(Self.condition)
                return true
            case .failed(let why):
                health.raise(
                    "on_air.failed",
                    title: "The sign beside the cameras could not be set to \(order.isOn ? "on" : "off"): \(why).",
                    severity: .warning,
                    remedy: "Try the command of [on_air] by hand; what the unit lets it reach is in the runbook.")
                return false
            }
        }
    }
}
