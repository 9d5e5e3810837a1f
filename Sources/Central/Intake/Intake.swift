import EdgeCore
import FoundationEssentials
import SyncCore

/// A pushed batch, checked and read: what is left to do needs the database.
struct ReadBatch {
    let address: LaneAddress
    let batch: RecordBatch
    let records: [ReadRecord]
    let checkpoint: String?
}

extension ReadBatch {
    /// The most bytes of one record that stands alone in its batch.
    private static let recordLimit = 8 << 20

    /// Computes every hash and reads every record.
    ///
    /// Throws ``SyncCore/SyncRefusal/malformed(_:)``.
    init(
        _ request: PushRequest, of device: DeviceID, pseudonyms: Pseudonyms, checker: any ProofChecker
    ) throws(SyncRefusal) {
        let size = request.records.reduce(0) { $0 + ($1.payload?.utf8.count ?? 0) }
        guard size <= (request.records.count == 1 ? Self.recordLimit : PushRequest.byteLimit) else {
            throw .malformed("The batch is too large.")
        }
        guard request.first <= UInt64(Int64.max) - UInt64(RecordBatch.limit) else {
            throw .malformed("The batch counts too far.")
        }
        // An empty digest is no hash, and makes the batch malformed.
        let digest: ([UInt8]) -> [UInt8] = { (try? checker.sha256($0)) ?? [] }
        let (batch, digests) = try request.chain(of: device, digest: digest)
        self.batch = batch
        address = LaneAddress(device: device, epoch: request.epoch, lane: request.lane)
        checkpoint = request.checkpoint
        let reader = RecordReader(device: device, pseudonyms: pseudonyms)
        var records: [ReadRecord] = []
        for (place, record) in request.records.enumerated() {
            do throws(EdgeError) {
                records.append(
                    ReadRecord(
                        record: record,
                        head: record.head(at: RecordPosition(address, sequence: batch.first + UInt64(place))),
                        digest: digests[place], hash: batch.hashes[place],
                        meaning: try reader.meaning(of: record, in: request.lane),
                        owner: try reader.owner(of: record, in: request.lane)))
            } catch { throw .busy(retryMilliseconds: 5000) }
        }
        self.records = records
    }
}

extension FleetTransaction {
    /// Takes a batch, or says why not; a batch takes effect once however often it arrives.
    mutating func take(
        _ push: ReadBatch, of device: DeviceEntry, _ checker: any ProofChecker
    ) throws -> Result<PushAnswer, SyncRefusal> {
        var lane = try LaneTable.begin(push.address, db)
        let verdict = try judge(push.batch, of: lane)
        var skipped = push.records.count
        switch verdict {
        case .gap(let expected): return .failure(.gap(expected: expected))
        case .fork(let place):
            try quarantine(device, because: "two histories of lane \(push.address.lane.rawValue) at \(place)")
            return .failure(.fork(at: place))
        case .duplicate: break
        case .accepted(let skipping, let cursor): (skipped, lane.cursor) = (skipping, cursor)
        case .acceptedWithLoss(let lost, let cursor):
            try LaneTable.lose(lost, head: push.batch.previous, in: lane, at: wall, db)
            (skipped, lane.cursor) = (0, cursor)
        }
        let scopes = try DeviceTable.scopes(of: device.id, db)
        // Only events name many people and change nobody.
        if push.address.lane == .events {
            people = try PreparedPeople(Set(push.records.dropFirst(skipped).compactMap(\.owner)), db)
        }
        for record in push.records.dropFirst(skipped) { try keep(record, in: lane, of: device, scopes.first, checker) }
        if skipped < push.records.count { try LaneTable.keep(lane, db) }
        return .success(try answer(push, lane, home: scopes.first))
    }

    private func judge(_ batch: RecordBatch, of lane: LaneEntry) throws -> IntakeRule.Verdict {
        // The rule asks for at most one number; it is read before, since a closure of the rule cannot fail.
        let common = min(batch.last, lane.cursor.acknowledged)
        let known = try LaneTable.hash(after: common, of: lane, db)
        return IntakeRule.judge(batch, at: lane.cursor) { $0 == common ? known : nil }
    }

    private mutating func keep(
        _ read: ReadRecord, in lane: LaneEntry, of device: DeviceEntry, _ home: ScopeID?, _ checker: any ProofChecker
    ) throws {
        var kept = KeptRecord(head: read.head, digest: read.digest, hash: read.hash)
        kept.refused = try apply(read, of: device, home, checker)
        if case .enrolled(let facts, _) = read.meaning {
            (kept.subject, kept.consent) = (facts.subject, facts.version.consent)
        }
        // Of a removed tenant nothing is kept but that there was something.
        if let payload = read.record.payload, kept.refused != SetAside.tenantRemoved {
            try put(Array(payload.utf8), of: read, into: &kept)
        }
        try LaneTable.insert(kept, in: lane, at: wall, db)
        // What the central instance's own doors tell is in the queue of deliveries already.
        guard case .forwarded = read.meaning, device.id != own, kept.payload != nil, kept.refused == nil else { return }
        try forward(.record(lane: lane.key, sequence: read.head.position.sequence))
    }

    /// Keeps a payload, sealed where it may name somebody; what is said of an erased person is not kept.
    private mutating func put(_ payload: [UInt8], of read: ReadRecord, into kept: inout KeptRecord) throws {
        guard let owner = read.owner, let tenant = read.head.tenant else {
            kept.payload = payload
            return
        }
        if owner.kind == .subject {
            let key = SubjectKey(rawValue: owner.id)
            kept.subject = key
            let state = try people.state(of: key, db)
            guard state.erasedBelow == 0 || state.alive != nil else { return }
            guard kept.consent.map({ $0 >= state.erasedBelow }) ?? true else { return }
        }
        kept.seal = owner.kind
        let key = try people.key(of: owner, seal, db)
        kept.payload = try seal.sealer.seal(
            payload, subjectKey: key, context: .record(read.head.position, tenant: tenant))
    }

    /// Lets a record take effect; returns why it has none.
    private mutating func apply(
        _ read: ReadRecord, of device: DeviceEntry, _ home: ScopeID?, _ checker: any ProofChecker
    ) throws -> String? {
        switch read.meaning {
        case .none: return nil
        case .poison: return SetAside.notUnderstood
        case .enrolled(let facts, let tenant):
            guard let home, let payload = read.record.payload else { return SetAside.notUnderstood }
            guard try !people.isRemoved(tenant, db) else { return SetAside.tenantRemoved }
            let enrollment = Enrollment(facts: facts, tenant: tenant, payload: Array(payload.utf8))
            return try enroll(enrollment, by: device, home: home)?.rawValue
        case .erased(let facts):
            let state = try SubjectTable.find(facts.subject, db).state
            try erase(facts.subject, to: state.erased(since: facts.consent), by: device.id)
            try prove(ErasureFloor(subject: facts.subject, below: facts.consent + 1), by: device.id)
        case .knownErased(let floor):
            let state = try SubjectTable.find(floor.subject, db).state
            try erase(
                floor.subject, to: state.merging(SubjectState(erasedBelow: floor.below)), by: device.id)
            // What a device knows to be erased it does not hold.
            try prove(floor, by: device.id)
        case .proven(let floor): try prove(floor, by: device.id)
        case .client(let client, let tenant):
            guard let home else { return SetAside.notUnderstood }
            return try keep(client, of: tenant, by: device, home: home, checker)
        case .clientErased(let tenant): return try removeTenant(tenant, by: device)
        case .forwarded:
            if let tenant = read.head.tenant, try people.isRemoved(tenant, db) { return SetAside.tenantRemoved }
            return try mayForward(read, of: device) ? nil : SetAside.notTrusted
        }
        return nil
    }

    /// What was refused and settled is told with a repetition again: the first answer may have been lost.
    private func answer(_ push: ReadBatch, _ lane: LaneEntry, home: ScopeID?) throws -> PushAnswer {
        guard let incarnation = try MetaTable.incarnation(db) else { throw EdgeError(.storeCorrupt) }
        var answer = PushAnswer(
            incarnation: incarnation, acknowledged: lane.cursor.acknowledged, head: lane.cursor.head, time: wall)
        let reasons = try LaneTable.refused(push.batch.first...push.batch.last, of: lane, db)
        let newest = try home.flatMap { try FeedTable.end(of: $0, db) }?.newest ?? 0
        for read in push.records {
            let sequence = read.head.position.sequence
            var facts: SubjectFacts?
            if case .enrolled(let found, _) = read.meaning { facts = found }
            if let reason = reasons[sequence] {
                answer.refused.append(
                    RefusedRecord(
                        sequence: sequence, reason: reason, subject: facts?.subject, version: facts?.version))
            } else if let facts, let home {
                answer.settled.append(
                    SettledEnrollment(
                        sequence: sequence, subject: facts.subject, version: facts.version,
                        point: ScopePoint(scope: home, change: newest)))
            }
        }
        return answer
    }
}
