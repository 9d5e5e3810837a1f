public import EdgeCore
public import FoundationEssentials
import Synchronization

/// Sessions in memory with the promises of the real repository, and faults on demand.
public final class MemorySessionRepository: SessionRepository {
    private struct State {
        var sessions: [SessionID: SessionSnapshot] = [:]
        var tokens: [SessionToken: SessionID] = [:]
        var outcomes: [SessionOutcome] = []
        var misses: [[UInt8]: Int] = [:]
        var locked: [[UInt8]: Date] = [:]
        var fault: EdgeError?
        var listener: (@Sendable (GalleryRecord) -> Void)?
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let templates: MemoryTemplates
    private let clock: any EdgeClock

    /// Completed enrollments go to `templates`.
    public init(templates: MemoryTemplates, clock: any EdgeClock) {
        self.templates = templates
        self.clock = clock
    }

    /// All recorded ends, in order.
    public var outcomes: [SessionOutcome] { state.withLock { $0.outcomes } }
    /// How many callers wait in ``finish(_:)`` for ``release()``.
    public var heldCount: Int { state.withLock { $0.held.count } }

    /// From now on every write throws `error`; `nil` mends it.
    public func fail(with error: EdgeError?) { state.withLock { $0.fault = error } }

    /// Has `body` called with who was enrolled, before anybody else hears of it.
    public func onEnrollment(_ body: @escaping @Sendable (GalleryRecord) -> Void) {
        state.withLock { $0.listener = body }
    }

    /// From now on ``finish(_:)`` waits for ``release()``.
    public func hold() { state.withLock { $0.isHolding = true } }

    /// Lets everybody in ``finish(_:)`` go on.
    public func release() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for waiting in held { waiting.resume() }
    }

    /// Records a new session.
    public func begin(_ session: SessionSnapshot) async throws(EdgeError) {
        try check()
        state.withLock { state in
            if let token = session.token { state.tokens[token] = session.id }
            var stored = session
            stored.token = nil
            state.sessions[session.id] = stored
        }
    }

    /// Records the end of a session.
    public func finish(_ outcome: SessionOutcome) async throws(EdgeError) -> GalleryRecord? {
        await waitWhileHeld()
        try check()
        guard Task.isCancelled == false else { throw EdgeError(.storeUnavailable, "The transaction was cancelled.") }
        guard state.withLock({ $0.sessions[outcome.session.id]?.state.isOpen }) == true else {
            throw EdgeError(.sessionClosed)
        }
        let session = outcome.session
        if session.kind == .verification, session.state == .completed,
            let until = state.withLock({ $0.locked[Self.key(session.client, session.externalUserID)] }),
            until > clock.wall
        {
            throw EdgeError(.sessionLockedOut)
        }
        state.withLock { state in
            var stored = outcome.session
            stored.token = nil
            state.sessions[stored.id] = stored
            state.outcomes.append(outcome)
            count(outcome, in: &state)
        }
        guard outcome.session.kind == .enrollment, outcome.session.state == .completed else { return nil }
        let record = templates.replace(
            externalID: outcome.session.externalUserID ?? "", displayName: outcome.displayName,
            of: outcome.session.client, templates: outcome.samples.map(\.template))
        let listener = state.withLock { $0.listener }
        listener?(record)
        return record
    }

    /// A session as last recorded.
    public func session(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot? {
        state.withLock { state in
            let id: SessionID? =
                switch lookup {
                case .id(let id): id
                case .token(let token): state.tokens[token]
                }
            guard let id, let session = state.sessions[id], session.client == client else { return nil }
            return session
        }
    }

    /// One page of a tenant's sessions, newest first.
    public func sessions(
        of client: ClientID, _ filter: SessionFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<SessionSnapshot> {
        let found = state.withLock { state in
            state.sessions.values.filter { session in
                session.client == client && filter.states?.contains(session.state) ?? true
                    && filter.kinds?.contains(session.kind) ?? true
            }
        }
        let newestFirst = found.sorted { ($0.createdAt, $0.id.description) > ($1.createdAt, $1.id.description) }
        return PageOf(
            total: found.count, items: Array(newestFirst.dropFirst(page.offset).prefix(PageRequest.size)))
    }

    /// The tenant of the session that a token names.
    public func tenant(of token: SessionToken) async throws(EdgeError) -> ClientID? {
        state.withLock { state in state.tokens[token].flatMap { state.sessions[$0]?.client } }
    }

    /// Ends all open sessions as cancelled.
    public func cancelOpenSessions(at: Date) async throws(EdgeError) -> Int {
        try check()
        return state.withLock { state in
            let open = state.sessions.values.filter(\.state.isOpen)
            for session in open {
                state.sessions[session.id]?.state = .cancelled
                state.sessions[session.id]?.completedAt = at
            }
            return open.count
        }
    }

    /// Five misses lock for 30 s.
    public func lockedUntil(externalUserID: String, of client: ClientID) async throws(EdgeError) -> Date? {
        state.withLock { $0.locked[Self.key(client, externalUserID)] }
    }

    /// By bytes, as the real store.
    private static func key(_ client: ClientID, _ externalUserID: String?) -> [UInt8] {
        Array("\(client)/\(externalUserID ?? "")".utf8)
    }

    /// Locks a claimed user from now on.
    public func lock(_ externalUserID: String, of client: ClientID, for duration: TimeInterval = 30) {
        let until = clock.wall.addingTimeInterval(duration)
        state.withLock { $0.locked[Self.key(client, externalUserID)] = until }
    }

    private func count(_ outcome: SessionOutcome, in state: inout State) {
        let key = Self.key(outcome.session.client, outcome.session.externalUserID)
        switch outcome.lockout {
        case .none: break
        case .clear:
            state.misses[key] = nil
            state.locked[key] = nil
        case .miss:
            state.misses[key, default: 0] += 1
            if state.misses[key, default: 0] >= 5 { state.locked[key] = clock.wall.addingTimeInterval(30) }
        }
    }

    private func check() throws(EdgeError) {
        if let fault = state.withLock({ $0.fault }) { throw fault }
    }

    private func waitWhileHeld() async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.isHolding { state.held.append(continuation) }
                return state.isHolding
            }
            if !isHeld { continuation.resume() }
        }
    }
}
