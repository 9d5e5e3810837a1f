import EdgeCore
import FoundationEssentials
import Logging
import SyncCore

/// Says which epoch the device is in, and begins another when central does not believe it.
extension FleetMember {
    /// Opens the epoch at central; the wait before the next step.
    func openEpoch(_ desk: any CentralDesk) async -> Duration {
        guard let life else { return .zero }
        let (number, device) = (life.epochNumber, life.membership.device)
        do throws(EdgeError) {
            let opening = try await store.epochOpening()
            switch await ask(opening, device, desk) {
            case .failure(let refusal): return await notOpened(refusal, number)
            case .success(let answer):
                reached()
                guard self.life?.epochNumber == number else { return .zero }
                if try await isOlderCopy(than: answer) {
                    await beginEpoch(.rolledBack, insteadOf: number)
                } else {
                    opened(answer)
                }
                return .zero
            }
        } catch {
            log.error("the epoch cannot be read", metadata: ["error": "\(error)"])
            return .seconds(30)
        }
    }

    private func ask(
        _ opening: EpochOpening, _ device: DeviceID, _ desk: any CentralDesk
    ) async -> Result<OpenAnswer, SyncRefusal> {
        do throws(SyncRefusal) {
            return .success(
                try await desk.open(
                    OpenRequest(opening: opening, model: facts.model, software: facts.software), of: device))
        } catch {
            return .failure(error)
        }
    }

    /// Whether central has records of this epoch that this store never made, or others in their places: better found before
    /// something is sent than after it, since central must take that for two devices under one name.
    private func isOlderCopy(than answer: OpenAnswer) async throws(EdgeError) -> Bool {
        let lanes = try await store.lanes()
        return answer.lanes.contains { end in
            guard let own = lanes.first(where: { $0.address.lane == end.lane }) else { return false }
            let verdict = AcknowledgementRule.judge(end.acknowledged, head: end.head, newest: own.last) { number in
                number == own.last ? own.head : number == own.released ? own.releasedHead : nil
            }
            return verdict != .valid
        }
    }

    /// Gives the present epoch up and begins another; nothing when that has happened since `number`.
    func beginEpoch(_ reason: EpochReason, insteadOf number: Int) async {
        guard life?.epochNumber == number else { return }
        // Noted first: nobody shall begin a second one meanwhile.
        life?.epochNumber += 1
        life?.isOpen = false
        life?.ahead.clear()
        do throws(EdgeError) {
            try await store.beginEpoch(reason)
            log.notice("a new epoch begins", metadata: ["reason": "\(reason.rawValue)"])
            countAnew(try await store.lanes())
        } catch {
            log.error("a new epoch cannot begin", metadata: ["error": "\(error)"])
        }
    }

    /// Notices an epoch that the store began by itself: what is sent is counted anew, and central is told of the epoch first.
    func follow(_ lanes: [LaneStatus]) {
        guard let epoch = lanes.first?.address.epoch, let known = life?.epoch else {
            life?.epoch = lanes.first?.address.epoch
            return
        }
        guard epoch != known else { return }
        life?.epochNumber += 1
        life?.isOpen = false
        countAnew(lanes)
        log.notice("the store began a new epoch")
    }

    /// Whether the store is still in this epoch.
    func isPresent(_ epoch: Epoch) async -> Bool {
        let lanes = try? await store.lanes()
        return lanes?.first?.address.epoch == epoch
    }

    private func countAnew(_ lanes: [LaneStatus]) {
        life?.epoch = lanes.first?.address.epoch
        life?.ahead.clear()
        for lane in lanes {
            life?.senders[lane.address.lane] = LaneSender(lane.address.lane, acknowledged: lane.acknowledged)
        }
        life?.withheld = [:]
        life?.notBefore = [:]
        life?.waitingSince = [:]
    }

    private func opened(_ answer: OpenAnswer) {
        for lane in Lane.allCases { life?.senders[lane]?.accept(upTo: answer.batch ?? RecordBatch.usual) }
        life?.isOpen = true
        life?.openFailures = 0
        life?.standing = nil
        for code in ["sync.quarantined", "sync.device.unknown"] { health.clear(code) }
        certificateTaken()
        reportModel(of: answer.model)
        pullBell.ring()
    }

    private func notOpened(_ refusal: SyncRefusal, _ number: Int) async -> Duration {
        life?.openFailures += 1
        let failures = life?.openFailures ?? 1
        var retryAfter = Duration.zero
        switch refusal {
        case .epochEnded:
            reached()
            await beginEpoch(.rolledBack, insteadOf: number)
        case .busy(let wait):
            reached()
            retryAfter = .milliseconds(wait)
        case .unreachable, .tokenInvalid, .deviceUnknown, .quarantined, .revoked, .certificateNeeded,
            .certificateRefused, .fork, .epochNeeded, .gap, .malformed:
            await noteRefusal(refusal)
        }
        if life?.standing != nil { retryAfter = .seconds(300) }
        return Backoff(maximum: .seconds(60)).wait(afterFailures: failures, retryAfter: retryAfter, using: &random)
    }
}
