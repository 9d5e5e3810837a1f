public import SyncCore

/// How much may wait for central, and what happens when that is full.
public struct OutboxLimits: Sendable, Equatable {
    /// Whether there is a central that the records wait for; without one the lanes are rings that deny nothing.
    public var hasCentral: Bool
    /// Whether what must be audited is refused while the audit lane is full; else the oldest lines are dropped from the
    /// lane, not from the trail.
    public var auditRefuses = true
    /// Of each lane.
    public var quotas: [Lane: LaneQuota]

    /// The defaults: without a central a short memory, with one what half a year at a busy door takes.
    public init(hasCentral: Bool = false) {
        self.hasCentral = hasCentral
        let mebibyte: Int64 = 1 << 20
        quotas =
            hasCentral
            ? [
                .control: LaneQuota(records: 100_000, bytes: 64 * mebibyte),
                .enrollment: LaneQuota(records: 50_000, bytes: 256 * mebibyte),
                .audit: LaneQuota(records: 1_000_000, bytes: 256 * mebibyte),
                .events: LaneQuota(records: 500_000, bytes: 192 * mebibyte),
            ]
            : Dictionary(
                uniqueKeysWithValues: Lane.allCases.map { ($0, LaneQuota(records: 10_000, bytes: 16 * mebibyte)) })
    }

    /// The quota of a lane.
    public func quota(of lane: Lane) -> LaneQuota { quotas[lane] ?? LaneQuota(records: 10_000, bytes: 16 << 20) }

    func policy(of lane: Lane) -> FullLanePolicy {
        FullLanePolicy(lane, hasCentral: hasCentral, auditRefuses: auditRefuses)
    }
}
