public import EdgeCore
import FoundationEssentials
public import Logging
public import SyncCore

/// The device's part in a fleet: sends what waits, applies what central tells, and says how that goes.
///
/// Nothing here decides: `LaneSender`, `PullPace` and the rules of `SyncCore` do. Nothing of the device's own work waits for
/// it. `Store` is what keeps the membership.
public actor FleetMember<Store: MemberStore> where Store.Failure == EdgeError {
    let store: Store
    let facts: MemberFacts
    let checker: any ProofChecker
    let health: HealthBoard
    let clock: any EdgeClock
    let log: Logger
    let options: MemberOptions
    let sleep: @Sendable (Duration) async throws -> Void
    private let connect: @Sendable (Membership) throws(EdgeError) -> any CentralDesk
    let start: FrameClock.Instant
    /// Whom batches give way to.
    let activity: DoorActivity

    /// Rings when there may be something to send, and when there may be something to ask.
    let pushBell = Bell()
    let pullBell = Bell()
    /// Rings when a batch of the control lane has been answered.
    let controlBell = Bell()
    private let joinBell = Bell()
    private let endBell = Bell()

    /// What is known of the membership while it lives.
    struct Life {
        var membership: Membership
        let desk: any CentralDesk
        var senders: [Lane: LaneSender] = [:]
        var underWay: Set<Lane> = []
        /// Counts the epochs; answers to batches of an earlier one say nothing any more.
        var epochNumber = 0
        /// The store's epoch, as far as it was looked at.
        var epoch: Epoch?
        var isOpen = false
        var openFailures = 0
        var notBefore: [Lane: Duration] = [:]
        var waitingSince: [Lane: Duration] = [:]
        var withheld: [Lane: Set<UInt64>] = [:]
        var ahead = AheadPlace()
        var pace: PullPace
        var courtesy: Courtesy
        var standing: FleetMemberStatus.Phase?
    }

    var life: Life?
    var random: any RandomNumberGenerator & Sendable
    var bucket: TokenBucket?
    var isPaused = false
    var isRevoked = false
    var lastContactAt: Date?
    var lastFailure: String?
    var failuresInRow = 0
    /// What the last of these failures met with.
    var wayFault = WayFault.central
    var peopleWithoutModel = 0
    /// How it stands with the certificate that central is shown.
    var certificate = CertificateBook()
    /// Rings when a certificate may be due.
    let certificateBell = Bell()
    let identity: MemberIdentity?
    /// Who takes configurations of central's; `nil` where nobody does.
    private(set) var configurations: (any FleetConfigurationTaker)?

    /// A member that begins when the store has a membership; `connect` makes the desk for it.
    public init(
        store: Store, facts: MemberFacts, checker: any ProofChecker, health: HealthBoard, clock: any EdgeClock,
        log: Logger, options: MemberOptions = MemberOptions(), activity: DoorActivity = DoorActivity(),
        identity: MemberIdentity? = nil,
        connect: @escaping @Sendable (Membership) throws(EdgeError) -> any CentralDesk
    ) {
        self.init(
            store: store, facts: facts, checker: checker, health: health, clock: clock, log: log, options: options,
            activity: activity, identity: identity, random: SystemRandomNumberGenerator(),
            sleep: { try await Task.sleep(for: $0) },
            connect: connect)
    }

    /// A member with chance and waits of its own; tests give it those that they know.
    init(
        store: Store, facts: MemberFacts, checker: any ProofChecker, health: HealthBoard, clock: any EdgeClock,
        log: Logger, options: MemberOptions, activity: DoorActivity = DoorActivity(), identity: MemberIdentity? = nil,
        random: any RandomNumberGenerator & Sendable,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        connect: @escaping @Sendable (Membership) throws(EdgeError) -> any CentralDesk
    ) {
        self.store = store
        self.facts = facts
        self.checker = checker
        self.health = health
        self.clock = clock
        self.log = log
        self.options = options
        self.activity = activity
        self.identity = identity
        self.random = random
        self.sleep = sleep
        self.connect = connect
        start = clock.instant
        bucket = options.bytesPerSecond.map { TokenBucket(bytesPerSecond: $0, now: .zero) }
    }

    /// Names who takes configurations of central's, before ``run()``.
    public func attach(_ taker: any FleetConfigurationTaker) { configurations = taker }

    /// The time since the member was made; runs only forward.
    var now: Duration { start.duration(to: clock.instant) }

    /// Speaks with central until cancelled, then returns; waits for a membership where there is none.
    public func run() async throws {
        while !Task.isCancelled {
            guard let begun = await begin() else {
                await joinBell.wait(orUntil: { [sleep] in try await sleep(.seconds(60)) })
                continue
            }
            life = begun
            await live(begun.desk)
            life = nil
            await (begun.desk as? CentralLink)?.close()
        }
        clearConditions()
    }

    /// Reads the membership and makes its desk; `nil` when there is none, or nothing can be made of it.
    private func begin() async -> Life? {
        do throws(EdgeError) {
            guard let membership = try await store.membership() else { return nil }
            let desk = try connect(membership)
            var begun = Life(
                membership: membership, desk: desk,
                pace: PullPace(longPoll: options.longPoll, interval: options.pollInterval),
                courtesy: Courtesy(limit: options.courtesy))
            for lane in try await store.lanes() {
                begun.epoch = lane.address.epoch
                begun.senders[lane.address.lane] = LaneSender(lane.address.lane, acknowledged: lane.acknowledged)
            }
            isRevoked = false
            return begun
        } catch {
            log.error("the membership cannot be used", metadata: ["error": "\(error)"])
            lastFailure = error.detail
            return nil
        }
    }

    /// Until the membership ends, or the task.
    private func live(_ desk: any CentralDesk) async {
        let (store, pushBell, endBell, identity) = (store, pushBell, endBell, identity)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.pushUntilTheEnd(desk) }
            group.addTask { await self.pullUntilTheEnd(desk) }
            group.addTask { for await _ in store.laneWakeUps { pushBell.ring() } }
            group.addTask { await endBell.wait() }
            if let identity, let link = desk as? any SecuredLink {
                group.addTask { await self.keepCertificate(identity, link) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: What others ask for

    /// Keeps a membership and begins to live it.
    ///
    /// Throws `sync.member.exists` for a device that belongs to a fleet.
    public func join(_ membership: Membership) async throws(EdgeError) {
        // One of another fleet says nothing here.
        await dropCertificate()
        try await store.join(membership)
        isRevoked = false
        health.clear("sync.revoked")
        joinBell.ring()
    }

    /// Leaves the fleet; everybody who is known here stays.
    public func leave() async throws(EdgeError) {
        try await store.leave(isRevoked: false)
        await dropCertificate()
        await configurations?.forget()
        clearConditions()
        endBell.ring()
    }

    /// Sends and asks nothing until ``resume()``.
    public func pause() {
        isPaused = true
        life?.ahead.clear()
    }

    /// Goes on after ``pause()``.
    public func resume() {
        isPaused = false
        syncNow()
    }

    /// Sends and asks at once, where it only waits for the next turn.
    public nonisolated func syncNow() {
        pushBell.ring()
        pullBell.ring()
    }

    /// The network came up: tries soon, whatever failed before.
    public func networkUp() {
        wakeLanes()
        life?.pace.networkUp()
        life?.openFailures = 0
        syncNow()
    }

    /// Ends the waits of lanes that failed, each after some chance of its own.
    func wakeLanes() {
        for lane in Lane.allCases.sorted() { life?.senders[lane]?.networkUp(now: now, using: &random) }
    }

    /// Asks central for a consent under which somebody who was erased may be enrolled again.
    ///
    /// What this device erased itself is told first. Throws `sync.central.unreachable`.
    public func consent(for subject: SubjectKey) async throws(EdgeError) -> UInt64 {
        guard let life, life.isOpen, !isPaused else { throw EdgeError(.centralUnreachable) }
        await sendControl(life.desk)
        do throws(SyncRefusal) {
            return try await life.desk.consent(ConsentRequest(subject: subject), of: life.membership.device).consent
        } catch {
            throw EdgeError(.centralUnreachable, SyncRefusalBody(error).detail)
        }
    }

    /// Central does not know the device any more: what it told goes, and the membership with it.
    func endByRevocation() async {
        do throws(EdgeError) {
            try await store.leave(isRevoked: true)
        } catch {
            // It is tried again with the next refusal.
            return log.error("a revocation cannot be carried out", metadata: ["error": "\(error)"])
        }
        isRevoked = true
        life?.ahead.clear()
        await dropCertificate()
        await configurations?.forget()
        clearConditions()
        health.raise(
            "sync.revoked", title: "The device was taken out of the fleet; people from the fleet are gone.",
            severity: .error, remedy: "Ask who runs central; to take it in again: edged provision.")
        log.notice("the device was taken out of the fleet")
        endBell.ring()
    }
}
