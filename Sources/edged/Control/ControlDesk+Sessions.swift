import EdgeCore
import FoundationEssentials
import Recognition

extension ControlDesk {
    func openSession(_ arguments: Control.SessionOpen) async throws(EdgeError) -> Control.Session {
        let client = try await tenant(arguments.client).id
        let request = SessionRequest(
            client: client, kind: arguments.kind, externalUserID: arguments.userId,
            displayName: arguments.displayName, frameSource: arguments.frameSource, camera: arguments.camera,
            consent: arguments.consent?.record)
        return Control.Session(try await room().open(request))
    }

    func submitPicture(_ step: Control.SessionStep) async throws(EdgeError) -> Control.Session {
        guard let picture = step.picture else { throw EdgeError(.imageEmpty, field: "picture") }
        let (lookup, client) = try lookup(step)
        let answer = try await room().submit(Array(picture), to: lookup, of: client)
        var session = Control.Session(answer.session)
        session.frameAccepted = answer.accepted
        session.reason = answer.reason.rawValue
        session.message = answer.reason.message
        return session
    }

    /// Waits until the session has ended or the time is up, then tells how it stands.
    func waitForSession(_ step: Control.SessionStep) async throws(EdgeError) -> Control.Session {
        let (lookup, client) = try lookup(step)
        let answers = try await room().answers(of: lookup, client: client)
        let limit = Duration.seconds(min(max(step.waitSeconds ?? 30, 0), 60))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await answer in answers where !answer.session.state.isOpen { return } }
            // Cancelled when the session ends first.
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return Control.Session(try await room().session(lookup, of: client))
    }

    func cancelSession(_ step: Control.SessionStep) async throws(EdgeError) -> Control.Session {
        let (lookup, client) = try lookup(step)
        return Control.Session(try await room().cancel(lookup, of: client))
    }

    private func room() throws(EdgeError) -> SessionService {
        guard let sessions else { throw EdgeError(.internalFault, "recognition is not open in this process") }
        return sessions
    }

    private func lookup(_ step: Control.SessionStep) throws(EdgeError) -> (SessionLookup, ClientID) {
        guard let session = SessionID(step.sessionId), let client = ClientID(step.client) else {
            throw EdgeError(.sessionUnknown)
        }
        return (.id(session), client)
    }
}

extension Control.Session {
    init(_ snapshot: SessionSnapshot) {
        sessionId = snapshot.id.description
        client = snapshot.client.description
        kind = snapshot.kind
        state = snapshot.state
        isOpen = snapshot.state.isOpen
        result = snapshot.state.isOpen ? nil : snapshot.state == .completed ? "success" : "failure"
        reason = snapshot.reason?.rawValue
        message = snapshot.reason?.message
        userId = snapshot.matchedPerson?.externalID
        similarityScore = snapshot.similarityScore
        qualityScore = snapshot.qualityScore
        livenessVerified = snapshot.livenessVerified
        framesProcessed = snapshot.framesProcessed
        acceptedFrames = snapshot.acceptedFrames
        targetFrames = snapshot.targetFrames
    }
}
