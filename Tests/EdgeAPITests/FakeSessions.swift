import EdgeCore
import EdgeTesting
import FoundationEssentials
import Synchronization

/// Sessions in memory with tenants and tokens; what a frame leads to is the test's to say.
final class FakeSessions: RecognitionSessions {
    typealias Script = @Sendable (inout SessionSnapshot, _ picture: [UInt8]) throws(EdgeError) -> FrameAnswer

    private struct State {
        var sessions: [SessionSnapshot] = []
        var requests: [SessionRequest] = []
        var pictures: [[UInt8]] = []
        var openError: EdgeError?
        var feeds: [(id: SessionID, feed: AsyncStream<FrameAnswer>.Continuation)] = []
    }

    private let state = Mutex(State())
    private let script: Script
    private let clock: any EdgeClock
    /// Runs before a picture is looked at; a test may hold it there.
    private let gate: @Sendable () async -> Void

    init(
        clock: any EdgeClock, script: @escaping Script = FakeSessions.accepted,
        gate: @escaping @Sendable () async -> Void = {}
    ) {
        self.clock = clock
        self.script = script
        self.gate = gate
    }

    /// Every request that was opened.
    var requests: [SessionRequest] { state.withLock { $0.requests } }
    /// Every picture that was submitted.
    var pictures: [[UInt8]] { state.withLock { $0.pictures } }
    /// Every session as it stands, the oldest first.
    var snapshots: [SessionSnapshot] { state.withLock { $0.sessions } }
    /// Sessions that a camera feeds.
    var openCamera: [SessionSnapshot] {
        state.withLock { $0.sessions.filter { $0.frameSource == .camera && $0.state.isOpen } }
    }
    /// How many readers wait for answers.
    var readers: Int { state.withLock { $0.feeds.count } }

    /// Makes the next `open` fail.
    func failOpening(_ error: EdgeError) { state.withLock { $0.openError = error } }

    /// Changes a session behind the API's back and tells its readers, as a camera does.
    func change(
        _ id: SessionID, accepted: Bool = true, face: FaceGeometry? = nil, _ edit: (inout SessionSnapshot) -> Void
    ) {
        state.withLock { state in
            guard let index = state.sessions.firstIndex(where: { $0.id == id }) else { return }
            edit(&state.sessions[index])
            let session = state.sessions[index]
            let answer = FrameAnswer(
                session: session, accepted: accepted, reason: session.reason ?? .frameAccepted, face: face,
                frameSize: face.map { _ in (640, 480) })
            for (reader, feed) in state.feeds where reader == id {
                feed.yield(answer)
                if !session.state.isOpen { feed.finish() }
            }
        }
    }

    func open(_ request: SessionRequest) async throws(EdgeError) -> SessionSnapshot {
        let result = state.withLock { state -> Result<SessionSnapshot, EdgeError> in
            if let error = state.openError { return .failure(error) }
            state.requests.append(request)
            let token = SessionToken(rawValue: "sess_\(String(repeating: "t", count: 42))\(state.sessions.count)")
            let session = SessionSnapshot(
                id: SessionID(), token: token, request: request, targetFrames: request.targetSamples ?? 3,
                createdAt: clock.wall, expiresAt: clock.wall.addingTimeInterval(600))
            state.sessions.append(session)
            return .success(session)
        }
        return try result.get()
    }

    func submit(
        _ picture: [UInt8], to lookup: SessionLookup, of client: ClientID
    ) async throws(EdgeError) -> FrameAnswer {
        await gate()
        let result = state.withLock { state -> Result<FrameAnswer, EdgeError> in
            guard let index = Self.index(state, lookup, client) else { return .failure(EdgeError(.sessionUnknown)) }
            guard state.sessions[index].state.isOpen else { return .failure(EdgeError(.sessionClosed)) }
            state.pictures.append(picture)
            do throws(EdgeError) {
                return .success(try script(&state.sessions[index], picture))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func session(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot {
        let session = state.withLock { state in Self.index(state, lookup, client).map { state.sessions[$0] } }
        guard var session else { throw EdgeError(.sessionUnknown) }
        session.token = nil
        return session
    }

    func tenant(of token: SessionToken) async throws(EdgeError) -> ClientID {
        let found = state.withLock { state in state.sessions.first { $0.token == token }?.client }
        guard let found else { throw EdgeError(.sessionUnknown) }
        return found
    }

    func cancel(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot {
        let session = try await session(lookup, of: client)
        guard session.state.isOpen else { throw EdgeError(.sessionClosed) }
        change(session.id) { session in
            session.state = .cancelled
            session.reason = .cancelled
        }
        return try await self.session(lookup, of: client)
    }

    func answers(
        of lookup: SessionLookup, client: ClientID
    ) async throws(EdgeError) -> AsyncStream<FrameAnswer> {
        let session = try await session(lookup, of: client)
        let (stream, feed) = AsyncStream.makeStream(of: FrameAnswer.self, bufferingPolicy: .bufferingNewest(1))
        feed.yield(FrameAnswer(session: session, accepted: false, reason: session.reason ?? .frameAccepted))
        if session.state.isOpen {
            state.withLock { $0.feeds.append((session.id, feed)) }
        } else {
            feed.finish()
        }
        return stream
    }

    private static func index(_ state: borrowing State, _ lookup: SessionLookup, _ client: ClientID) -> Int? {
        state.sessions.firstIndex { session in
            guard session.client == client else { return false }
            return switch lookup {
            case .id(let id): session.id == id
            case .token(let token): session.token == token
            }
        }
    }

    /// Every frame is good; the last one wanted completes the session.
    static let accepted: Script = { session, _ throws(EdgeError) in
        session.framesProcessed += 1
        session.acceptedFrames += 1
        session.qualityScore = 0.95
        session.state = .processing
        guard session.acceptedFrames >= session.targetFrames else {
            return FrameAnswer(session: session, accepted: true, reason: .frameAccepted, qualityScore: 0.95)
        }
        session.state = .completed
        session.livenessVerified = true
        session.matchedPerson = MatchedPerson(
            id: PersonID(), externalID: session.externalUserID ?? "someone", displayName: "Some One")
        session.reason = session.kind == .enrollment ? .enrollmentCompleted : .authenticated
        session.similarityScore = session.kind == .enrollment ? nil : 0.95
        return FrameAnswer(
            session: session, accepted: true, reason: session.reason ?? .frameAccepted, qualityScore: 0.95)
    }

    /// No frame is good, for `reason`.
    static func rejected(_ reason: Reason) -> Script {
        { session, _ throws(EdgeError) in
            session.framesProcessed += 1
            session.state = .processing
            return FrameAnswer(session: session, accepted: false, reason: reason)
        }
    }

    /// The first frame ends the session without success.
    static func ends(_ end: SessionState, _ reason: Reason) -> Script {
        { session, _ throws(EdgeError) in
            session.framesProcessed += 1
            session.state = end
            session.reason = reason
            return FrameAnswer(session: session, accepted: true, reason: reason)
        }
    }

    /// Every frame fails.
    static func fails(_ error: EdgeError) -> Script {
        { _, _ throws(EdgeError) in throw error }
    }
}
