import FoundationEssentials
import SyncCore

/// Central as the simulator runs it: the rules of SyncCore over dictionaries that stand for its database.
struct VirtualCentral {
    /// Everything that is on disk; a restored backup is an older value of it.
    struct Disk {
        var incarnation: Incarnation
        var devices: [DeviceID: Entry] = [:]
        var lanes: [LaneAddress: LaneStore] = [:]
        var subjects: [SubjectKey: Subject] = [:]
        var feeds: [ScopeID: Feed] = [:]
        var erasures: [SubjectKey: ErasureBook] = [:]
        /// How often each record took effect.
        var effects: [RecordPosition: Int] = [:]
        var poison: Set<RecordPosition> = []
    }

    struct Entry {
        var standing = SubjectRule.Standing.active
        var epochs = EpochBook()
        /// The first one is where the people go that it enrolls.
        var scopes: [ScopeID]
    }

    struct LaneStore {
        var cursor = LaneCursor.start
        var hashes: [UInt64: ChainHash] = [0: .start]
        var lost: [ClosedRange<UInt64>] = []
    }

    struct Subject {
        var state = SubjectState()
        var scopes: Set<ScopeID> = []
    }

    struct Feed {
        var newest: UInt64 = 0
        var compactedThrough: UInt64 = 0
        var entries: [SubjectKey: FeedEntry] = [:]

        mutating func tell(_ subject: SubjectKey, _ content: SubjectChange) {
            newest += 1
            entries[subject] = FeedEntry(subject: subject, change: newest, content: content)
        }

        func after(_ number: UInt64, removals: Bool) -> [FeedEntry] {
            entries.values.filter { $0.change > number && $0.content.isRemoval == removals }
                .sorted { $0.change < $1.change }
        }

        /// The people who are in the scope at this moment.
        var people: [(subject: SubjectKey, version: SubjectVersion)] {
            entries.values.compactMap { entry in
                guard case .put(let version) = entry.content else { return nil }
                return (entry.subject, version)
            }
        }

        var root: [UInt8] { HashTree(people, digest: Digest.of).root }
    }

    var disk: Disk
    let mutation: Mutation?
    private var pulls = 0
    /// Small, so that pages have to be turned.
    let pageLimit = 4

    init(disk: Disk, mutation: Mutation?) {
        self.disk = disk
        self.mutation = mutation
    }

    /// Answers a request; what it changes is one transaction.
    mutating func answer(_ request: Request, of id: DeviceID, wall: Int64) -> Response {
        guard let device = disk.devices[id], device.standing != .revoked else { return .revoked }
        switch request {
        case .open(let opening): return open(opening, id)
        case .push(let epoch, let lane, let batch, let payloads):
            if device.standing == .quarantined { return .quarantined }
            guard let present = device.epochs.present else {
                return device.epochs.ended.contains(epoch) ? .epochEnded : .epochNeeded
            }
            guard epoch == present else { return device.epochs.ended.contains(epoch) ? .epochEnded : .epochNeeded }
            return take(batch, payloads, LaneAddress(device: id, epoch: epoch, lane: lane), wall)
        case .pull(let known, let cursors, let mistrusted):
            return pull(device, known, cursors, mistrusted, wall)
        case .consent(let subject):
            guard device.standing == .active else { return .quarantined }
            return .consent(disk.subjects[subject]?.state.erasedBelow ?? 0)
        }
    }

    private mutating func open(_ opening: EpochOpening, _ id: DeviceID) -> Response {
        guard var device = disk.devices[id] else { return .revoked }
        if device.standing == .quarantined { return .quarantined }
        let verdict = device.epochs.open(opening)
        if verdict == .forked { device.standing = .quarantined }
        disk.devices[id] = device
        return verdict == .forked ? .quarantined : .opened(verdict)
    }

    private mutating func take(
        _ batch: RecordBatch, _ payloads: [Payload], _ address: LaneAddress, _ wall: Int64
    ) -> Response {
        var hash = batch.previous
        for (place, payload) in payloads.enumerated() {
            hash = Digest.chain(hash, batch.first + UInt64(place), payload)
            // Cut short or mixed up on the way: as if it had not come.
            guard hash == batch.hashes[place] else { return .busy }
        }
        var lane = disk.lanes[address] ?? LaneStore()
        var verdict = IntakeRule.judge(batch, at: lane.cursor) { lane.hashes[$0] }
        if let mutation { verdict = mutated(verdict, batch, lane.cursor, mutation) }
        var skipped = 0
        switch verdict {
        case .gap(let expected): return .rewind(expected: expected)
        case .duplicate:
            // What was refused is told again: the first answer may have been lost.
            let refused = Set(batch.first...batch.last).filter {
                disk.poison.contains(RecordPosition(address, sequence: $0))
            }
            return .pushed(
                disk.incarnation, lane.cursor, refused: refused,
                settled: points(batch, payloads, address))
        case .fork:
            disk.devices[address.device]?.standing = .quarantined
            return .quarantined
        case .accepted(let skipping, let cursor): (skipped, lane.cursor) = (skipping, cursor)
        case .acceptedWithLoss(let lost, let cursor):
            lane.lost.append(lost)
            lane.hashes[lost.upperBound] = batch.previous
            lane.cursor = cursor
        }
        for (sequence, hash) in zip(batch.first..., batch.hashes) { lane.hashes[sequence] = hash }
        disk.lanes[address] = lane
        var refused: Set<UInt64> = []
        for (place, payload) in payloads.enumerated().dropFirst(skipped) {
            let position = RecordPosition(address, sequence: batch.first + UInt64(place))
            disk.effects[position, default: 0] += 1
            if !apply(payload, of: address.device, wall) {
                disk.poison.insert(position)
                refused.insert(position.sequence)
            }
        }
        return .pushed(
            disk.incarnation, lane.cursor, refused: refused,
            settled: points(batch, payloads, address))
    }

    private func mutated(
        _ verdict: IntakeRule.Verdict, _ batch: RecordBatch, _ cursor: LaneCursor, _ mutation: Mutation
    ) -> IntakeRule.Verdict {
        let end = LaneCursor(acknowledged: max(batch.last, cursor.acknowledged), head: batch.hashes.last ?? .start)
        switch (mutation, verdict) {
        case (.takesGaps, .gap), (.believesForks, .fork), (.appliesTwice, .duplicate):
            return .accepted(skipping: 0, cursor: end)
        default: return verdict
        }
    }

    /// Where central's word about each enrollment of a batch stands in the feed.
    private func points(_ batch: RecordBatch, _ payloads: [Payload], _ address: LaneAddress) -> [UInt64: ScopePoint] {
        guard let home = disk.devices[address.device]?.scopes.first else { return [:] }
        var points: [UInt64: ScopePoint] = [:]
        for (place, payload) in payloads.enumerated() {
            guard case .enrolled = payload else { continue }
            points[batch.first + UInt64(place)] = ScopePoint(scope: home, change: disk.feeds[home]?.newest ?? 0)
        }
        return points
    }

    /// Lets a record take effect; false when it is refused or not understood.
    private mutating func apply(_ payload: Payload, of device: DeviceID, _ wall: Int64) -> Bool {
        switch payload {
        case .enrolled(let key, let version): return enroll(key, version, device, wall)
        case .erased(let key, let since):
            erase(key, to: (disk.subjects[key]?.state ?? SubjectState()).erased(since: since), device, wall)
        case .knownErased(let key, let below):
            let state = disk.subjects[key]?.state ?? SubjectState()
            erase(key, to: state.merging(SubjectState(erasedBelow: below)), device, wall)
        case .proven(let key, _): disk.erasures[key]?.prove(device, at: wall)
        case .poison: return false
        case .decision, .event, .lost: break
        }
        return true
    }

    private mutating func enroll(
        _ key: SubjectKey, _ version: SubjectVersion, _ device: DeviceID, _ wall: Int64
    ) -> Bool {
        guard let entry = disk.devices[device], let home = entry.scopes.first else { return false }
        var subject = disk.subjects[key] ?? Subject()
        switch SubjectRule.judge(version, from: entry.standing, against: subject.state, wall: wall) {
        case .refused:
            return false
        case .superseded: break
        case .current(let state, _): subject.state = state
        }
        subject.scopes.insert(home)
        disk.subjects[key] = subject
        guard let present = subject.state.alive else { return true }
        for scope in subject.scopes { disk.feeds[scope, default: Feed()].tell(key, .put(present)) }
        return true
    }

    mutating func erase(_ key: SubjectKey, to state: SubjectState, _ source: DeviceID?, _ wall: Int64) {
        var subject = disk.subjects[key] ?? Subject()
        guard state != subject.state else { return }
        subject.state = state
        let home = source.flatMap { disk.devices[$0]?.scopes.first }
        let scopes = subject.scopes.union(home.map { [$0] } ?? [])
        // Whoever is enrolled under a later consent stays.
        if let present = state.alive {
            for scope in subject.scopes { disk.feeds[scope, default: Feed()].tell(key, .put(present)) }
        } else {
            for scope in scopes { disk.feeds[scope, default: Feed()].tell(key, .erased(below: state.erasedBelow)) }
            subject.scopes = []
            let holders = disk.devices.filter { !scopes.isDisjoint(with: $0.value.scopes) }.keys
            disk.erasures[key] = ErasureBook(orderedAt: wall, devices: holders)
        }
        disk.subjects[key] = subject
    }

    private mutating func pull(
        _ device: Entry, _ known: Incarnation?, _ cursors: [ScopeID: ScopeCursor], _ mistrusted: Set<ScopeID>,
        _ wall: Int64
    ) -> Response {
        var parts: [ScopeID: ScopePart] = [:]
        // A real central sends it always; here it is most of what a run would compute.
        pulls += 1
        let isComparing = pulls &* 2_654_435_761 >> 9 & 3 == 0
        for scope in device.scopes {
            let feed = disk.feeds[scope] ?? Feed()
            let cursor = cursors[scope] ?? .start
            let verdict = PullRule.judge(
                cursor, of: known, present: disk.incarnation, newest: feed.newest,
                compactedThrough: feed.compactedThrough)
            if device.standing == .quarantined {
                // It is told of removals, and of nobody new.
                guard case .changes(let cursor) = verdict else { continue }
                var page = PullRule.page(
                    after: cursor, removals: feed.after(cursor.removals, removals: true), puts: [],
                    newest: feed.newest, limit: pageLimit)
                page = FeedPage(
                    entries: page.entries,
                    next: ScopeCursor(removals: page.next.removals, changes: cursor.changes), isComplete: false)
                parts[scope] = .page(page, root: nil)
            } else if case .changes(let cursor) = verdict, !mistrusted.contains(scope) {
                let page = PullRule.page(
                    after: cursor, removals: feed.after(cursor.removals, removals: true),
                    puts: feed.after(cursor.changes, removals: false), newest: feed.newest, limit: pageLimit)
                parts[scope] = .page(page, root: page.isComplete && isComparing ? feed.root : nil)
            } else {
                parts[scope] = .snapshot(Array(feed.entries.values), newest: feed.newest)
            }
        }
        return .pulled(PullAnswer(incarnation: disk.incarnation, parts: parts, wall: wall))
    }
}
