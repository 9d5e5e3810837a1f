public import EdgeCore
import FoundationEssentials
public import SyncCore

/// Leaves in a store what a busy door leaves in days without central: enrollments, and sessions that recognise somebody.
///
/// For measuring only: the people are made up.
public struct BacklogBench: Sendable {
    /// So many write at the same time, and so share commits.
    private static let writers = 64

    private let store: EdgeStore
    private let model: ModelVersion

    /// Works on a store that nobody else has open; templates are of `model`.
    public init(store: EdgeStore, model: ModelVersion) {
        self.store = store
        self.model = model
    }

    /// Enrolls `people` and lets one of them in until `records` wait in all lanes; returns how many wait in each.
    public func fill(people: Int, records: UInt64, client: ClientID) async throws(EdgeError) -> [LaneStatus] {
        let known = try await enroll("known", seed: 0, of: client)
        try await together(people) { [self] number throws(EdgeError) in
            _ = try await enroll("bench-\(number)", seed: number + 1, of: client)
        }
        var lanes = try await store.lanes()
        while lanes.reduce(0, { $0 + $1.records }) < records, !Task.isCancelled {
            let missing = records - lanes.reduce(0) { $0 + $1.records }
            // A session leaves two records or more.
            try await together(Int(min(missing / 2 + 1, 20_000))) { [self] _ throws(EdgeError) in
                try await recognise(known, of: client)
            }
            let before = lanes.reduce(0) { $0 + $1.last }
            lanes = try await store.lanes()
            guard lanes.reduce(0, { $0 + $1.last }) > before else { throw EdgeError(.internalFault) }
        }
        return lanes
    }

    private func together(
        _ count: Int, _ act: @escaping @Sendable (Int) async throws(EdgeError) -> Void
    ) async throws(EdgeError) {
        let outcomes = await withTaskGroup(of: Result<Void, EdgeError>.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    do throws(EdgeError) {
                        for number in stride(from: writer, to: count, by: Self.writers) where !Task.isCancelled {
                            try await act(number)
                        }
                    } catch { return .failure(error) }
                    return .success(())
                }
            }
            return await group.reduce(into: []) { all, one in all.append(one) }
        }
        for outcome in outcomes { try outcome.get() }
    }

    private func enroll(_ user: String, seed: Int, of client: ClientID) async throws(EdgeError) -> MatchedPerson? {
        let begun = BenchSessions.open(.enrollment, of: client, user: user)
        try await store.begin(begun)
        let sample = EnrolledSample(template: BenchTemplates.template(seed, model: model), quality: 0.9)
        return try await store.finish(
            SessionOutcome(
                session: BenchSessions.ended(begun, .enrollmentCompleted, nil), samples: [sample], displayName: nil))?
            .person
    }

    private func recognise(_ person: MatchedPerson?, of client: ClientID) async throws(EdgeError) {
        let begun = BenchSessions.open(.verification, of: client, user: person?.externalID)
        try await store.begin(begun)
        _ = try await store.finish(
            SessionOutcome(session: BenchSessions.ended(begun, .authenticated, person), lockout: .clear))
    }
}

/// Sessions as a device has them, without anybody in front of it.
enum BenchSessions {
    static func open(_ kind: SessionKind, of client: ClientID, user: String?) -> SessionSnapshot {
        let request = SessionRequest(client: client, kind: kind, externalUserID: user, sessionType: "webcam")
        let now = Date()
        return SessionSnapshot(
            id: SessionID(), token: SessionToken(rawValue: "sess_\(UUID().uuidString)"), request: request,
            targetFrames: 3, createdAt: now, expiresAt: now.addingTimeInterval(600))
    }

    static func ended(_ session: SessionSnapshot, _ reason: Reason, _ person: MatchedPerson?) -> SessionSnapshot {
        var session = session
        session.state = .completed
        session.reason = reason
        session.completedAt = Date()
        session.acceptedFrames = 3
        session.framesProcessed = 4
        session.matchedPerson = person
        return session
    }
}
