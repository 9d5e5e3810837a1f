import EdgeCore
import FoundationEssentials
import Logging
import SyncCore

/// Sends what waits: one batch of a lane at a time, the most urgent lanes first.
extension FleetMember {
    /// A batch to send now.
    struct DueBatch {
        let lane: LaneStatus
        let order: LaneSender.Order
        let epochNumber: Int
        /// The batch itself, where it was made before.
        var ready: ReadyBatch?
    }

    /// The longest the sender sleeps when nothing is due; what is new rings.
    private static var longestPause: Duration { .seconds(60) }
    /// How long a device waits that central does not want.
    private static var standingPause: Duration { .seconds(300) }

    func pushUntilTheEnd(_ desk: any CentralDesk) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let pause = await nextPush(desk) { due in group.addTask { _ = await self.push(due, desk) } }
                await pushBell.wait(orUntil: { [sleep] in try await sleep(pause) })
            }
            group.cancelAll()
        }
    }

    /// Begins what is due, and gives the time until more may be.
    private func nextPush(_ desk: any CentralDesk, _ begin: (DueBatch) -> Void) async -> Duration {
        guard let life, !isPaused else { return Self.longestPause }
        guard life.isOpen else { return await openEpoch(desk) }
        do throws(EdgeError) {
            let lanes = try await store.lanes()
            // Another epoch began meanwhile: these are the lanes of the one before.
            guard self.life?.epochNumber == life.epochNumber else { return .zero }
            follow(lanes)
            guard self.life?.isOpen == true else { return .zero }
            let (batches, pause) = due(lanes)
            for batch in batches { begin(batch) }
            return pause
        } catch {
            log.error("what waits for central cannot be read", metadata: ["error": "\(error)"])
            return .seconds(30)
        }
    }

    /// Chooses the batches to begin now and notes their lanes as under way.
    private func due(_ lanes: [LaneStatus]) -> ([DueBatch], Duration) {
        // A batch that does not give way any more is short where somebody may come.
        let most = isCalm ? RecordBatch.limit : RecordBatch.usual
        guard var life else { return ([], Self.longestPause) }
        defer { self.life = life }
        var batches: [DueBatch] = []
        var pause = Self.longestPause
        let seen = activity.last.map { start.duration(to: $0) }
        for status in lanes {
            let lane = status.address.lane
            guard !life.underWay.contains(lane) else { continue }
            guard let earliest = readyAt(status, &life) else { continue }
            let ready = life.courtesy.start(of: lane, ready: earliest, lastSeen: seen, now: now)
            guard ready <= now else {
                pause = min(pause, ready - now)
                continue
            }
            // The end of a batch makes room and rings.
            guard life.underWay.count < options.lanesAtOnce else { continue }
            let order = life.senders[lane]?.next(
                oldest: status.released + 1, newest: status.last, now: now, most: most)
            guard let order else { continue }
            life.underWay.insert(lane)
            life.waitingSince[lane] = nil
            life.courtesy.began(lane)
            let made = life.ahead.take(for: order, of: status)
            batches.append(DueBatch(lane: status, order: order, epochNumber: life.epochNumber, ready: made))
        }
        life.ahead.clear(after: lanes)
        return (batches, pause)
    }

    /// When a lane may be sent; `nil` when there is nothing to send.
    ///
    /// Decisions and events are gathered for a while: a batch costs central and the line the same for one and for a hundred.
    private func readyAt(_ status: LaneStatus, _ life: inout Life) -> Duration? {
        let lane = status.address.lane
        guard let sender = life.senders[lane], status.last > sender.acknowledged || sender.wanted != nil else {
            life.waitingSince[lane] = nil
            return nil
        }
        let earliest = max(sender.dueAt ?? .zero, life.notBefore[lane] ?? .zero)
        guard lane > .enrollment, status.records < options.lingerRecords, sender.wanted == nil else { return earliest }
        let since = life.waitingSince[lane] ?? now
        life.waitingSince[lane] = since
        return max(earliest, since + options.linger)
    }

    /// Sends one batch and takes the answer in; whether central has it.
    func push(_ due: DueBatch, _ desk: any CentralDesk) async -> Bool {
        let lane = due.lane.address.lane
        let (answer, ahead) = await answer(to: due, desk)
        if life?.epochNumber == due.epochNumber {
            // Both in one step: a lane that is not under way any more has its answer.
            _ = life?.senders[lane]?.take(answer, now: now, using: &random)
        }
        let isUsable = !isPaused && life?.epochNumber == due.epochNumber
        life?.ahead.end(lane, with: isUsable ? ahead : nil)
        life?.underWay.remove(lane)
        pushBell.ring()
        if lane == .control { controlBell.ring() }
        if case .acknowledged = answer { return true }
        return false
    }

    /// What became of a batch, and the one behind it where that was made meanwhile.
    private func answer(to due: DueBatch, _ desk: any CentralDesk) async -> (LaneSender.Answer, Ahead?) {
        let batch: ReadyBatch?
        do throws(EdgeError) { batch = try await readyBatch(due, desk) } catch {
            let lane = due.lane.address.lane.rawValue
            log.error("a batch cannot be read", metadata: ["lane": "\(lane)", "error": "\(error)"])
            return (.unreachable, nil)
        }
        // Dropped, acknowledged or counted anew meanwhile: the next look knows.
        guard let batch else { return (.rewind(expected: due.order.first), nil) }
        if let wait = bucket?.take(batch.bytes, now: now), wait > .zero {
            do { try await sleep(wait) } catch { return (.unreachable, nil) }
        }
        async let next = makeAhead(behind: batch, due, desk)
        let answer = await exchange(batch, due, desk)
        // Whatever else was said: the next batch is another one.
        guard answer == .acknowledged(batch.last) else { return (answer, nil) }
        return (answer, await next)
    }

    /// Sends a batch and takes in what central says.
    private func exchange(_ batch: ReadyBatch, _ due: DueBatch, _ desk: any CentralDesk) async -> LaneSender.Answer {
        guard let device = life?.membership.device else { return .unreachable }
        do throws(SyncRefusal) {
            let answer = try await desk.send(batch.push, of: device)
            reached()
            return await take(answer, to: due)
        } catch {
            return await take(error, to: due)
        }
    }

    /// Central has it; what that changes here is one transaction.
    private func take(_ answer: PushAnswer, to due: DueBatch) async -> LaneSender.Answer {
        let lane = due.lane.address.lane
        guard life?.epochNumber == due.epochNumber else { return .unreachable }
        noteCentralTime(answer.time)
        do throws(EdgeError) {
            let known = try await store.pullPlaces().incarnation
            // From before central was restored, or after: the next pull tells which.
            guard known == nil || known == answer.incarnation else {
                pullBell.ring()
                return .unreachable
            }
            try await store.settle(answer, of: lane)
        } catch {
            guard error.code == .outboxFork else {
                log.error("an answer cannot be kept", metadata: ["lane": "\(lane.rawValue)", "error": "\(error)"])
                return .unreachable
            }
            // Where the store itself began another epoch meanwhile, the answer is of no lane of its.
            guard await isPresent(due.lane.address.epoch) else { return .unreachable }
            await beginEpoch(.rolledBack, insteadOf: due.epochNumber)
            return .unreachable
        }
        note(answer.refused, of: lane)
        life?.withheld[lane] = nil
        if answer.waitMilliseconds > 0 {
            life?.notBefore[lane] = now + .milliseconds(min(answer.waitMilliseconds, 3_600_000))
        }
        return .acknowledged(answer.acknowledged)
    }

    private func take(_ refusal: SyncRefusal, to due: DueBatch) async -> LaneSender.Answer {
        let lane = due.lane.address.lane
        guard life?.epochNumber == due.epochNumber else { return .unreachable }
        switch refusal {
        case .gap(let expected):
            reached()
            return .rewind(expected: expected)
        case .malformed(let detail):
            reached()
            return withhold(due, detail)
        case .epochNeeded:
            reached()
            life?.isOpen = false
            life?.ahead.clear()
        case .epochEnded:
            reached()
            await beginEpoch(.rolledBack, insteadOf: due.epochNumber)
        case .busy(let wait):
            reached()
            return .busy(retryAfter: .milliseconds(wait))
        case .unreachable, .tokenInvalid, .deviceUnknown, .quarantined, .revoked, .certificateNeeded,
            .certificateRefused, .fork:
            break
        }
        await noteRefusal(refusal)
        if life?.standing != nil { return .busy(retryAfter: Self.standingPause) }
        log.debug("a batch was not taken", metadata: ["lane": "\(lane.rawValue)", "code": "\(refusal.code)"])
        return .unreachable
    }

    /// Smaller batches first; a single record that central does not take goes without its payload, so that it holds up
    /// nothing behind it.
    private func withhold(_ due: DueBatch, _ detail: String) -> LaneSender.Answer {
        let lane = due.lane.address.lane
        if due.order.limit == 1 { life?.withheld[lane, default: []].insert(due.order.first) }
        // It may be an earlier central that came back and takes no long batches.
        life?.senders[lane]?.accept(upTo: RecordBatch.usual)
        log.warning(
            "central cannot read a batch",
            metadata: ["lane": "\(lane.rawValue)", "first": "\(due.order.first)", "detail": "\(detail)"])
        return .busy(retryAfter: .zero)
    }

    private func note(_ refused: [RefusedRecord], of lane: Lane) {
        for record in refused {
            log.warning(
                "central keeps a record without effect",
                metadata: [
                    "lane": "\(lane.rawValue)", "sequence": "\(record.sequence)", "reason": "\(record.reason)",
                ])
        }
    }

    /// Sends what waits in the control lane now, as far as central takes it.
    func sendControl(_ desk: any CentralDesk) async {
        for _ in 0..<100 {
            guard let status = try? await store.lanes().first(where: { $0.address.lane == .control }),
                let sender = life?.senders[.control], status.last > sender.acknowledged
            else { return }
            if life?.underWay.contains(.control) == true {
                await controlBell.wait(orUntil: { [sleep] in try await sleep(.seconds(5)) })
                continue
            }
            guard let number = life?.epochNumber,
                let order = life?.senders[.control]?.next(
                    oldest: status.released + 1, newest: status.last, now: now)
            else { return }
            life?.underWay.insert(.control)
            let batch = DueBatch(lane: status, order: order, epochNumber: number, ready: nil)
            guard await push(batch, desk) else { return }
        }
    }
}
