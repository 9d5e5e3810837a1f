import SyncCore

/// Where the one batch stands that is made ready beside those that are on their way.
///
/// The lane that has the place holds it from the beginning of its work until the batch goes or is thrown away.
struct AheadPlace: Sendable {
    private enum State {
        case free
        case making(Lane)
        case ready(ReadAhead, ReadyBatch)
    }

    private var state = State.free

    /// Whether a lane gets the place.
    mutating func begin(_ lane: Lane) -> Bool {
        guard case .free = state else { return false }
        state = .making(lane)
        return true
    }

    /// What the lane's work came to; without a batch the place is free again.
    mutating func end(_ lane: Lane, with made: (rule: ReadAhead, batch: ReadyBatch)?) {
        guard case .making(lane) = state else { return }
        state = made.map { State.ready($0.rule, $0.batch) } ?? .free
    }

    /// The batch that is ready, when it is what the order asks for; one that is not is thrown away.
    mutating func take(for order: LaneSender.Order, of lane: LaneStatus) -> ReadyBatch? {
        guard case .ready(let rule, let batch) = state, rule.address.lane == lane.address.lane,
            !Self.isEarlier(lane, than: rule)
        else { return nil }
        state = .free
        return rule.fits(order, of: lane, count: batch.count) ? batch : nil
    }

    /// Throws away what did not go at once: its records are read again when their time comes.
    mutating func clear(after look: [LaneStatus]) {
        guard case .ready(let rule, _) = state else { return }
        if look.contains(where: { Self.isEarlier($0, than: rule) }) { return }
        state = .free
    }

    /// Whether a lane was looked at before the acknowledgement was noted that the batch waited for.
    private static func isEarlier(_ lane: LaneStatus, than rule: ReadAhead) -> Bool {
        lane.address == rule.address && lane.released + 1 < rule.first
    }

    /// Throws away what is here; what is being made comes to nothing.
    mutating func clear() { state = .free }
}
