import EdgeCore

/// The service's life.
extension SessionService {
    /// How long an ended session is answered from memory.
    static let keptAfterEnd: Duration = .seconds(180)
    private static let sweepInterval: Duration = .milliseconds(200)

    /// Watches the cameras that sessions wait for and ends sessions on time, until it is cancelled.
    ///
    /// Then open sessions are recorded as cancelled and their streams end.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepHouse() }
            for await camera in cameraStarts {
                group.addTask { await self.feed(from: camera) }
            }
        }
        await close()
    }

    private func keepHouse() async {
        while !Task.isCancelled {
            // In a task of its own: what sessions were copied into stays in a task's memory until its end.
            if !live.isEmpty { await withDiscardingTaskGroup { $0.addTask { await self.sweep() } } }
            try? await Task.sleep(for: Self.sweepInterval)
        }
    }

    /// Ends what is overdue and forgets what ended long ago.
    func sweep() async {
        let now = clock.instant
        for id in Array(live.keys) {
            switch live[id]?.phase {
            case .open:
                await expireIfDue(id)
                await decideIfOverdue(id)
            case .recording, nil: break
            case .ended(let at):
                if at.duration(to: now) >= Self.keptAfterEnd { forget(id) }
            }
        }
    }

    /// Records the end of a session whose time is over.
    func expireIfDue(_ id: SessionID) async {
        guard let session = live[id], session.isOpen, clock.instant >= session.deadline else { return }
        await endQuietly(id, as: .expired, .expired)
    }

    private func decideIfOverdue(_ id: SessionID) async {
        let (instant, now) = (clock.instant, clock.wall)
        guard var probe = live[id], probe.isOpen, probe.machine.decideOverdue(at: instant) != nil else { return }
        await settleQuietly(id) { session in
            guard let decision = session.machine.decideOverdue(at: instant) else { return session.present }
            session.follow(decision, at: now)
            var answer = session.present
            answer.accepted = false
            return answer
        }
    }

    private func close() async {
        isClosing = true
        cameraStarter.finish()
        for (id, session) in live where session.isOpen { await endQuietly(id, as: .cancelled, .cancelled) }
        // Even where the store refuses: nobody shall wait for a daemon that is gone.
        for id in live.keys { live[id]?.finishWatchers() }
    }
}
