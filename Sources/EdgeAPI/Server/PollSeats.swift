import SyncCore
import Synchronization

/// Places for members that wait for news: each holds a connection for up to a minute.
///
/// Whoever finds none is answered at once and told when to come again, so that there is room for those who push.
final class PollSeats: Sendable {
    /// How many polls of one member may wait: a second one is there while the first one's connection is already dead.
    static let perDevice = 2

    private let total: Int
    private let taken = Mutex<[DeviceID: Int]>([:])

    init(total: Int) { self.total = total }

    /// A place that is free again when its holder is gone.
    final class Seat: Sendable {
        private let seats: PollSeats
        private let device: DeviceID

        fileprivate init(seats: PollSeats, device: DeviceID) {
            self.seats = seats
            self.device = device
        }

        deinit { seats.leave(device) }
    }

    /// Takes a place; `nil` when none is left.
    func take(_ device: DeviceID) -> Seat? {
        let isFree = taken.withLock { taken in
            guard taken[device, default: 0] < Self.perDevice, taken.values.reduce(0, +) < total else { return false }
            taken[device, default: 0] += 1
            return true
        }
        return isFree ? Seat(seats: self, device: device) : nil
    }

    private func leave(_ device: DeviceID) {
        taken.withLock { taken in
            let left = taken[device, default: 1] - 1
            taken[device] = left > 0 ? left : nil
        }
    }
}
