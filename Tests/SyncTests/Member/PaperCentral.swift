import EdgeCore
import Foundation
import Synchronization
import SyncCore
import Vault

@testable import Sync

/// Central on paper: the rules of `SyncCore` over dictionaries that stand for its database.
final class PaperCentral: CentralDesk {
    /// What was asked, in order.
    enum Question: Equatable {
        case open, push(Lane), pull, consent
    }

    struct Device {
        var standing = SubjectRule.Standing.active
        var epochs = EpochBook()
        /// The first one is where the people go that it enrolls.
        var scopes: [ScopeID]
    }

    struct LaneBook {
        var cursor = LaneCursor.start
        var hashes: [UInt64: ChainHash] = [0: .start]
        /// How often each record took effect.
        var effects: [UInt64: Int] = [:]
        var kinds: [String] = []
        var withheld: Set<UInt64> = []
        var lost: [ClosedRange<UInt64>] = []
    }

    struct Subject {
        var state = SubjectState()
        var scopes: Set<ScopeID> = []
        var tenant: UUID?
        var person: String?
    }

    struct Feed {
        var newest: UInt64 = 0
        var entries: [SubjectKey: FeedEntry] = [:]

        mutating func tell(_ subject: SubjectKey, _ content: SubjectChange) {
            newest += 1
            entries[subject] = FeedEntry(subject: subject, change: newest, content: content)
        }

        func after(_ number: UInt64, removals: Bool) -> [FeedEntry] {
            entries.values.filter { $0.change > number && $0.content.isRemoval == removals }
                .sorted { $0.change < $1.change }
        }
    }

    /// Everything that is on disk; a restored backup is an older value of it.
    struct Disk {
        var incarnation = Incarnation(rawValue: UUID())
        var devices: [DeviceID: Device] = [:]
        var lanes: [LaneAddress: LaneBook] = [:]
        var subjects: [SubjectKey: Subject] = [:]
        var feeds: [ScopeID: Feed] = [:]
        var proven: [SubjectKey: Set<DeviceID>] = [:]
        var serial: UInt64 = 0
    }

    /// What goes wrong on the way.
    struct Faults {
        /// Devices whose cable is cut.
        var cut: Set<DeviceID> = []
        /// So many answers are lost after they took effect.
        var lostAnswers = 0
        /// Records of this kind cannot be read with their payload.
        var unreadable: String?
        /// Whether leases are signed by somebody else.
        var hasFalseKey = false
    }

    let vault: KeyVault
    let clock: any EdgeClock
    let model: ModelName
    let disk = Mutex(Disk())
    let faults = Mutex(Faults())
    let asked = Mutex<[DeviceID: [Question]]>([:])
    /// Yields whenever something was asked or answered.
    let news: AsyncStream<Void>.Continuation
    private let stranger: KeyVault
    private let bells = Mutex<[DeviceID: Bell]>([:])

    init(
        vault: KeyVault, stranger: KeyVault, clock: any EdgeClock, model: ModelName,
        news: AsyncStream<Void>.Continuation
    ) {
        self.vault = vault
        self.stranger = stranger
        self.clock = clock
        self.model = model
        self.news = news
    }

    private var wall: Int64 { Int64(clock.wall.timeIntervalSince1970 * 1_000_000) }

    /// Takes a device in; what it is granted.
    func provision(_ device: DeviceID, in scopes: [ScopeID]) -> ProvisionAnswer {
        let incarnation = disk.withLock { disk in
            disk.devices[device] = Device(scopes: scopes)
            return disk.incarnation
        }
        return ProvisionAnswer(
            apiKey: "key of \(device)", apiSecret: "secret",
            pseudonymKey: Data(repeating: 7, count: 32).base64EncodedString(),
            centralKey: Data(vault.publicKey).base64EncodedString(), incarnation: incarnation, name: "door")
    }

    /// An older copy of the database comes back, in a new life.
    func restore(_ backup: Disk) {
        disk.withLock { disk in
            disk = backup
            disk.incarnation = Incarnation(rawValue: UUID())
        }
        ringAll()
    }

    /// Changes the database by an operator's hand.
    func operate(_ change: @Sendable (inout Disk) -> Void) {
        disk.withLock { change(&$0) }
        ringAll()
    }

    private func bell(_ device: DeviceID) -> Bell {
        bells.withLock { bells in
            let bell = bells[device] ?? Bell()
            bells[device] = bell
            return bell
        }
    }

    private func ringAll() {
        for bell in bells.withLock({ Array($0.values) }) { bell.ring() }
        news.yield()
    }

    /// Notes a question; the way may be cut.
    private func hear(_ question: Question, _ device: DeviceID) throws(SyncRefusal) {
        asked.withLock { $0[device, default: []].append(question) }
        news.yield()
        if faults.withLock({ $0.cut.contains(device) }) { throw .unreachable("the cable is cut") }
    }

    /// The answer may get lost, after all.
    private func send<Answer>(_ answer: Answer) throws(SyncRefusal) -> Answer {
        ringAll()
        let isLost = faults.withLock { faults in
            guard faults.lostAnswers > 0 else { return false }
            faults.lostAnswers -= 1
            return true
        }
        if isLost { throw .unreachable("the answer got lost") }
        return answer
    }

    private func standing(_ device: DeviceID, _ disk: Disk) throws(SyncRefusal) -> Device {
        guard let known = disk.devices[device] else { throw .deviceUnknown }
        guard known.standing != .revoked else { throw .revoked }
        return known
    }

    // MARK: Questions

    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        try hear(.open, device)
        let result = disk.withLock { disk in
            Result { () throws(SyncRefusal) in try open(request, device, &disk) }
        }
        return try send(result.get())
    }

    private func open(_ request: OpenRequest, _ id: DeviceID, _ disk: inout Disk) throws(SyncRefusal) -> OpenAnswer {
        var device = try standing(id, disk)
        if device.standing == .quarantined { throw .quarantined }
        let verdict = device.epochs.open(request.opening)
        if verdict == .forked { device.standing = .quarantined }
        disk.devices[id] = device
        switch verdict {
        case .forked: throw .quarantined
        case .ended: throw .epochEnded
        case .opened, .known: break
        }
        let lanes = disk.lanes.filter { $0.key.device == id && $0.key.epoch == request.opening.epoch }.map {
            address, lane in
            LaneEnd(lane: address.lane, acknowledged: lane.cursor.acknowledged, head: lane.cursor.head)
        }
        return OpenAnswer(isKnown: verdict == .known, incarnation: disk.incarnation, lanes: lanes, model: model)
    }

    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        try hear(.push(request.lane), device)
        let result = disk.withLock { disk in
            Result { () throws(SyncRefusal) in try push(request, device, &disk) }
        }
        return try send(result.get())
    }

    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        try hear(.pull, device)
        var answer = try page(request, device)
        if request.waitMilliseconds > 0 {
            let isEmpty = answer.scopes.allSatisfy { $0.entries.isEmpty && !$0.isSnapshot }
            if isEmpty, request.incarnation == answer.incarnation {
                await bell(device).wait()
                news.yield()
                if faults.withLock({ $0.cut.contains(device) }) { throw .unreachable("the cable is cut") }
                answer = try page(request, device)
            }
        }
        return answer
    }

    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer {
        try hear(.consent, device)
        let below = disk.withLock { $0.subjects[request.subject]?.state.erasedBelow ?? 0 }
        return try send(ConsentAnswer(consent: below))
    }

    private func page(_ request: PullRequest, _ device: DeviceID) throws(SyncRefusal) -> PullAnswer {
        let key = faults.withLock { $0.hasFalseKey } ? stranger : vault
        let result = disk.withLock { disk in
            Result { () throws(SyncRefusal) in try page(request, device, key, &disk) }
        }
        return try result.get()
    }

    private func page(
        _ request: PullRequest, _ id: DeviceID, _ key: KeyVault, _ disk: inout Disk
    ) throws(SyncRefusal) -> PullAnswer {
        let device = try standing(id, disk)
        let cursors = Dictionary(request.cursors.map { ($0.scope, $0.cursor) }) { first, _ in first }
        var parts: [ScopePart] = []
        for scope in device.scopes {
            let feed = disk.feeds[scope] ?? Feed()
            var cursor = cursors[scope] ?? .start
            let verdict = PullRule.judge(
                cursor, of: request.incarnation, present: disk.incarnation, newest: feed.newest, compactedThrough: 0)
            let isSnapshot = verdict == .resync || request.mistrusted.contains(scope)
            if isSnapshot { cursor = .start }
            let page = PullRule.page(
                after: cursor, removals: feed.after(cursor.removals, removals: true),
                puts: device.standing == .quarantined ? [] : feed.after(cursor.changes, removals: false),
                newest: feed.newest, limit: 5)
            let people = feed.entries.values.compactMap { entry -> (subject: SubjectKey, version: SubjectVersion)? in
                guard case .put(let version) = entry.content else { return nil }
                return (entry.subject, version)
            }
            let root = HashTree(people) { (try? self.vault.sha256($0)) ?? [] }.root
            parts.append(
                ScopePart(
                    scope: scope, isSnapshot: isSnapshot,
                    entries: page.entries.map { entry in
                        let subject = disk.subjects[entry.subject]
                        let isPut = !entry.content.isRemoval
                        return WireEntry(
                            entry, tenant: isPut ? subject?.tenant : nil, person: isPut ? subject?.person : nil)
                    }, next: page.next, isComplete: page.isComplete,
                    root: page.isComplete ? HexText.encode(root) : nil))
        }
        disk.serial += 1
        let lease = FleetLease(device: id, issuedAt: wall, serial: disk.serial, policy: LeasePolicy())
        let note = (try? SignedNote.sign(lease.text, as: FleetLease.signerName, key)) ?? ""
        return PullAnswer(
            incarnation: disk.incarnation, time: wall, scopes: parts, tenants: [], lease: note,
            hasMore: parts.contains { !$0.isComplete })
    }
}
