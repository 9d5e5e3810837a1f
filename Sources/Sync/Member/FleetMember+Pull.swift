import EdgeCore
import FoundationEssentials
import Logging
import SyncCore

/// Asks for what has changed, and has it applied; never waits for what is to be sent.
extension FleetMember {
    func pullUntilTheEnd(_ desk: any CentralDesk) async {
        while !Task.isCancelled, let life {
            guard !isPaused else {
                await pullBell.wait(orUntil: { [sleep] in try await sleep(.seconds(60)) })
                continue
            }
            let asked = life.pace.wait
            let answer = await pull(desk, waiting: asked)
            await reportLease()
            guard !Task.isCancelled else { return }
            let pause = self.life?.pace.take(answer, asked: asked, using: &random) ?? .zero
            if pause > .zero { await pullBell.wait(orUntil: { [sleep] in try await sleep(pause) }) }
        }
    }

    private func pull(_ desk: any CentralDesk, waiting: Duration) async -> PullPace.Answer {
        guard let membership = life?.membership else { return .unreachable }
        do throws(EdgeError) {
            let places = try await store.pullPlaces()
            var request = PullRequest(
                incarnation: places.incarnation, cursors: places.cursors, mistrusted: places.mistrusted,
                waitMilliseconds: Int(waiting / .milliseconds(1)), tenants: places.tenants)
            request.roots = membership.pinnedRoots == nil ? nil : membership.rootsSerial
            request.configuration = await configurations?.report()
            switch await ask(request, membership, desk) {
            case .success(let answer): return try await apply(answer, membership)
            case .failure(let refusal): return await take(refusal)
            }
        } catch {
            log.error("what central told cannot be applied", metadata: ["error": "\(error)"])
            lastFailure = error.detail
            return .unreachable
        }
    }

    private func ask(
        _ request: PullRequest, _ membership: Membership, _ desk: any CentralDesk
    ) async -> Result<PullAnswer, SyncRefusal> {
        do throws(SyncRefusal) {
            return .success(try await desk.pull(request, of: membership.device))
        } catch {
            return .failure(error)
        }
    }

    private func apply(_ answer: PullAnswer, _ membership: Membership) async throws(EdgeError) -> PullPace.Answer {
        guard let lease = try lease(of: answer, membership) else {
            reportFalseLease()
            return .unreachable
        }
        health.clear("sync.lease.invalid")
        reached()
        certificateTaken()
        heardPolicy(answer.certificates ?? .off)
        noteCentralTime(answer.time)
        let outcome = try await store.apply(answer, lease: lease)
        report(outcome)
        // Own enrollments may have become known, and erasures have to be proven.
        pushBell.ring()
        await take(rootsOf: answer, membership)
        await take(configurationOf: answer, membership)
        return .answered(
            hasMore: answer.hasMore, isSuspicious: !outcome.mistrusted.isEmpty,
            retryAfter: .milliseconds(min(max(answer.retryMilliseconds ?? 0, 0), 3_600_000)))
    }

    /// The lease, when the fleet's key signed it for this device; `nil` for every other one.
    private func lease(of answer: PullAnswer, _ membership: Membership) throws(EdgeError) -> FleetLease? {
        guard let key = Data(base64Encoded: membership.grant.centralKey) else { return nil }
        let text = try SignedNote.open(
            answer.lease, signedAs: FleetLease.signerName, publicKey: Array(key), checker)
        guard let lease = text.flatMap({ FleetLease(text: $0) }), lease.device == membership.device else { return nil }
        return lease
    }

    private func take(_ refusal: SyncRefusal) async -> PullPace.Answer {
        await noteRefusal(refusal)
        switch refusal {
        case .busy(let wait): return .busy(.milliseconds(wait))
        case .quarantined, .deviceUnknown: return .busy(.seconds(300))
        case .unreachable, .tokenInvalid, .revoked, .certificateNeeded, .certificateRefused, .epochNeeded, .epochEnded,
            .gap, .fork, .malformed:
            return .unreachable
        }
    }
}
