import EdgeCore
import Foundation
import SyncCore
import Synchronization
import Vault

/// What records change at the central on paper.
extension PaperCentral {
    func push(_ request: PushRequest, _ id: DeviceID, _ disk: inout Disk) throws(SyncRefusal) -> PushAnswer {
        let device = try known(id, disk)
        guard request.epoch == device.epochs.present else {
            throw device.epochs.ended.contains(request.epoch) ? .epochEnded : .epochNeeded
        }
        let unreadable = faults.withLock { $0.unreadable }
        if let kind = unreadable, request.records.contains(where: { $0.kind == kind && $0.payload != nil }) {
            throw .malformed("nobody can read \(kind)")
        }
        let batch = try request.batch(of: id) { (try? self.vault.sha256($0)) ?? [] }
        let address = LaneAddress(device: id, epoch: request.epoch, lane: request.lane)
        var lane = disk.lanes[address] ?? LaneBook()
        var skipped = request.records.count
        switch IntakeRule.judge(batch, at: lane.cursor, stored: { lane.hashes[$0] }) {
        case .gap(let expected): throw .gap(expected: expected)
        case .fork(let place):
            disk.devices[id]?.standing = .quarantined
            throw .fork(at: place)
        case .duplicate: break
        case .accepted(let skipping, let cursor): (skipped, lane.cursor) = (skipping, cursor)
        case .acceptedWithLoss(let lost, let cursor):
            lane.lost.append(lost)
            lane.hashes[lost.upperBound] = batch.previous
            (skipped, lane.cursor) = (0, cursor)
        }
        for (sequence, hash) in zip(batch.first..., batch.hashes) { lane.hashes[sequence] = hash }
        var refused: [RefusedRecord] = []
        var settled: [SettledEnrollment] = []
        for (place, record) in request.records.enumerated() {
            let sequence = batch.first + UInt64(place)
            if place >= skipped {
                lane.effects[sequence, default: 0] += 1
                lane.kinds.append(record.kind)
                if record.payload == nil { lane.withheld.insert(sequence) }
            }
            apply(record, sequence, of: id, isNew: place >= skipped, &disk, &refused, &settled)
        }
        disk.lanes[address] = lane
        return PushAnswer(
            incarnation: disk.incarnation, acknowledged: lane.cursor.acknowledged, head: lane.cursor.head,
            refused: refused, settled: settled, time: Int64(clock.wall.timeIntervalSince1970 * 1_000_000))
    }

    private func known(_ id: DeviceID, _ disk: Disk) throws(SyncRefusal) -> Device {
        guard let device = disk.devices[id] else { throw .deviceUnknown }
        if device.standing == .revoked { throw .revoked }
        if device.standing == .quarantined { throw .quarantined }
        return device
    }

    private func apply(
        _ record: WireRecord, _ sequence: UInt64, of id: DeviceID, isNew: Bool, _ disk: inout Disk,
        _ refused: inout [RefusedRecord], _ settled: inout [SettledEnrollment]
    ) {
        guard let text = record.payload else { return }
        func facts<Facts: Decodable>(_ type: Facts.Type) -> Facts? {
            try? JSONDecoder().decode(type, from: Data(text.utf8))
        }
        switch record.kind {
        case RecordKind.enrolled:
            guard let who = facts(SubjectFacts.self), let home = disk.devices[id]?.scopes.first else { return }
            if isNew, !enroll(who, text, record.tenant, of: id, in: home, &disk) {
                refused.append(
                    RefusedRecord(
                        sequence: sequence, reason: "consent_ended", subject: who.subject, version: who.version))
                return
            }
            let point = ScopePoint(scope: home, change: disk.feeds[home]?.newest ?? 0)
            settled.append(
                SettledEnrollment(sequence: sequence, subject: who.subject, version: who.version, point: point))
        case RecordKind.erased:
            guard isNew, let who = facts(ErasedFacts.self) else { return }
            let state = disk.subjects[who.subject]?.state ?? SubjectState()
            erase(who.subject, to: state.erased(since: who.consent), from: id, &disk)
        case RecordKind.knownErased:
            guard isNew, let who = facts(ErasureFloor.self) else { return }
            let state = disk.subjects[who.subject]?.state ?? SubjectState()
            erase(who.subject, to: state.merging(SubjectState(erasedBelow: who.below)), from: id, &disk)
        case RecordKind.proven:
            guard let who = facts(ErasureFloor.self) else { return }
            disk.proven[who.subject, default: []].insert(id)
        default: break
        }
    }

    private func enroll(
        _ who: SubjectFacts, _ text: String, _ tenant: UUID?, of id: DeviceID, in home: ScopeID, _ disk: inout Disk
    ) -> Bool {
        var subject = disk.subjects[who.subject] ?? Subject()
        let wall = Int64(clock.wall.timeIntervalSince1970 * 1_000_000)
        switch SubjectRule.judge(who.version, from: .active, against: subject.state, wall: wall) {
        case .refused: return false
        case .superseded: break
        case .current(let state, _):
            subject.state = state
            (subject.person, subject.tenant) = (text, tenant)
        }
        subject.scopes.insert(home)
        disk.subjects[who.subject] = subject
        guard let present = subject.state.alive else { return true }
        for scope in subject.scopes { disk.feeds[scope, default: Feed()].tell(who.subject, .put(present)) }
        return true
    }

    /// Erases a subject in all scopes; by a device or by an operator.
    func erase(_ key: SubjectKey, to state: SubjectState, from device: DeviceID?, _ disk: inout Disk) {
        var subject = disk.subjects[key] ?? Subject()
        guard state != subject.state else { return }
        subject.state = state
        let home = device.flatMap { disk.devices[$0]?.scopes.first }
        if let present = state.alive {
            for scope in subject.scopes { disk.feeds[scope, default: Feed()].tell(key, .put(present)) }
        } else {
            for scope in subject.scopes.union(home.map { [$0] } ?? []) {
                disk.feeds[scope, default: Feed()].tell(key, .erased(below: state.erasedBelow))
            }
            subject.scopes = []
            subject.person = nil
        }
        disk.subjects[key] = subject
    }
}
