import EdgeCore
import FoundationEssentials
import Synchronization

/// Keeps deliveries as the store does, in memory.
final class MemoryOutbox: WebhookOutbox {
    struct Recorded: Sendable {
        let delivery: DeliveryID
        let result: DeliveryResult
        let at: Date
    }

    private struct Row {
        var shipment: WebhookShipment
        var due: Date
        var isOut = false
    }

    private struct State {
        var rows: [Row] = []
        var faults: [EdgeError] = []
        var out = 0
        var mostOut = 0
    }

    let wakeUps: AsyncStream<Void>
    /// Everything that is recorded, as it is recorded.
    let recorded: AsyncStream<Recorded>
    private let alarm: AsyncStream<Void>.Continuation
    private let record: AsyncStream<Recorded>.Continuation
    private let state = Mutex(State())

    init(_ shipments: [WebhookShipment] = [], due: Date = Date(timeIntervalSince1970: 1_800_000_000)) {
        (wakeUps, alarm) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (recorded, record) = AsyncStream.makeStream()
        state.withLock { $0.rows = shipments.map { Row(shipment: $0, due: due) } }
    }

    /// The next calls fail, one for each error.
    func fail(with faults: [EdgeError]) { state.withLock { $0.faults = faults } }

    /// Adds a delivery and rings.
    func add(_ shipment: WebhookShipment, due: Date) {
        state.withLock { $0.rows.append(Row(shipment: shipment, due: due)) }
        wake()
    }

    func wake() { alarm.yield() }

    /// Deliveries that are not over, with those that are out.
    var pending: [DeliveryID] { state.withLock { $0.rows.map(\.shipment.delivery) } }
    /// Deliveries handed out and not recorded.
    var out: Int { state.withLock { $0.out } }
    /// The most that were out at a time.
    var mostOut: Int { state.withLock { $0.mostOut } }

    func takeDue(at now: Date, limit: Int) async throws(EdgeError) -> [WebhookShipment] {
        let taken: Result<[WebhookShipment], EdgeError> = state.withLock { state in
            if !state.faults.isEmpty { return .failure(state.faults.removeFirst()) }
            let due = state.rows.indices.filter { !state.rows[$0].isOut && state.rows[$0].due <= now }
                .sorted { state.rows[$0].due < state.rows[$1].due }.prefix(limit)
            for index in due { state.rows[index].isOut = true }
            state.out += due.count
            state.mostOut = max(state.mostOut, state.out)
            return .success(due.map { state.rows[$0].shipment })
        }
        return try taken.get()
    }

    func record(_ result: DeliveryResult, of delivery: DeliveryID, at now: Date) async throws(EdgeError) {
        let fault: EdgeError? = state.withLock { state in
            if !state.faults.isEmpty { return state.faults.removeFirst() }
            guard let index = state.rows.firstIndex(where: { $0.shipment.delivery == delivery }) else { return nil }
            state.out -= 1
            switch result.verdict {
            case .retry(let wait):
                state.rows[index].isOut = false
                state.rows[index].due = now.addingTimeInterval(wait / .seconds(1))
                state.rows[index].shipment = state.rows[index].shipment.next
            case .delivered, .gone, .dead: state.rows.remove(at: index)
            }
            return nil
        }
        if let fault { throw fault }
        record.yield(Recorded(delivery: delivery, result: result, at: now))
    }

    func nextDue() async throws(EdgeError) -> Date? {
        state.withLock { state in state.rows.filter { !$0.isOut }.map(\.due).min() }
    }
}

extension WebhookShipment {
    /// The same delivery, an attempt later.
    fileprivate var next: WebhookShipment {
        WebhookShipment(
            delivery: delivery, event: event, client: client, clientPublicID: clientPublicID, endpoint: endpoint,
            url: url, secrets: secrets, eventName: eventName, body: body, attempt: attempt + 1,
            maximumAttempts: maximumAttempts, firstQueuedAt: firstQueuedAt)
    }
}
