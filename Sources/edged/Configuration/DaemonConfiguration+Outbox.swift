import EdgeCore
import Store
import SyncCore

extension DaemonConfiguration {
    /// How much may wait for central.
    struct Outbox: Equatable, Sendable {
        /// What happens when the audit lane is full: what must be audited is denied, or the lane's oldest records go.
        enum AuditFull: String, CaseIterable, Sendable { case deny, degrade }
        var auditFull = AuditFull.deny
        /// Lanes whose quota was written down.
        var quotas: [Lane: Quota] = [:]

        struct Quota: Equatable, Sendable {
            var records: Int?
            var mebibytes: Int?
        }
    }

    mutating func readOutbox(_ section: ConfigSection) {
        outbox.auditFull = section.choice("audit_full", default: .deny)
        for lane in Lane.allCases {
            guard let written = section.sectionIfThere(lane.rawValue) else { continue }
            outbox.quotas[lane] = Outbox.Quota(
                records: written.integer("records", in: 16...100_000_000),
                mebibytes: written.integer("mebibytes", in: 1...1_000_000))
            written.finish()
        }
        section.finish()
    }

    /// What holds: without a central the lanes are short rings that deny nothing.
    var outboxLimits: OutboxLimits {
        var limits = OutboxLimits(hasCentral: centralURL != nil)
        limits.auditRefuses = outbox.auditFull == .deny
        for (lane, written) in outbox.quotas {
            let standard = limits.quota(of: lane)
            limits.quotas[lane] = LaneQuota(
                records: written.records.map { Int64($0) } ?? standard.records,
                bytes: written.mebibytes.map { Int64($0) << 20 } ?? standard.bytes)
        }
        return limits
    }

    var outboxEntries: [ConfigurationEntry] {
        let limits = outboxLimits
        let lanes = Lane.allCases.sorted().flatMap { lane -> [(String, String?)] in
            let quota = limits.quota(of: lane)
            return [
                ("outbox.\(lane.rawValue).records", "\(quota.records)"),
                ("outbox.\(lane.rawValue).mebibytes", "\(quota.bytes >> 20)"),
            ]
        }
        return Self.entries([("outbox.audit_full", outbox.auditFull.rawValue)] + lanes)
    }
}
