import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore

/// A device that keeps the rules, over a value that stands for its disk; a power cut forgets what is not in it.
struct ModelDevice {
    struct Record {
        let wire: WireRecord
        let hash: ChainHash
        var version: (subject: SubjectKey, version: SubjectVersion)?
    }

    struct LaneDisk {
        var acknowledged: UInt64 = 0
        var records: [Record] = []
        /// Everything up to this number is not here any more.
        var released: UInt64 = 0
        var base = ChainHash.start
        var newest: UInt64 { released + UInt64(records.count) }
        var head: ChainHash { records.last?.hash ?? base }

        func hash(after number: UInt64) -> ChainHash? {
            if number == released { return base }
            guard number > released, number <= newest else { return nil }
            return records[Int(number - released) - 1].hash
        }

        mutating func release(through number: UInt64) {
            while released < number, let first = records.first {
                base = first.hash
                released += 1
                records.removeFirst()
            }
        }
    }

    struct Disk {
        var epoch = Epoch()
        var history: [Epoch] = []
        var lanes: [Lane: LaneDisk] = [:]
        var replicas: [SubjectKey: Replica] = [:]
        var incarnation: Incarnation?
        var cursors: [ScopeID: ScopeCursor] = [:]
        /// Who was in the pages of a snapshot that is under way.
        var snapshots: [ScopeID: Set<SubjectKey>] = [:]
        var mistrusted: Set<ScopeID> = []
    }

    let id: DeviceID
    let sha: ([UInt8]) -> ChainHash
    var disk = Disk()

    init(id: DeviceID, sha: @escaping ([UInt8]) -> ChainHash) {
        self.id = id
        self.sha = sha
    }

    // MARK: What people do

    mutating func append(
        _ kind: String, _ payload: String, to lane: Lane, _ version: (SubjectKey, SubjectVersion)? = nil
    ) {
        var stock = disk.lanes[lane] ?? LaneDisk()
        let address = LaneAddress(device: id, epoch: disk.epoch, lane: lane)
        let head = RecordHead(
            position: RecordPosition(address, sequence: stock.newest + 1), kind: kind,
            tenant: Fleet.tenant.rawValue, person: nil, moment: RecordMoment(wall: 1, boot: nil))
        let digest = sha(Array(payload.utf8))
        let hash = sha(head.link(after: stock.head, digest: digest))
        let record = OutboxRecord(head: head, digest: digest, hash: hash, payload: .withheld)
        stock.records.append(
            Record(
                wire: WireRecord(record, payload: payload), hash: hash,
                version: version.map { (subject: $0.0, version: $0.1) }))
        disk.lanes[lane] = stock
    }

    /// Enrolls somebody, when the rules allow it; returns the version.
    mutating func enroll(_ user: String, _ key: SubjectKey, wall: Int64, consent: UInt64?) -> SubjectVersion? {
        var replica = disk.replicas[key] ?? Replica()
        guard let version = replica.next(at: HybridTime(wall: wall), on: id, consent: consent) else { return nil }
        replica.pending = Replica.Pending(version: version)
        disk.replicas[key] = replica
        tell(user, key, version)
        return version
    }

    mutating func tell(_ user: String, _ key: SubjectKey, _ version: SubjectVersion) {
        guard let json = try? JSONEncoder().encode(version) else { return }
        let text = String(decoding: json, as: UTF8.self)
        append(
            RecordKind.enrolled, #"{"user_id":"\#(user)","subject":"\#(key)","version":\#(text)}"#, to: .enrollment,
            (key, version))
    }

    mutating func erase(_ key: SubjectKey) {
        var replica = disk.replicas[key] ?? Replica()
        let since = replica.effective?.consent ?? replica.erasedBelow
        replica.erase(below: max(since + 1, replica.erasedBelow))
        disk.replicas[key] = replica
        control(ErasedFacts(cause: "request", subject: key, consent: since), RecordKind.erased)
    }

    private mutating func control(_ facts: some Encodable, _ kind: String) {
        guard let json = try? JSONEncoder().encode(facts) else { return }
        append(kind, String(decoding: json, as: UTF8.self), to: .control)
    }

    /// An image of the disk was put back: it counts in a new epoch and says again what only it may know.
    mutating func beginEpoch(_ users: [SubjectKey: String]) {
        disk.history.append(disk.epoch)
        disk.epoch = Epoch()
        disk.lanes = [:]
        offerAgain(users)
    }

    mutating func offerAgain(_ users: [SubjectKey: String]) {
        for (key, replica) in disk.replicas {
            if replica.erasedBelow > 0 {
                control(ErasureFloor(subject: key, below: replica.erasedBelow), RecordKind.knownErased)
            }
            guard let own = replica.pending?.version, let user = users[key] else { continue }
            disk.replicas[key]?.pending = Replica.Pending(version: own)
            tell(user, key, own)
        }
    }

    // MARK: Messages

    func pushRequest(_ lane: Lane, from first: UInt64, limit: Int, lostFrom: UInt64? = nil) -> PushRequest? {
        guard let stock = disk.lanes[lane], first > stock.released, first <= stock.newest,
            let previous = stock.hash(after: first - 1)
        else { return nil }
        let records = stock.records[Int(first - stock.released - 1)...].prefix(limit)
        guard let last = records.last else { return nil }
        return PushRequest(
            epoch: disk.epoch, lane: lane, first: first, previous: previous, head: last.hash, lostFrom: lostFrom,
            records: records.map(\.wire))
    }

    var pullRequest: PullRequest {
        PullRequest(
            incarnation: disk.incarnation,
            cursors: disk.cursors.map { PullRequest.Place(scope: $0.key, cursor: $0.value) },
            mistrusted: Array(disk.mistrusted), waitMilliseconds: 0)
    }

    /// Takes the answer to a push of this epoch; false when central has another history.
    mutating func take(_ answer: PushAnswer, of lane: Lane) -> Bool {
        guard answer.incarnation == disk.incarnation ?? answer.incarnation, var stock = disk.lanes[lane] else {
            return true
        }
        let verdict = AcknowledgementRule.judge(
            answer.acknowledged, head: answer.head, newest: stock.newest, own: { stock.hash(after: $0) })
        guard verdict == .valid else { return false }
        stock.acknowledged = max(stock.acknowledged, answer.acknowledged)
        stock.release(through: answer.acknowledged)
        disk.lanes[lane] = stock
        for settled in answer.settled where settled.sequence <= answer.acknowledged {
            disk.replicas[settled.subject]?.acknowledge(settled.version, settledAt: settled.point)
        }
        for refused in answer.refused {
            guard let subject = refused.subject, let version = refused.version else { continue }
            disk.replicas[subject]?.refuse(version)
        }
        settle()
        return true
    }

    private mutating func settle() {
        let reached = disk.cursors.mapValues(\.changes)
        for key in disk.replicas.keys {
            disk.replicas[key]?.settle(reached)
            if disk.replicas[key]?.isEmpty == true { disk.replicas[key] = nil }
        }
    }

    // MARK: What central tells

    mutating func apply(_ answer: PullAnswer, _ users: [SubjectKey: String]) {
        let isRestored = disk.incarnation != nil && disk.incarnation != answer.incarnation
        if isRestored { keepOwn(answer) }
        for scope in Set(disk.cursors.keys).subtracting(answer.scopes.map(\.scope)) {
            disk.cursors[scope] = nil
            disk.snapshots[scope] = nil
            for key in disk.replicas.keys { disk.replicas[key]?.leave(scope) }
        }
        disk.mistrusted = []
        for part in answer.scopes { apply(part) }
        if isRestored { offerAgain(users) }
        disk.incarnation = answer.incarnation
        settle()
    }

    private mutating func apply(_ part: ScopePart) {
        if part.isSnapshot { disk.snapshots[part.scope] = [] }
        for wire in part.entries {
            guard let entry = wire.entry else { continue }
            disk.snapshots[part.scope]?.insert(entry.subject)
            var replica = disk.replicas[entry.subject] ?? Replica()
            replica.apply(entry.content, of: part.scope)
            disk.replicas[entry.subject] = replica
            if case .erased(let below) = entry.content {
                control(ErasureFloor(subject: entry.subject, below: below), RecordKind.proven)
            }
        }
        disk.cursors[part.scope] = part.next
        guard part.isComplete else { return }
        if let present = disk.snapshots.removeValue(forKey: part.scope) {
            for (key, replica) in disk.replicas where replica.scopes.contains(part.scope) && !present.contains(key) {
                disk.replicas[key]?.leave(part.scope)
            }
        }
        if root(part.scope) != part.root { disk.mistrusted.insert(part.scope) }
    }

    /// A restored central may not know of people whom this device enrolled: they are offered again.
    private mutating func keepOwn(_ answer: PullAnswer) {
        var told: [SubjectKey: SubjectVersion] = [:]
        for entry in answer.scopes.flatMap(\.entries) { told[entry.subject] = entry.version }
        for (key, replica) in disk.replicas {
            guard let own = replica.told, own.device == id, replica.pending == nil else { continue }
            if let present = told[key], present >= own { continue }
            disk.replicas[key]?.pending = Replica.Pending(version: own)
        }
    }

    func root(_ scope: ScopeID) -> String {
        let people = disk.replicas.compactMap { key, replica -> (subject: SubjectKey, version: SubjectVersion)? in
            guard replica.scopes.contains(scope), let told = replica.told else { return nil }
            return (key, told)
        }
        return HexText.encode(HashTree(people) { sha($0).bytes }.root)
    }
}
