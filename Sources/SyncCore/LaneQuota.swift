/// How much of a lane may wait at the device.
public struct LaneQuota: Sendable, Hashable {
    /// The most records.
    public let records: Int64
    /// The most bytes, records with what they carry.
    public let bytes: Int64

    /// Sets a limit; both are at least 16 and 4096, so that there is room for the record that tells of a loss.
    public init(records: Int64, bytes: Int64) {
        self.records = max(records, 16)
        self.bytes = max(bytes, 4096)
    }

    /// How many records go at once when the oldest have to: one loss is told once and not record by record.
    var step: Int64 { min(max(records / 16, 4), 1024) }
}

/// What happens when a lane is as long as it may be.
public enum FullLanePolicy: Sendable, Hashable {
    /// It grows on.
    case grow
    /// What would add to it is refused; what must not fail has an eighth more.
    case refuse
    /// The oldest records go, and a record of the loss is left.
    case dropOldest

    /// The lane's own policy.
    ///
    /// Without a central nobody waits for the records, so that each lane is a ring and denies nothing.
    public init(_ lane: Lane, hasCentral: Bool, auditRefuses: Bool) {
        switch (lane, hasCentral) {
        case (_, false), (.events, true): self = .dropOldest
        case (.control, true): self = .grow
        case (.enrollment, true): self = .refuse
        case (.audit, true): self = auditRefuses ? .refuse : .dropOldest
        }
    }
}

/// How much depends on a record.
public enum RecordUrgency: Sendable, Hashable, Comparable {
    /// Its cause may be refused.
    case ordinary
    /// Its cause has happened: a refusal, a miss at the door.
    case fact
    /// Its cause must never be refused: an erasure, the record of a loss.
    case essential
}

/// The device's decision about one more record.
public enum QuotaRule {
    /// What to do.
    public enum Verdict: Sendable, Equatable {
        /// Take it.
        case take
        /// Drop this many of the oldest, then ask again.
        case drop(Int64)
        /// Refuse its cause.
        case refuse
    }

    /// Judges a record of `bytes` for a lane that holds `depth` records of `held` bytes.
    public static func judge(
        bytes: Int64, urgency: RecordUrgency = .ordinary, depth: Int64, held: Int64, quota: LaneQuota,
        policy: FullLanePolicy
    ) -> Verdict {
        func fits(_ share: Int64) -> Bool {
            depth < quota.records + quota.records / 8 * share && held + bytes <= quota.bytes + quota.bytes / 8 * share
        }
        switch policy {
        case .grow: return .take
        case .dropOldest:
            // A record that is larger than the quota stands alone.
            return fits(0) || depth == 0 ? .take : .drop(min(quota.step, depth))
        case .refuse:
            switch urgency {
            case .ordinary: return fits(0) ? .take : .refuse
            case .fact: return fits(1) ? .take : .refuse
            case .essential: return .take
            }
        }
    }
}
