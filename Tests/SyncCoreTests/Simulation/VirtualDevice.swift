import FoundationEssentials
import SyncCore

/// A device as the simulator runs it: the rules of SyncCore over a value that stands for its database.
struct VirtualDevice {
    /// Everything that is on disk; a rolled back device is an older value of it.
    struct Disk {
        var epoch: Epoch
        var history: [Epoch] = []
        var reason = EpochReason.fresh
        var isOpened = false
        var lanes: [Lane: LaneDisk] = [:]
        var replicas: [SubjectKey: Replica] = [:]
        var incarnation: Incarnation?
        var cursors: [ScopeID: ScopeCursor] = [:]
        var lease: LeaseAge
        var clock = HybridClock()
        var misses: [SubjectKey: Int] = [:]
        var isRevoked = false

        subscript(lane: Lane) -> LaneDisk {
            get { lanes[lane] ?? LaneDisk() }
            set { lanes[lane] = newValue }
        }
    }

    struct LaneDisk {
        var acknowledged: UInt64 = 0
        /// The running hash before the oldest record that is left.
        var base = ChainHash.start
        var records: [OutboxRecord] = []
        var newest: UInt64 = 0
        var head = ChainHash.start

        var oldest: UInt64 { records.first?.sequence ?? newest + 1 }

        func judge(_ cursor: LaneCursor) -> AcknowledgementRule.Verdict {
            AcknowledgementRule.judge(cursor.acknowledged, head: cursor.head, newest: newest) { number in
                number == newest ? head : records.first { $0.sequence == number }?.hash
            }
        }

        mutating func append(_ payload: Payload) {
            newest += 1
            head = Digest.chain(head, newest, payload)
            records.append(OutboxRecord(sequence: newest, payload: payload, hash: head))
        }

        mutating func drop(through number: UInt64) {
            while let first = records.first, first.sequence <= number {
                base = first.hash
                records.removeFirst()
            }
        }
    }

    /// A batch that was made while the one before it was on its way.
    struct AheadBatch {
        let rule: ReadAhead
        let batch: RecordBatch
        let payloads: [Payload]
    }

    /// What a restart forgets.
    struct Memory {
        var senders: [Lane: LaneSender]
        var ahead: [Lane: AheadBatch] = [:]
        var isOpening = false
        var isPulling = false
        var failures = 0
        var pullNotBefore = Duration.zero
        var openNotBefore = Duration.zero
        var mistrusted: Set<ScopeID> = []
        var misses: [SubjectKey: Int] = [:]
    }

    let id: DeviceID
    var disk: Disk
    var memory: Memory
    /// Added to the true time: a clock that was set wrong.
    var clockError: Int64 = 0
    /// The true time of the last start.
    var startedAt = Duration.zero
    let mutation: Mutation?
    let eventQuota = 12
    let policy = LeasePolicy()

    init(id: DeviceID, epoch: Epoch, now: Duration, mutation: Mutation?) {
        self.id = id
        self.mutation = mutation
        disk = Disk(epoch: epoch, lease: LeaseAge(wall: Self.wall(now), uptime: now))
        memory = Self.fresh(disk)
    }

    static func wall(_ now: Duration) -> Int64 { 1_700_000_000_000_000 + now.components.seconds * 1_000_000 }

    func wall(_ now: Duration) -> Int64 { Self.wall(now) + clockError }

    private static func fresh(_ disk: Disk) -> Memory {
        Memory(
            senders: Dictionary(
                uniqueKeysWithValues: Lane.allCases.map { ($0, LaneSender($0, acknowledged: disk[$0].acknowledged)) }),
            misses: disk.misses)
    }

    /// Starts again from what is on disk.
    mutating func restart(_ now: Duration) {
        memory = Self.fresh(disk)
        startedAt = now
        if mutation == .renewsLeaseByRestart {
            disk.lease = LeaseAge(wall: wall(now), uptime: now)
        } else {
            disk.lease.resume(wall: wall(now), uptime: now)
        }
        if mutation == .forgetsMisses { memory.misses = [:] }
    }

    // MARK: What people do

    var tier: (Duration) -> LeaseTier { { [disk, policy] in disk.lease.tier(policy, uptime: $0) } }

    /// Enrolls a subject who is here; `nil` when that is not allowed.
    static func enroll(
        _ key: SubjectKey, consent: UInt64?, _ disk: inout Disk, id: DeviceID, wall: Int64
    ) -> SubjectVersion? {
        var replica = disk.replicas[key] ?? Replica()
        guard let version = replica.next(at: disk.clock.stamp(wall: wall), on: id, consent: consent) else { return nil }
        replica.pending = Replica.Pending(version: version)
        disk.replicas[key] = replica
        disk[.enrollment].append(.enrolled(key, version))
        return version
    }

    /// The subject wants to be forgotten; what was erased, for the record.
    static func erase(_ key: SubjectKey, _ disk: inout Disk) {
        var replica = disk.replicas[key] ?? Replica()
        let since = replica.effective?.consent ?? replica.erasedBelow
        replica.erase(below: max(since + 1, replica.erasedBelow))
        disk.replicas[key] = replica
        disk[.control].append(.erased(key, since: since))
    }

    /// Puts an event into its lane; the oldest go when it is full, and the audit lane tells which.
    func record(_ number: UInt64, _ disk: inout Disk) {
        disk[.audit].append(.decision(number))
        disk[.events].append(number % 17 == 0 ? .poison(number) : .event(number))
        guard disk[.events].records.count > eventQuota, mutation != .hasNoQuota else { return }
        let from = disk[.events].oldest
        let through = from + UInt64(eventQuota / 3)
        disk[.events].drop(through: through)
        disk[.audit].append(.lost(.events, from: from, through: through))
    }

    /// Begins to count again, in a new epoch; whatever central must know is said again.
    static func startEpoch(_ epoch: Epoch, _ reason: EpochReason, _ disk: inout Disk) {
        disk.history.append(disk.epoch)
        (disk.epoch, disk.reason, disk.isOpened) = (epoch, reason, false)
        disk.lanes = [:]
        for key in disk.replicas.keys.sorted() { offer(key, &disk) }
    }

    /// Says again what only this device may know of a subject.
    private static func offer(_ key: SubjectKey, _ disk: inout Disk) {
        guard var replica = disk.replicas[key] else { return }
        if replica.erasedBelow > 0 { disk[.control].append(.knownErased(key, below: replica.erasedBelow)) }
        guard let own = replica.pending?.version else { return }
        replica.pending = Replica.Pending(version: own)
        disk.replicas[key] = replica
        disk[.enrollment].append(.enrolled(key, own))
    }

    // MARK: What comes back

    /// Applies what central has for it.
    func apply(_ answer: PullAnswer, _ disk: inout Disk, now: Duration) -> Set<ScopeID> {
        let isRestored = disk.incarnation != nil && disk.incarnation != answer.incarnation
        var mistrusted: Set<ScopeID> = []
        if isRestored { keepOwn(answer.parts, &disk) }
        for scope in Set(disk.cursors.keys).subtracting(answer.parts.keys) { leave(scope, &disk) }
        for (scope, part) in answer.parts {
            switch part {
            case .page(let page, let root):
                for entry in page.entries { apply(entry, of: scope, &disk) }
                disk.cursors[scope] = page.next
                if let root, root != self.root(scope, disk), mutation != .comparesNoRoots { mistrusted.insert(scope) }
            case .snapshot(let entries, let newest):
                replace(scope, entries, &disk)
                disk.cursors[scope] = ScopeCursor(removals: newest, changes: newest)
            }
        }
        if isRestored { for key in disk.replicas.keys.sorted() { Self.offer(key, &disk) } }
        disk.incarnation = answer.incarnation
        settle(&disk)
        disk.lease = LeaseAge(wall: wall(now), uptime: now)
        return mistrusted
    }

    func settle(_ disk: inout Disk) {
        let reached = disk.cursors.mapValues(\.changes)
        for key in disk.replicas.keys {
            disk.replicas[key]?.settle(reached)
            if disk.replicas[key]?.isEmpty == true { disk.replicas[key] = nil }
        }
    }

    private func apply(_ entry: FeedEntry, of scope: ScopeID, _ disk: inout Disk) {
        var replica = disk.replicas[entry.subject] ?? Replica()
        replica.apply(entry.content, of: scope)
        if mutation == .forgetsErasures { replica.erasedBelow = 0 }
        disk.replicas[entry.subject] = replica
        guard case .erased(let below) = entry.content else { return }
        disk[.control].append(.proven(entry.subject, below: below))
    }

    private func leave(_ scope: ScopeID, _ disk: inout Disk) {
        disk.cursors[scope] = nil
        for key in disk.replicas.keys { disk.replicas[key]?.leave(scope) }
    }

    /// A restored central may not know of people whom this device enrolled: they are offered again, before anything that
    /// it says is applied.
    private func keepOwn(_ parts: [ScopeID: ScopePart], _ disk: inout Disk) {
        var told: [SubjectKey: SubjectVersion] = [:]
        for case .snapshot(let entries, _) in parts.values {
            for entry in entries { if case .put(let version) = entry.content { told[entry.subject] = version } }
        }
        for (key, replica) in disk.replicas {
            guard let own = replica.told, own.device == id, replica.pending == nil else { continue }
            if let present = told[key], present >= own { continue }
            disk.replicas[key]?.pending = Replica.Pending(version: own)
        }
    }

    /// The whole scope anew; who is not in it has left.
    private func replace(_ scope: ScopeID, _ entries: [FeedEntry], _ disk: inout Disk) {
        let present = Set(entries.map(\.subject))
        for (key, replica) in disk.replicas where replica.scopes.contains(scope) && !present.contains(key) {
            disk.replicas[key]?.leave(scope)
        }
        for entry in entries { apply(entry, of: scope, &disk) }
    }

    func root(_ scope: ScopeID, _ disk: Disk) -> [UInt8] {
        let people = disk.replicas.compactMap { key, replica -> (subject: SubjectKey, version: SubjectVersion)? in
            guard replica.scopes.contains(scope), let told = replica.told else { return nil }
            return (key, told)
        }
        return HashTree(people, digest: Digest.of).root
    }
}
