import FoundationEssentials
import SyncCore

/// One central and its devices in virtual time, with people who come and go and with every fault that is known.
///
/// All that happens is drawn from one seed; the same seed tells the same story.
struct VirtualFleet {
    enum Event {
        case tick(DeviceID)
        case request(DeviceID, UInt64, Request)
        case response(DeviceID, UInt64, Response)
        case timeout(DeviceID, UInt64)
        case people(DeviceID)
        case fault
    }

    struct Scheduled {
        let at: Duration
        let number: UInt64
        let event: Event
    }

    /// A request that has no answer yet.
    struct Call {
        let device: DeviceID
        let request: Request
        /// Of which start of the device; an answer to an earlier one is nobody's.
        let life: Duration
        /// The subject whose consent was asked for.
        var subject: SubjectKey?
    }

    /// The seed whose story is printed, step by step: `EDGED_SEED=42`.
    static let tracedSeed = ProcessInfo.processInfo.environment["EDGED_SEED"].flatMap { UInt64($0) }

    let seed: UInt64
    var dice: SeededGenerator
    var rates: FaultRates
    let mutation: Mutation?
    var now = Duration.zero
    var queue = EventQueue()
    var central: VirtualCentral
    var devices: [DeviceID: VirtualDevice] = [:]
    var ticks: [DeviceID: Duration] = [:]
    var isOff: Set<DeviceID> = []
    var isCutOff: Set<DeviceID> = []
    var calls: [UInt64: Call] = [:]
    var nextCall: UInt64 = 0
    var ledger = Ledger()
    let subjects: [SubjectKey]
    let scopes: [ScopeID]
    var centralBackup: VirtualCentral.Disk
    var deviceBackups: [DeviceID: VirtualDevice.Disk] = [:]
    var steps = 0
    /// Everybody is cut off for weeks, and little happens.
    var isWinter = false
    /// How often central was restored.
    var restorations = 0
    /// Set by a promise that does not hold.
    var broken: String?

    init(seed: UInt64, mutation: Mutation? = nil) {
        self.seed = seed
        var dice = SeededGenerator(seed: seed)
        scopes = (0..<2).map { _ in ScopeID(rawValue: dice.id()) }
        subjects = (0..<6).map { _ in SubjectKey(rawValue: dice.id()) }
        central = VirtualCentral(disk: .init(incarnation: Incarnation(rawValue: dice.id())), mutation: mutation)
        centralBackup = central.disk
        rates = FaultRates()
        self.mutation = mutation
        for _ in 0..<(2 + Int(dice.next() % 3)) {
            let id = DeviceID(rawValue: dice.id())
            let first = Int(dice.next() % 2)
            central.disk.devices[id] = .init(
                scopes: dice.falls(0.5) ? [scopes[first]] : [scopes[first], scopes[1 - first]])
            devices[id] = VirtualDevice(
                id: id, epoch: Epoch(rawValue: dice.id()), now: .zero, mutation: mutation)
        }
        centralBackup = central.disk
        ids = devices.keys.sorted { SubjectKey(rawValue: $0.rawValue) < SubjectKey(rawValue: $1.rawValue) }
        self.dice = dice
        for id in ids { deviceBackups[id] = devices[id]?.disk }
        for id in ids {
            scheduleTick(id, in: .seconds(Int(self.dice.next() % 20)))
            schedule(.people(id), in: .seconds(Int(self.dice.next() % 600)))
        }
        schedule(.fault, in: .seconds(300))
    }

    /// In an order that does not hang on the process.
    let ids: [DeviceID]

    mutating func schedule(_ event: Event, in wait: Duration) { queue.push(event, at: now + wait) }

    /// When a device looks next what is due; what was planned before does not count any more.
    mutating func scheduleTick(_ id: DeviceID, in wait: Duration) {
        ticks[id] = now + wait
        schedule(.tick(id), in: wait)
    }

    /// Lives through `span` of faults, then through a heal, and looks at every promise after each step.
    mutating func run(for span: Duration) {
        while broken == nil, let next = queue.first, next.at <= span { step() }
        guard broken == nil else { return }
        heal()
        // Quiet must come, and within an hour.
        let end = now + .seconds(3600)
        while broken == nil, let next = queue.first, next.at <= end {
            step()
            if steps % 64 == 0, brokenAfterHeal() == nil { return }
        }
        if broken == nil { broken = brokenAfterHeal() }
    }

    /// A step while nobody hears of anybody; another winter does not begin within one.
    mutating func stepThroughWinter() {
        if case .fault = queue.first?.event {
            _ = queue.pop().map { queue.push(.fault, at: $0.at + .seconds(86_400)) }
        } else {
            step()
        }
    }

    private mutating func step() {
        guard let next = queue.pop() else { return }
        now = next.at
        steps += 1
        if Self.tracedSeed == seed { print("\(steps) \(now) \(next.event)") }
        switch next.event {
        case .tick(let id): tick(id)
        case .request(let id, let call, let request): deliver(request, call, id)
        case .response(let id, let call, let response): receive(response, call, id)
        case .timeout(let id, let call): receive(nil, call, id)
        case .people(let id): people(id)
        case .fault: fault()
        }
        if broken == nil { broken = brokenPromise() }
    }

    // MARK: Disk

    enum Commit { case done, full, crashed }

    /// One transaction of a device: on disk whole or not at all, and it may be the last thing before a power cut.
    mutating func commit(_ id: DeviceID, _ change: (VirtualDevice, inout VirtualDevice.Disk) -> Void) -> Commit {
        guard var device = devices[id] else { return .crashed }
        if dice.falls(rates.diskFull) { return .full }
        if dice.falls(rates.crash) {
            crash(id)
            return .crashed
        }
        var disk = device.disk
        change(device, &disk)
        device.disk = disk
        devices[id] = device
        if dice.falls(rates.crash) {
            crash(id)
            return .crashed
        }
        return .done
    }

    mutating func crash(_ id: DeviceID) {
        guard isOff.insert(id).inserted else { return }
        ledger.stopped(id, at: now)
        scheduleTick(id, in: .seconds(Int(dice.next() % 120)))
    }

    // MARK: Network

    mutating func send(_ request: Request, of id: DeviceID, subject: SubjectKey? = nil) {
        nextCall += 1
        guard let device = devices[id] else { return }
        calls[nextCall] = Call(device: id, request: request, life: device.startedAt, subject: subject)
        schedule(.timeout(id, nextCall), in: .seconds(60))
        carry(.request(id, nextCall, request), of: id)
    }

    private mutating func carry(_ event: Event, of id: DeviceID) {
        guard !isCutOff.contains(id), !isWinter, !dice.falls(rates.drop) else { return }
        for _ in 0..<(dice.falls(rates.duplicate) ? 2 : 1) {
            let delay = Duration.milliseconds(
                1 + Int(dice.next() % UInt64(max(1, rates.delay.components.seconds * 1000 + 50))))
            schedule(event, in: delay)
        }
    }

    private mutating func deliver(_ request: Request, _ call: UInt64, _ id: DeviceID) {
        guard !isCutOff.contains(id), !isWinter else { return }
        var request = request
        if case .push(let epoch, let lane, let batch, var payloads) = request, dice.falls(rates.truncate) {
            payloads[payloads.count - 1] = .decision(.max)
            request = .push(epoch, lane, batch, payloads)
        }
        // A central that falls over before its transaction has done nothing, and after it says nothing.
        if dice.falls(rates.crash) || dice.falls(rates.diskFull) { return }
        let response = central.answer(request, of: id, wall: VirtualDevice.wall(now))
        if dice.falls(rates.crash) { return }
        ledger.note(response, to: request, of: id)
        carry(.response(id, call, response), of: id)
    }
}

/// Events by time; those of one moment in the order in which they were asked for.
struct EventQueue {
    private var heap: [VirtualFleet.Scheduled] = []
    private var count: UInt64 = 0

    var first: VirtualFleet.Scheduled? { heap.first }

    mutating func push(_ event: VirtualFleet.Event, at moment: Duration) {
        count += 1
        heap.append(VirtualFleet.Scheduled(at: moment, number: count, event: event))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> VirtualFleet.Scheduled? {
        guard let last = heap.popLast() else { return nil }
        guard let top = heap.first else { return last }
        heap[0] = last
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { precedes($0, $1) }), precedes(least, parent) else { return top }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    mutating func remove(where isUnwanted: (VirtualFleet.Event) -> Bool) {
        let rest = heap.filter { !isUnwanted($0.event) }
        heap = []
        for scheduled in rest { push(scheduled.event, at: scheduled.at) }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at, heap[left].number) < (heap[right].at, heap[right].number)
    }
}
