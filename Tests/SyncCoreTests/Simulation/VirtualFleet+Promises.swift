import FoundationEssentials
import SyncCore

/// What the outside was told: kept by the simulator, out of reach of every fault.
struct Ledger {
    /// The newest enrollment that each device said was kept.
    var enrolled: [SubjectKey: [DeviceID: SubjectVersion]] = [:]
    /// The erasures that have reached each device.
    var erased: [DeviceID: [SubjectKey: UInt64]] = [:]
    var misses: [DeviceID: [SubjectKey: Int]] = [:]
    /// How far central said that it had each lane.
    var acknowledged: [LaneAddress: UInt64] = [:]
    private var renewals: [DeviceID: Duration] = [:]
    private var stoppedAt: [DeviceID: Duration] = [:]
    private var off: [DeviceID: Duration] = [:]

    mutating func note(_ response: Response, to request: Request, of id: DeviceID) {
        guard case .push(let epoch, let lane, _, _) = request, case .pushed(_, let cursor, _, _) = response else {
            return
        }
        let address = LaneAddress(device: id, epoch: epoch, lane: lane)
        acknowledged[address] = max(acknowledged[address] ?? 0, cursor.acknowledged)
    }

    mutating func note(_ replicas: [SubjectKey: Replica], of id: DeviceID) {
        for (key, replica) in replicas where replica.erasedBelow > 0 {
            erased[id, default: [:]][key] = max(erased[id]?[key] ?? 0, replica.erasedBelow)
        }
    }

    mutating func renewed(_ id: DeviceID, at moment: Duration) { (renewals[id], off[id]) = (moment, .zero) }
    mutating func stopped(_ id: DeviceID, at moment: Duration) { stoppedAt[id] = moment }
    mutating func started(_ id: DeviceID, at moment: Duration) {
        guard let since = stoppedAt[id] else { return }
        off[id, default: .zero] += moment - max(since, renewals[id] ?? .zero)
        stoppedAt[id] = nil
    }

    /// For how long a device has been running since it last heard of central.
    func age(of id: DeviceID, at moment: Duration) -> Duration { moment - (renewals[id] ?? .zero) - (off[id] ?? .zero) }

    /// Whether a version stands for another, which it replaced or is, whatever central made of its time.
    static func covers(_ held: SubjectVersion, _ version: SubjectVersion) -> Bool {
        (held.consent, held.generation) >= (version.consent, version.generation)
    }
}

extension VirtualFleet {
    /// Looks at the promises that hold at every moment; the first that does not.
    func brokenPromise() -> String? {
        for (id, device) in devices {
            for (key, below) in ledger.erased[id] ?? [:] {
                if let held = device.disk.replicas[key]?.effective, held.consent < below {
                    return "I5: an erased subject can be matched again"
                }
            }
            if device.disk[.events].records.count > device.eventQuota { return "I9: a lane is above its quota" }
            for (key, misses) in ledger.misses[id] ?? [:] where !isOff.contains(id) {
                if (device.memory.misses[key] ?? 0) < misses { return "I8: misses were forgotten" }
            }
        }
        for (address, number) in ledger.acknowledged {
            if (central.disk.lanes[address]?.cursor.acknowledged ?? 0) < number { return "I1: central lost a record" }
        }
        for (key, versions) in ledger.enrolled {
            for version in versions.values where !isKnown(key, version) {
                return "I1: an enrollment of \(key) is lost: \(version)"
            }
        }
        return nil
    }

    /// Whether the fleet still has a version, a later one, or the erasure that ended it.
    func isKnown(_ key: SubjectKey, _ version: SubjectVersion?, devicesToo: Bool = true) -> Bool {
        guard let version else { return true }
        let state = central.disk.subjects[key]?.state ?? SubjectState()
        if state.erasedBelow > version.consent { return true }
        if let held = state.version, Ledger.covers(held, version) { return true }
        guard devicesToo else { return false }
        return devices.values.contains { device in
            guard let replica = device.disk.replicas[key] else { return false }
            if replica.erasedBelow > version.consent { return true }
            return [replica.told, replica.pending?.version].contains { $0.map { Ledger.covers($0, version) } ?? false }
        }
    }

    /// Looks at what must hold once everything was put right and had time; the first that does not.
    func brokenAfterHeal() -> String? {
        for (position, count) in central.disk.effects where count != 1 {
            return "I3: record \(position.sequence) took effect \(count) times"
        }
        for (address, lane) in central.disk.lanes {
            let lost = lane.lost.flatMap { Array($0) }
            let kept = Set(lane.hashes.keys).union(lost)
            for number in 1...max(lane.cursor.acknowledged, 1) where number <= lane.cursor.acknowledged {
                if !kept.contains(number) { return "I2: \(address.lane) has a hole at \(number)" }
            }
        }
        for id in ids where central.disk.devices[id]?.standing == .active {
            if let reason = divergence(of: id) { return reason }
        }
        return nil
    }

    private func divergence(of id: DeviceID) -> String? {
        guard let device = devices[id], let entry = central.disk.devices[id] else { return nil }
        for lane in Lane.allCases {
            let stock = device.disk[lane]
            if !stock.records.isEmpty { return "I7: \(lane) still holds \(stock.records.count) records" }
            let address = LaneAddress(device: id, epoch: device.disk.epoch, lane: lane)
            let cursor = central.disk.lanes[address]?.cursor ?? .start
            if cursor.acknowledged == stock.newest {
                if cursor.head != stock.head { return "I4: two histories of \(lane) are believed" }
            } else if restorations == 0 || cursor.acknowledged > stock.newest {
                return "I4: \(lane) ends at \(cursor.acknowledged) and at \(stock.newest)"
            }
        }
        if device.disk.incarnation != central.disk.incarnation { return "I7: a device knows an earlier central" }
        for scope in entry.scopes {
            let feed = central.disk.feeds[scope] ?? .init()
            if device.root(scope, device.disk) != feed.root { return "I7: a replica differs from central" }
        }
        for (key, replica) in device.disk.replicas {
            if !replica.scopes.isSubset(of: entry.scopes) { return "I7: a device keeps a scope that it left" }
            if replica.pending != nil { return "I7: an enrollment is not settled" }
            if let held = replica.effective, held.consent < central.disk.subjects[key]?.state.erasedBelow ?? 0 {
                return "I5: a device holds somebody who was erased"
            }
        }
        return nil
    }
}
