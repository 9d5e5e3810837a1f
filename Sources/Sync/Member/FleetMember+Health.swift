import EdgeCore
import FoundationEssentials
import Logging
import SyncCore

/// What a technician hears of the fleet.
extension FleetMember {
    /// How far central's clock may be from the device's before somebody has to look.
    private static var clockTolerance: Int64 { HybridTime.tolerance }

    /// Central has answered.
    func reached() {
        if failuresInRow > 0 {
            log.notice("central answers again")
            // A way that bears one question bears all: no lane sits its long wait out.
            wakeLanes()
            pushBell.ring()
        }
        failuresInRow = 0
        lastContactAt = clock.wall
        lastFailure = nil
        for fault in WayFault.allCases { health.clear(fault.code.rawValue) }
    }

    /// Notes a refusal that is about the device or the way to central, and not about one question.
    func noteRefusal(_ refusal: SyncRefusal) async {
        lastFailure = SyncRefusalBody(refusal).detail
        switch refusal {
        case .unreachable(let detail, let fault): noteSilence(detail, fault)
        case .quarantined, .fork:
            stand(.quarantined, refusal)
            health.raise(
                "sync.quarantined", title: "Central takes nothing from this device: it told two histories.",
                severity: .error,
                remedy:
                    "See whether a copy of this device runs elsewhere and stop it; then release the device at central.")
        case .deviceUnknown, .tokenInvalid:
            stand(.unknown, refusal)
            health.raise(
                "sync.device.unknown", title: "Central does not know this device or its secret.", severity: .error,
                remedy: "Look at the fleet's devices at central; where it is gone: edged sync leave, edged provision.")
        case .revoked: await endByRevocation()
        case .certificateNeeded, .certificateRefused: certificateRefused(refusal)
        case .epochNeeded, .epochEnded, .gap, .malformed, .busy: break
        }
    }

    /// Says what lies between the device and central; one thing at a time.
    private func noteSilence(_ detail: String, _ fault: WayFault) {
        failuresInRow += 1
        // Only the first failure in a row is logged: a device may be offline for weeks.
        if failuresInRow == 1 || fault != wayFault {
            log.warning("central does not answer", metadata: ["code": "\(fault.code.rawValue)", "detail": "\(detail)"])
        }
        wayFault = fault
        for other in WayFault.allCases where other != fault { health.clear(other.code.rawValue) }
        health.raise(EdgeError(fault.code, detail), severity: .warning)
        // The key may be another one by now, and the certificate none of its.
        if fault == .ownKey { certificateBell.ring() }
    }

    /// Until an operator acts the device only asks whether it may go on.
    private func stand(_ phase: FleetMemberStatus.Phase, _ refusal: SyncRefusal) {
        if life?.standing != phase {
            log.error("central refuses the device", metadata: ["code": "\(refusal.code)"])
        }
        life?.standing = phase
        life?.isOpen = false
    }

    /// Says how old the last word of central is, where that limits what may be done.
    func reportLease() async {
        guard let standing = try? await store.lease() else { return }
        let days = standing.age.components.seconds / 86_400
        let remedy = "Let the device reach central; it goes on by itself then."
        for (tier, code) in Self.leaseConditions where tier != standing.tier { health.clear(code) }
        switch standing.tier {
        case .fresh: break
        case .aging:
            health.raise(
                "sync.lease.aging", title: "The device has been without central for more than a day.", severity: .info,
                remedy: remedy)
        case .closing:
            health.raise(
                "sync.lease.closing", title: "Nobody new is enrolled: \(days) days without central.",
                severity: .warning,
                remedy: remedy)
        case .expired:
            health.raise(
                "sync.lease.expired", title: "NOBODY IS LET IN BY FACE: \(days) days without central.",
                severity: .error,
                remedy: remedy)
        }
    }

    private static var leaseConditions: [LeaseTier: String] {
        [.aging: "sync.lease.aging", .closing: "sync.lease.closing", .expired: "sync.lease.expired"]
    }

    func reportFalseLease() {
        lastFailure = "The lease is not signed by the fleet's key."
        health.raise(
            "sync.lease.invalid", title: "What answers as central does not have the fleet's key.", severity: .error,
            remedy:
                "See who answers at central's address; where central lost its key: edged sync leave, edged provision.")
    }

    /// Templates of two models never compare: the people of another are known here and not recognised.
    func report(_ outcome: PullOutcome) {
        peopleWithoutModel = outcome.withoutModel
        if outcome.unreadable > 0 {
            log.error("central told of people who cannot be read", metadata: ["people": "\(outcome.unreadable)"])
        }
        if !outcome.mistrusted.isEmpty {
            log.warning("scopes differ from central", metadata: ["scopes": "\(outcome.mistrusted.count)"])
        }
        guard outcome.withoutModel > 0 else { return health.clear("sync.model.mismatch", subject: "people") }
        health.raise(
            "sync.model.mismatch", subject: "people",
            title: "\(outcome.withoutModel) people of the fleet have no template of this device's model.",
            severity: .warning, remedy: "Give all devices one model, or enroll these people again with it.")
    }

    /// The fleet's model is another one than the device's.
    func reportModel(of fleet: ModelName) {
        guard fleet != facts.model else { return health.clear("sync.model.mismatch", subject: "device") }
        health.raise(
            "sync.model.mismatch", subject: "device",
            title: "The fleet uses \(fleet.id) \(fleet.version), this device \(facts.model.id) \(facts.model.version).",
            severity: .warning, remedy: "Give all devices one model, or enroll people again with it.")
    }

    /// Compares the wall clocks; stamps from far ahead are set back by central.
    func noteCentralTime(_ time: Int64) {
        let own = Int64((clock.wall.timeIntervalSince1970 * 1_000_000).rounded())
        let minutes = (own - time) / 60_000_000
        guard abs(own - time) > Self.clockTolerance else { return health.clear("sync.clock") }
        health.raise(
            "sync.clock",
            title: "The clock is \(abs(minutes)) minutes \(minutes > 0 ? "ahead of" : "behind") central's.",
            severity: .warning, remedy: "Set the clock, or let a time server do it.")
    }

    func clearConditions() {
        for fault in WayFault.allCases { health.clear(fault.code.rawValue) }
        for code in [
            "sync.quarantined", "sync.device.unknown", "sync.lease.aging",
            "sync.lease.closing", "sync.lease.expired", "sync.lease.invalid", "sync.clock",
        ] { health.clear(code) }
        for subject in ["people", "device"] { health.clear("sync.model.mismatch", subject: subject) }
        clearCertificateConditions()
    }

    /// How the member stands.
    public func status() async -> FleetMemberStatus {
        let places = (try? await store.pullPlaces()) ?? PullPlaces()
        let lease = (try? await store.lease()) ?? nil
        let lanes = (try? await store.lanes()) ?? []
        return FleetMemberStatus(
            phase: phase, url: life?.membership.url, name: life?.membership.grant.name,
            device: life?.membership.device, lastContactAt: lastContactAt, lastFailure: lastFailure,
            leaseAgeSeconds: lease?.age.components.seconds, leaseTier: lease?.tier, incarnation: places.incarnation,
            lanes: lanes.map { lane in
                FleetMemberStatus.LaneDepth(
                    lane: lane.address.lane, waiting: lane.records, acknowledged: lane.acknowledged)
            },
            scopes: places.cursors.map { place in
                FleetMemberStatus.Scope(
                    scope: place.scope, cursor: place.cursor, isMistrusted: places.mistrusted.contains(place.scope))
            }, peopleWithoutModel: peopleWithoutModel,
            certificate: life.flatMap { _ in certificate.held }.map { .init($0) },
            roots: life?.membership.pinnedRoots.map { FleetMemberStatus.Roots($0, life?.membership.rootsSerial ?? 0) })
    }

    private var phase: FleetMemberStatus.Phase {
        guard let life else { return isRevoked ? .revoked : .alone }
        if isPaused { return .paused }
        if let standing = life.standing { return standing }
        if certificate.isRefused { return .refused }
        if failuresInRow > 0 { return .offline }
        return lastContactAt == nil ? .connecting : .online
    }
}
