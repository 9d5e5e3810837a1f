import EdgeCore
import SyncCore

/// Makes the next batch ready while one is on its way: the line does not wait for the device then.
extension FleetMember {
    /// What was made ready, with what it was made ready for.
    typealias Ahead = (rule: ReadAhead, batch: ReadyBatch)

    /// Whether nobody was at the door for a while.
    var isCalm: Bool {
        let seen = activity.last.map { start.duration(to: $0) }
        return life?.courtesy.isCalm(lastSeen: seen, now: now) ?? true
    }

    /// The batch for an order, ready to go; `nil` when the lane has moved on meanwhile.
    func readyBatch(_ due: DueBatch, _ desk: any CentralDesk) async throws(EdgeError) -> ReadyBatch? {
        if let ready = due.ready { return ready }
        let withheld = life?.withheld[due.lane.address.lane] ?? []
        guard let made = try await BatchMaker(store: store).batch(due.order, of: due.lane, without: withheld) else {
            return nil
        }
        return ReadyBatch(made, as: await desk.ready(made.request))
    }

    /// Makes the batch behind one that is on its way ready; `nil` where that is not wanted, or cannot be.
    ///
    /// Only decisions and events, of which many wait: nothing that holds a face is kept beside what is being sent.
    func makeAhead(behind batch: ReadyBatch, _ due: DueBatch, _ desk: any CentralDesk) async -> Ahead? {
        let lane = due.lane.address.lane
        guard lane > .enrollment, !Task.isCancelled, isCalm, !isPaused, bucket == nil, let life, life.isOpen,
            life.epochNumber == due.epochNumber, life.withheld[lane] == nil,
            let rule = ReadAhead(behind: batch.last, head: batch.head, of: due.lane, limit: due.order.limit),
            self.life?.ahead.begin(lane) == true
        else { return nil }
        // Where it cannot be read the next turn says so.
        guard let made = try? await BatchMaker(store: store).batch(rule) else { return nil }
        return (rule, ReadyBatch(made, as: await desk.ready(made.request)))
    }
}
