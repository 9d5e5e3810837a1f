/// Why an epoch of a device's database began.
public enum EpochReason: String, Sendable, Codable, Hashable, CaseIterable {
    case fresh
    case restored
    case corrupt
    case rolledBack = "rolled_back"
    /// An operator let the device in again after a quarantine.
    case released
}

/// A device's wish to count its records in a new epoch.
public struct EpochOpening: Sendable, Hashable, Codable {
    /// The one that begins.
    public let epoch: Epoch
    /// Those before it, the first one first; all of them, since a restored central may remember an early one as the last.
    public let history: [Epoch]
    /// Why.
    public let reason: EpochReason

    /// Describes the wish.
    public init(epoch: Epoch, history: [Epoch], reason: EpochReason) {
        self.epoch = epoch
        self.history = history
        self.reason = reason
    }
}

/// The epochs of a device that central knows.
public struct EpochBook: Sendable, Equatable, Codable {
    /// The one in which records are taken; `nil` before the first, and after a release from quarantine.
    public private(set) var present: Epoch?
    /// Those that have ended.
    public private(set) var ended: Set<Epoch> = []

    /// A device that never spoke.
    public init() {}

    /// What to answer to an opening.
    public enum Verdict: Sendable, Equatable {
        /// The epoch is the present one from now on.
        case opened
        /// It is already.
        case known
        /// It has ended; the message is late, or the device is an older copy of itself.
        case ended
        /// It follows an epoch that another one followed already: two machines live under one identity.
        case forked
    }

    /// Judges an opening and keeps it.
    public mutating func open(_ opening: EpochOpening) -> Verdict {
        if opening.epoch == present { return .known }
        if ended.contains(opening.epoch) { return .ended }
        if let present {
            guard opening.history.contains(present) else { return .forked }
        }
        ended.formUnion(opening.history)
        present = opening.epoch
        return .opened
    }

    /// Lets whatever epoch comes next follow: an operator looked at the device and released it.
    public mutating func release() {
        if let present { ended.insert(present) }
        present = nil
    }
}
