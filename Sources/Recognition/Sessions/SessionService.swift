public import EdgeCore
import FoundationEssentials
import Logging

/// Runs all enrollment and authentication sessions.
///
/// Each decision is a value that a pure machine made; this actor only carries facts to it and its outcome to disk.
/// Nobody is told an outcome that is not on disk.
public actor SessionService: RecognitionSessions {
    let analyzer: any FrameAnalyzing
    let decoder: any ImageDecoder
    let thresholds: ThresholdTable
    let repository: any SessionRepository
    let templates: any TemplateRepository
    let secrets: any SecretKeeper
    let cameras: [any FrameSource]
    let roster: CameraRoster
    let health: HealthBoard
    let clock: any EdgeClock
    private(set) var configuration: SessionConfiguration
    let log: Logger
    let board: GalleryBoard
    /// When somebody was last at the door, for whoever gives way to them.
    public nonisolated let activity = DoorActivity()
    var random: any RandomNumberGenerator & Sendable

    var live: [SessionID: LiveSession] = [:]
    var idOfToken: [SessionToken: SessionID] = [:]
    /// Sessions that are being opened, so that a burst cannot pass the limit.
    var opening: [ClientID: Int] = [:]
    /// Enrolled people on their way to disk: the duplicate check must not miss who comes at the same time.
    var enrolling: [SessionID: GalleryRecord] = [:]
    /// The look at the store that was asked for last; the gallery follows by one at a time.
    var looking: Task<Void, Never>?
    var uploads = UploadGate()
    var isClosing = false
    var lastComplaint: FrameClock.Instant?
    /// The cameras that are being watched; a camera that no session waits for is left alone.
    var feeds: [String: CameraFeed] = [:]
    /// The infrared cameras that are being watched.
    var views: [String: InfraredView] = [:]
    /// Cameras that `run()` shall watch; at most one entry a camera is waiting.
    let cameraStarts: AsyncStream<String>
    let cameraStarter: AsyncStream<String>.Continuation

    init(
        analyzer: any FrameAnalyzing, decoder: any ImageDecoder, thresholds: ThresholdTable,
        sessions: any SessionRepository, templates: any TemplateRepository, secrets: any SecretKeeper,
        cameras: [any FrameSource], health: HealthBoard, clock: any EdgeClock, configuration: SessionConfiguration,
        log: Logger, random: any RandomNumberGenerator & Sendable
    ) {
        self.analyzer = analyzer
        self.decoder = decoder
        self.thresholds = thresholds
        repository = sessions
        self.templates = templates
        self.secrets = secrets
        self.cameras = cameras
        roster = CameraRoster(cameras)
        self.health = health
        self.clock = clock
        self.configuration = configuration
        self.log = log
        self.random = random
        board = GalleryBoard(model: analyzer.templateModel)
        (cameraStarts, cameraStarter) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(max(cameras.count, 1)))
    }

    /// Sessions that still take frames, all tenants.
    public var openSessions: Int { live.values.count { $0.isOpen } }

    /// People who can be recognised, all tenants.
    public var galleryCount: Int { board.count }

    /// Ends what a restart left open and loads the gallery; call it once, before the first session.
    public func start() async throws(EdgeError) {
        let cancelled = try await repository.cancelOpenSessions(at: clock.wall)
        if cancelled > 0 {
            log.notice("Sessions left open by the last run were cancelled.", metadata: ["count": "\(cancelled)"])
        }
        try await board.load(templates)
        reportLiveness()
    }

    /// Takes other rules over; sessions that are open keep those that they began with, but for the match rates.
    public func reconfigure(_ configuration: SessionConfiguration) {
        self.configuration = configuration
        reportLiveness()
    }

    private func reportLiveness() {
        if configuration.livenessPolicy.needsPassive, !analyzer.hasPassiveLiveness {
            health.raise(EdgeError(.livenessUnavailable))
        } else {
            health.clear(ErrorCode.livenessUnavailable.rawValue)
        }
        reportInfrared()
    }

    /// Opens a session and, for camera sessions, starts to feed it.
    public func open(_ request: SessionRequest) async throws(EdgeError) -> SessionSnapshot {
        try check(request)
        let camera = try camera(of: request)
        let infrared = try infrared(beside: camera)
        guard openCount(of: request.client) < configuration.maxOpenPerClient else { throw EdgeError(.sessionLimit) }
        opening[request.client, default: 0] += 1
        defer { opening[request.client, default: 1] -= 1 }
        activity.note(clock.instant)
        try await checkLock(request)
        let session = try makeSession(request, camera: camera, infrared: infrared)
        try await repository.begin(session.snapshot)
        guard !isClosing else { throw EdgeError(.shuttingDown) }
        live[session.snapshot.id] = session
        if let token = session.snapshot.token { idOfToken[token] = session.snapshot.id }
        for camera in session.cameras { watch(camera) }
        return session.snapshot
    }

    /// The session as it stands, open or ended.
    public func session(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot {
        if let id = liveID(lookup, of: client) {
            await expireIfDue(id)
            if let snapshot = live[id]?.snapshot { return snapshot }
        }
        guard let stored = try await repository.session(lookup, of: client) else { throw EdgeError(.sessionUnknown) }
        return stored
    }

    /// Ends an open session without a decision.
    public func cancel(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot {
        let id = try await openID(lookup, of: client)
        let now = clock.wall
        return try await settle(id) { session in
            session.snapshot.close(.cancelled, .cancelled, at: now)
            return session.present
        }.session
    }

    /// The session's frame answers from now on; the first element is the present state.
    public func answers(
        of lookup: SessionLookup, client: ClientID
    ) async throws(EdgeError) -> AsyncStream<FrameAnswer> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: FrameAnswer.self, bufferingPolicy: .bufferingNewest(1))
        let snapshot = try await session(lookup, of: client)
        guard let session = live[snapshot.id], session.isOpen else {
            let last =
                live[snapshot.id]?.present
                ?? FrameAnswer(session: snapshot, accepted: false, reason: snapshot.reason ?? .cancelled)
            continuation.yield(last)
            continuation.finish()
            return stream
        }
        continuation.yield(session.present)
        live[snapshot.id]?.watchers.append(continuation)
        return stream
    }
}
