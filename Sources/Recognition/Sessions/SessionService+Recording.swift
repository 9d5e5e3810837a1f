import EdgeCore
import FoundationEssentials
import Logging

/// Changes of a session, one at a time, and on disk before anybody is told.
extension SessionService {
    /// Changes a session and records the change first when it ends the session.
    ///
    /// When recording fails, the session stays as it was before the change: undecided, and nobody is told.
    func settle(
        _ id: SessionID, _ change: (inout LiveSession) -> FrameAnswer
    ) async throws(EdgeError) -> FrameAnswer {
        await waitForRecording(id)
        guard var next = live[id], next.isOpen else { throw closedError(live[id]?.snapshot.state) }
        var answer = change(&next)
        answer.session = next.snapshot
        if next.snapshot.state.isOpen {
            next.tell(answer)
            live[id] = next
            return answer
        }
        live[id]?.phase = .recording
        enrolling[id] = next.enrollee
        defer { enrolling[id] = nil }
        do throws(EdgeError) {
            let enrolled = try await recordUnlessLocked(&next, &answer)
            // Not the record itself: who was enrolled may be gone by now.
            if let enrolled { await personChanged(enrolled) }
            next.snapshot.matchedPerson = enrolled?.person ?? next.snapshot.matchedPerson
        } catch {
            // The store knows better who may be recognised: nobody shall be found whom it refuses.
            if error.code == .personUnknown, let person = next.snapshot.matchedPerson { board.remove(person.id) }
            reopen(id, after: error)
            throw error
        }
        answer.session = next.snapshot
        finish(next, with: answer)
        return answer
    }

    /// Ends a session where nobody waits for the answer; a failure is logged and tried again by the next sweep.
    func endQuietly(_ id: SessionID, as state: SessionState, _ reason: Reason) async {
        let now = clock.wall
        await settleQuietly(id) { session in
            session.snapshot.close(state, reason, at: now)
            var answer = session.present
            answer.accepted = false
            return answer
        }
    }

    func settleQuietly(_ id: SessionID, _ change: (inout LiveSession) -> FrameAnswer) async {
        do throws(EdgeError) {
            _ = try await settle(id, change)
        } catch {
            complain(error, about: id)
        }
    }

    /// Logs that an outcome could not be recorded; a store that is down is said once a minute, not at every try.
    func complain(_ error: EdgeError, about id: SessionID) {
        guard error.code.kind != .gone else { return }
        let now = clock.instant
        if let lastComplaint, lastComplaint.duration(to: now) < .seconds(60) { return }
        lastComplaint = now
        log.error(
            "The end of a session could not be recorded.",
            metadata: ["session": "\(id)", "code": "\(error.code.rawValue)"])
    }

    /// What a frame for a session in this state is told.
    func closedError(_ state: SessionState?) -> EdgeError {
        EdgeError(state == .expired ? .sessionExpired : .sessionClosed)
    }

    private func waitForRecording(_ id: SessionID) async {
        while case .recording = live[id]?.phase {
            await withCheckedContinuation { live[id]?.waiting.append($0) }
        }
    }

    /// Records the outcome; a success of a user who was locked meanwhile becomes a failure like any other.
    private func recordUnlessLocked(
        _ session: inout LiveSession, _ answer: inout FrameAnswer
    ) async throws(EdgeError) -> GalleryRecord? {
        do throws(EdgeError) {
            return try await record(session.outcome)
        } catch {
            guard error.code == .sessionLockedOut else { throw error }
            session.failAsLocked(at: session.snapshot.completedAt ?? clock.wall)
            answer.accepted = false
            answer.reason = .notRecognized
            answer.livenessScore = nil
            return try await record(session.outcome)
        }
    }

    /// A caller that goes away takes its task with it, but never a transaction that was begun: hence a task of its own.
    private func record(_ outcome: SessionOutcome) async throws(EdgeError) -> GalleryRecord? {
        let repository = repository
        let recording = Task { () async -> Result<GalleryRecord?, EdgeError> in
            do throws(EdgeError) {
                return .success(try await repository.finish(outcome))
            } catch {
                return .failure(error)
            }
        }
        return try await recording.value.get()
    }

    private func finish(_ ended: LiveSession, with answer: FrameAnswer) {
        var ended = ended
        let id = ended.snapshot.id
        // Watchers and waiting frames may have come while the disk was busy.
        ended.watchers = live[id]?.watchers ?? []
        let waiting = live[id]?.waiting ?? []
        ended.waiting = []
        ended.phase = .ended(at: clock.instant)
        ended.tell(answer)
        ended.finishWatchers()
        live[id] = ended
        for frame in waiting { frame.resume() }
        for camera in ended.cameras { release(camera) }
        note(ended)
    }

    private func reopen(_ id: SessionID, after error: EdgeError) {
        guard var session = live[id] else { return }
        let waiting = session.waiting
        session.waiting = []
        session.phase = .open
        live[id] = session
        // The store says that it is over: believe the store, and read it from there.
        if error.code == .sessionClosed { forget(id) }
        for frame in waiting { frame.resume() }
    }

    /// Drops a session from memory; from now on the repository answers for it.
    func forget(_ id: SessionID) {
        guard var session = live.removeValue(forKey: id) else { return }
        session.finishWatchers()
        if let token = session.snapshot.token { idOfToken[token] = nil }
        for camera in session.cameras { release(camera) }
    }

    private func note(_ ended: LiveSession) {
        log.info(
            "A session ended.",
            metadata: [
                "session": "\(ended.snapshot.id)", "kind": "\(ended.snapshot.kind.rawValue)",
                "state": "\(ended.snapshot.state.rawValue)", "reason": "\(ended.snapshot.reason?.rawValue ?? "")",
            ])
        if case .enrollment(let machine) = ended.machine, machine.hasDuplicate {
            log.warning(
                "An enrolled face belongs to another person too.", metadata: ["session": "\(ended.snapshot.id)"])
        }
    }
}

extension LiveSession {
    /// What must be on disk before anybody is told.
    var outcome: SessionOutcome {
        var samples: [EnrolledSample] = []
        if snapshot.state == .completed, case .enrollment(let machine) = machine {
            samples = machine.samples.map {
                EnrolledSample(template: $0.template, quality: $0.quality, crop: $0.crop)
            }
        }
        // Only here: whoever asks about the session is not told.
        var recorded = snapshot
        recorded.cause = cause
        recorded.census = machine.tally.census
        return SessionOutcome(session: recorded, samples: samples, displayName: displayName, lockout: lockout)
    }

    /// Who is being enrolled by this end, as far as the duplicate check wants to know.
    var enrollee: GalleryRecord? {
        guard snapshot.state == .completed, case .enrollment(let machine) = machine, let fused = machine.fused,
            let user = snapshot.externalUserID
        else { return nil }
        return GalleryRecord(
            client: snapshot.client, person: MatchedPerson(id: PersonID(), externalID: user), templates: [fused])
    }

    /// Whoever gives up after enough comparisons has guessed as well: cancelling is no way around the lock-out.
    private var lockout: SessionOutcome.LockoutChange {
        guard !isLockedOut, snapshot.kind == .verification, snapshot.externalUserID != nil,
            case .authentication(let machine) = machine
        else { return .none }
        if snapshot.state == .completed { return .clear }
        let isMiss = snapshot.reason == .notRecognized ? machine.compared > 0 : machine.isMiss
        return isMiss ? .miss : .none
    }
}
