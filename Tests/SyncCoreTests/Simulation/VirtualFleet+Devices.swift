import FoundationEssentials
import SyncCore

extension VirtualFleet {
    /// A device looks what is due, and again in a while.
    mutating func tick(_ id: DeviceID) {
        guard var device = devices[id], ticks[id] == now else { return }
        if isOff.contains(id) {
            isOff.remove(id)
            ledger.started(id, at: now)
            device.restart(now)
            devices[id] = device
            calls = calls.filter { $0.value.device != id }
        }
        scheduleTick(id, in: isWinter ? .seconds(6 * 3600) : .seconds(60))
        guard !device.disk.isRevoked else { return }
        let now = now
        let kept = commit(id) { device, disk in disk.lease.keep(wall: device.wall(now), uptime: now) }
        guard kept != .crashed else { return }
        if device.disk.isOpened { pushWhatIsDue(id) } else { open(id) }
        pullWhenDue(id)
    }

    private mutating func open(_ id: DeviceID) {
        guard var device = devices[id], !device.memory.isOpening, now >= device.memory.openNotBefore else { return }
        device.memory.isOpening = true
        devices[id] = device
        send(
            .open(EpochOpening(epoch: device.disk.epoch, history: device.disk.history, reason: device.disk.reason)),
            of: id)
    }

    private mutating func pushWhatIsDue(_ id: DeviceID) {
        guard var device = devices[id] else { return }
        var due: [Request] = []
        for lane in Lane.allCases {
            let stock = device.disk[lane]
            let order = device.memory.senders[lane]?.next(oldest: stock.oldest, newest: stock.newest, now: now)
            guard let order else { continue }
            guard let (batch, payloads) = device.batch(order, of: lane) else { continue }
            due.append(.push(device.disk.epoch, lane, batch, payloads))
            device.readAhead(behind: batch, of: lane)
        }
        devices[id] = device
        for request in due { send(request, of: id) }
    }

    private mutating func pullWhenDue(_ id: DeviceID) {
        guard var device = devices[id], !device.memory.isPulling, now >= device.memory.pullNotBefore else { return }
        device.memory.isPulling = true
        devices[id] = device
        send(
            .pull(device.disk.incarnation, device.disk.cursors, mistrusted: device.memory.mistrusted), of: id)
    }

    /// An answer, or none in time.
    mutating func receive(_ response: Response?, _ number: UInt64, _ id: DeviceID) {
        guard !isOff.contains(id), !isCutOff.contains(id) || response == nil else { return }
        guard let call = calls[number], call.device == id, call.life == devices[id]?.startedAt else { return }
        if response == nil, mutation == .neverRepeats { return }
        calls[number] = nil
        switch call.request {
        case .open: opened(response, id)
        case .push(let epoch, let lane, let batch, let payloads):
            pushed(response, epoch, lane, batch, payloads, id)
        case .pull: pulled(response, id)
        case .consent:
            if case .consent(let consent) = response, let subject = call.subject { enroll(subject, id, consent) }
        }
    }

    private mutating func opened(_ response: Response?, _ id: DeviceID) {
        devices[id]?.memory.isOpening = false
        switch response {
        case .opened(.opened), .opened(.known): _ = commit(id) { _, disk in disk.isOpened = true }
        case .opened(.ended), .epochEnded: startEpoch(id, .rolledBack)
        case .quarantined: devices[id]?.memory.openNotBefore = now + .seconds(300)
        case .revoked: revoke(id)
        default: break
        }
    }

    mutating func startEpoch(_ id: DeviceID, _ reason: EpochReason) {
        let epoch = Epoch(rawValue: dice.id())
        let outcome = commit(id) { _, disk in VirtualDevice.startEpoch(epoch, reason, &disk) }
        if outcome == .done {
            devices[id]?.memory.ahead = [:]
            devices[id]?.memory.senders = Dictionary(
                uniqueKeysWithValues: Lane.allCases.map { ($0, LaneSender($0, acknowledged: 0)) })
        }
    }

    /// Everything goes, also what central never saw: that is what a revocation is for.
    private mutating func revoke(_ id: DeviceID) {
        let outcome = commit(id) { _, disk in
            disk.isRevoked = true
            disk.replicas = disk.replicas.mapValues { Replica(erasedBelow: $0.erasedBelow) }
        }
        if outcome != .full { for subject in subjects { ledger.enrolled[subject]?[id] = nil } }
    }

    private mutating func pushed(
        _ response: Response?, _ epoch: Epoch, _ lane: Lane, _ batch: RecordBatch, _ payloads: [Payload],
        _ id: DeviceID
    ) {
        guard let device = devices[id], device.disk.epoch == epoch else { return }
        switch response {
        case .pushed(let incarnation, _, _, _) where incarnation != device.disk.incarnation ?? incarnation:
            // From before central was restored, or after: the next pull tells which.
            answer(.unreachable, lane, id)
        case .pushed(_, let cursor, _, _) where device.disk[lane].judge(cursor) != .valid && mutation != .believesForks:
            startEpoch(id, .rolledBack)
        case .pushed(_, let cursor, let refused, let settled):
            let acknowledged = cursor.acknowledged
            // The cursor and what it allows to delete are one transaction.
            let outcome = commit(id) { device, disk in
                disk[lane].acknowledged = max(disk[lane].acknowledged, acknowledged)
                disk[lane].drop(through: acknowledged)
                for (place, payload) in payloads.enumerated() {
                    let sequence = batch.first + UInt64(place)
                    guard case .enrolled(let key, let version) = payload, sequence <= acknowledged else { continue }
                    if refused.contains(sequence) {
                        disk.replicas[key]?.refuse(version)
                    } else if let point = settled[sequence] {
                        disk.replicas[key]?.acknowledge(version, settledAt: point)
                    }
                }
                device.settle(&disk)
            }
            if outcome == .done { answer(.acknowledged(acknowledged), lane, id, sent: batch.last) }
            if outcome == .full { answer(.unreachable, lane, id) }
        case .rewind(let expected): answer(.rewind(expected: expected), lane, id)
        case .busy, .consent, .opened, .pulled: answer(.busy(retryAfter: .seconds(5)), lane, id)
        case .quarantined: answer(.busy(retryAfter: .seconds(300)), lane, id)
        case nil: answer(.unreachable, lane, id)
        case .epochEnded: startEpoch(id, .rolledBack)
        case .epochNeeded:
            answer(.unreachable, lane, id)
            _ = commit(id) { _, disk in disk.isOpened = false }
        case .revoked: revoke(id)
        }
    }

    /// Whatever else than exactly what was `sent` is answered ends what was made behind it.
    private mutating func answer(
        _ answer: LaneSender.Answer, _ lane: Lane, _ id: DeviceID, sent: UInt64? = nil
    ) {
        guard var device = devices[id] else { return }
        if sent.map({ answer == .acknowledged($0) }) != true { device.memory.ahead[lane] = nil }
        _ = device.memory.senders[lane]?.take(answer, now: now, using: &dice)
        devices[id] = device
    }

    private mutating func pulled(_ response: Response?, _ id: DeviceID) {
        guard var device = devices[id] else { return }
        device.memory.isPulling = false
        device.memory.mistrusted = []
        switch response {
        case .pulled(let answer):
            device.memory.failures = 0
            device.memory.pullNotBefore = now + .seconds(45)
            devices[id] = device
            var mistrusted: Set<ScopeID> = []
            let now = now
            let outcome = commit(id) { device, disk in mistrusted = device.apply(answer, &disk, now: now) }
            guard outcome == .done, let disk = devices[id]?.disk else { return }
            devices[id]?.memory.mistrusted = mistrusted
            ledger.renewed(id, at: now)
            ledger.note(disk.replicas, of: id)
        case .revoked: revoke(id)
        default:
            device.memory.failures += 1
            let wait = Backoff(maximum: .seconds(60)).wait(afterFailures: device.memory.failures, using: &dice)
            device.memory.pullNotBefore = now + wait
            devices[id] = device
        }
    }
}
