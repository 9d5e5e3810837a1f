import FoundationEssentials
import SyncCore

/// What people at the doors do, what goes wrong, and how it ends.
extension VirtualFleet {
    mutating func people(_ id: DeviceID) {
        schedule(.people(id), in: isWinter ? .seconds(6 * 3600) : .seconds(60 + Int(dice.next() % 400)))
        guard !isOff.contains(id), let device = devices[id], !device.disk.isRevoked else { return }
        let subject = subjects[Int(dice.next() % UInt64(subjects.count))]
        switch dice.next() % 10 {
        case 0..<3: wantsToEnroll(subject, id)
        case 3 where dice.falls(0.6): erase(subject, id)
        default: decide(subject, id)
        }
    }

    private mutating func wantsToEnroll(_ subject: SubjectKey, _ id: DeviceID) {
        guard let device = devices[id], device.tier(now).allowsEnrollment else { return }
        let replica = device.disk.replicas[subject]
        guard let replica, replica.effective == nil, replica.erasedBelow > 0 else { return enroll(subject, id, nil) }
        // Who was erased consents anew, at central.
        send(.consent(subject), of: id, subject: subject)
    }

    mutating func enroll(_ subject: SubjectKey, _ id: DeviceID, _ consent: UInt64?) {
        var made: SubjectVersion?
        let now = now
        let outcome = commit(id) { device, disk in
            made = VirtualDevice.enroll(subject, consent: consent, &disk, id: id, wall: device.wall(now))
        }
        if mutation == .answersBeforeCommit, made == nil, let device = devices[id] {
            made = (device.disk.replicas[subject] ?? Replica()).next(at: HybridTime(wall: 0), on: id, consent: consent)
        } else if outcome != .done {
            return
        }
        if let made { ledger.enrolled[subject, default: [:]][id] = made }
    }

    private mutating func erase(_ subject: SubjectKey, _ id: DeviceID) {
        guard commit(id, { _, disk in VirtualDevice.erase(subject, &disk) }) == .done else { return }
        if let disk = devices[id]?.disk { ledger.note(disk.replicas, of: id) }
    }

    /// Somebody stands before the camera: mostly who they say, sometimes not.
    private mutating func decide(_ subject: SubjectKey, _ id: DeviceID) {
        guard let device = devices[id], device.tier(now).allowsDecision else { return }
        let isMiss = dice.falls(0.3)
        let number = dice.next() % 1000
        let misses = isMiss ? (device.memory.misses[subject] ?? 0) + 1 : 0
        let mutation = mutation
        let outcome = commit(id) { device, disk in
            device.record(number, &disk)
            if mutation != .forgetsMisses { disk.misses[subject] = misses }
        }
        if outcome == .crashed, !isMiss { ledger.misses[id]?[subject] = 0 }
        guard outcome == .done else { return }
        devices[id]?.memory.misses[subject] = misses
        ledger.misses[id, default: [:]][subject] = misses
        guard !isMiss, device.disk.replicas[subject]?.effective != nil else { return }
        let age = ledger.age(of: id, at: now)
        if age > device.policy.valid { broken = "I6: somebody was let in \(age) after the last word of central" }
    }

    mutating func fault() {
        schedule(.fault, in: .seconds(60 + Int(dice.next() % 900)))
        let id = ids[Int(dice.next() % UInt64(devices.count))]
        switch dice.next() % 16 {
        case 0, 1: isCutOff.insert(id)
        case 2, 3: isCutOff.removeAll()
        case 4:
            devices[id]?.clockError =
                [0, 31_536_000_000_000, -31_536_000_000_000, 86_400_000_000][Int(dice.next() % 4)]
        case 5, 6: crash(id)
        case 7: deviceBackups[id] = devices[id]?.disk
        case 8 where dice.falls(0.5): rollBack(id)
        case 9: centralBackup = central.disk
        case 10 where dice.falls(0.5): restoreCentral()
        case 11 where dice.falls(0.2): revoke(id)
        case 12: changeScopes(id)
        case 13: damageReplica(id)
        case 14: compact()
        case 15 where dice.falls(0.3): winter()
        default: break
        }
    }

    /// An image of the device's disk is put back, by somebody who says so or by somebody who does not.
    private mutating func rollBack(_ id: DeviceID) {
        guard var backup = deviceBackups[id], let device = devices[id], !device.disk.isRevoked else { return }
        backup.lease = device.disk.lease
        crash(id)
        let isSaid = dice.falls(0.5)
        if isSaid { VirtualDevice.startEpoch(Epoch(rawValue: dice.id()), .restored, &backup) }
        devices[id]?.disk = backup
        ledger.erased[id] = backup.replicas.mapValues(\.erasedBelow)
        ledger.misses[id] = backup.misses
        forgetWhatIsLost()
    }

    /// What only a disk knew that was put back is lost; others' copies go with their next look at central.
    private mutating func forgetWhatIsLost() {
        for subject in subjects {
            for (id, version) in ledger.enrolled[subject] ?? [:] where !isHeldByItsMaker(subject, version) {
                if !isKnown(subject, version, devicesToo: false) { ledger.enrolled[subject]?[id] = nil }
            }
        }
    }

    private mutating func restoreCentral() {
        // Who was taken out stays out: that list is kept elsewhere too.
        let revoked = central.disk.devices.filter { $0.value.standing == .revoked }.keys
        central.disk = centralBackup
        central.disk.incarnation = Incarnation(rawValue: dice.id())
        for id in revoked { central.disk.devices[id]?.standing = .revoked }
        ledger.acknowledged = [:]
        restorations += 1
        // Its connections broke with it; what it said of other scopes just before is heard by nobody.
        queue.remove {
            if case .response(_, _, .pulled) = $0 { true } else { false }
        }
        forgetWhatIsLost()
    }

    private func isHeldByItsMaker(_ subject: SubjectKey, _ version: SubjectVersion) -> Bool {
        devices.contains { id, device in
            let replica = device.disk.replicas[subject]
            return [replica?.told, replica?.pending?.version].contains { held in
                held.map { $0.device == id && Ledger.covers($0, version) } ?? false
            }
        }
    }

    private mutating func revoke(_ id: DeviceID) {
        guard central.disk.devices.values.filter({ $0.standing != .revoked }).count > 1 else { return }
        central.disk.devices[id]?.standing = .revoked
        for subject in subjects where !isKnown(subject, ledger.enrolled[subject]?[id], devicesToo: false) {
            ledger.enrolled[subject]?[id] = nil
        }
    }

    private mutating func changeScopes(_ id: DeviceID) {
        let first = Int(dice.next() % 2)
        central.disk.devices[id]?.scopes = dice.falls(0.5) ? [scopes[first]] : [scopes[first], scopes[1 - first]]
    }

    /// A copy of a template that is not what central told any more.
    private mutating func damageReplica(_ id: DeviceID) {
        guard let disk = devices[id]?.disk else { return }
        let held = disk.replicas.keys.sorted().filter { disk.replicas[$0]?.told != nil }
        guard let key = held.first, let told = disk.replicas[key]?.told, told.device != id else { return }
        devices[id]?.disk.replicas[key]?.told = nil
        devices[id]?.disk.replicas[key]?.scopes = []
    }

    /// Central forgets the older half of the removals that it keeps for devices that were away.
    private mutating func compact() {
        for scope in scopes {
            guard var feed = central.disk.feeds[scope] else { continue }
            let through = feed.newest / 2
            feed.entries = feed.entries.filter { !($0.value.content.isRemoval && $0.value.change <= through) }
            feed.compactedThrough = max(feed.compactedThrough, through)
            central.disk.feeds[scope] = feed
        }
    }

    private mutating func winter() {
        isWinter = true
        let end = now + .seconds(45 * 86_400)
        while broken == nil, let next = queue.first, next.at <= end { stepThroughWinter() }
        isWinter = false
        for id in ids { scheduleTick(id, in: .seconds(1)) }
    }

    /// Everything is put right that people can put right; what is left is the protocol's.
    mutating func heal() {
        rates = .none
        isWinter = false
        isCutOff = []
        for id in ids {
            devices[id]?.clockError = 0
            if central.disk.devices[id]?.standing == .quarantined {
                central.disk.devices[id]?.standing = .active
                central.disk.devices[id]?.epochs.release()
            }
        }
        for id in ids {
            // One decision each, so that lanes of which central has lost a part can tell of it.
            _ = commit(id) { device, disk in device.record(1, &disk) }
        }
        // What is left is what the fleet itself does.
        queue.remove {
            switch $0 {
            case .fault, .people: true
            default: false
            }
        }
    }
}
