public import EdgeCore
public import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Records what came of an attempt: the delivery, the endpoint's counts, and for 410 the endpoint's end.
    ///
    /// A delivery that is gone meanwhile is passed over; one that was called off meanwhile stays so unless it arrived.
    /// When this throws, the delivery stays handed out.
    public func record(
        _ result: DeliveryResult, of delivery: DeliveryID, at now: Date
    ) async throws(EdgeError) {
        try await write { [self] db in
            let row = try Row.fetchOne(
                db, sql: "\(DeliveryRow.query) WHERE d.id = ?", arguments: [delivery.column])
            guard let row else { return }
            let known = try DeliveryRow(row)
            let step = DeliveryStep(result, of: known, at: now)
            try write(step, result, of: known, at: now, db)
            try count(from: known.status, to: step.status, of: known.endpointKey, attemptAt: now, db)
            if result.verdict == .gone { try disable(known, at: now, db) }
        }
        deliveryDesk.release([delivery])
        deliveryDesk.wake()
    }

    private func write(
        _ step: DeliveryStep, _ result: DeliveryResult, of known: DeliveryRow, at now: Date, _ db: Database
    ) throws {
        let milliseconds = result.responseTime.map { $0.milliseconds }
        let attempt = DeliveryAttempt(
            number: known.attempts + 1, at: now, statusCode: result.statusCode, errorCode: result.errorCode,
            responseTime: milliseconds)
        let reply = try known.subjectKey.map { key in
            Data(
                try sealer.seal(
                    JSONText.bytes(DeliveryReply(result)), subjectKey: key,
                    context: SealPlace.reply(known.id, of: known.client)))
        }
        try db.cachedStatement(
            sql: """
                UPDATE webhook_deliveries SET status = ?, attempts = attempts + 1, due_at = ?, status_code = ?,
                    response_time = ?, error_code = ?, reply = ?, log = ?, delivered_at = ?, completed_at = ?
                WHERE key = ?
                """
        ).execute(arguments: [
            step.status.rawValue, step.dueAt?.column, result.statusCode, milliseconds, step.errorCode, reply,
            try JSONText.text(Array((known.log + [attempt]).suffix(DeliveryStep.attemptsKept))),
            step.status == .success ? now.column : nil, step.dueAt == nil ? now.column : nil, known.key,
        ])
    }

    /// Keeps the endpoint's counts in step with the delivery's status.
    func count(
        from before: DeliveryStatus, to after: DeliveryStatus, of endpoint: Int64, attemptAt: Date?, _ db: Database
    ) throws {
        let successful = (after == .success ? 1 : 0) - (before == .success ? 1 : 0)
        let failed = (after.isDead ? 1 : 0) - (before.isDead ? 1 : 0)
        try db.cachedStatement(
            sql: """
                UPDATE webhook_endpoints SET successful = successful + ?, failed = failed + ?,
                    last_delivery_at = coalesce(?, last_delivery_at) WHERE key = ?
                """
        ).execute(arguments: [successful, failed, attemptAt?.column, endpoint])
    }

    /// The receiver wants no more: nothing else is sent there, and the tenant's other endpoints hear of it.
    private func disable(_ delivery: DeliveryRow, at now: Date, _ db: Database) throws {
        let name = try String.fetchOne(
            db,
            sql: """
                UPDATE webhook_endpoints SET status = 'failed', updated_at = ? WHERE key = ? AND status != 'failed'
                RETURNING name
                """, arguments: [now.column, delivery.endpointKey])
        guard let name else { return }
        let ended = try callOff(
            "endpoint_key = ?", [delivery.endpointKey], because: .endpointDisabled, at: now, db)
        try auditWebhook(
            "webhook.endpoint.disabled", of: delivery.client, succeeded: false,
            ["endpoint": .text(delivery.endpoint.description), "called_off": .integer(ended)], at: now, db)
        try emit(.endpointDisabled(delivery.endpoint, name: name), of: delivery.client, at: now, db)
    }

    func auditWebhook(
        _ action: String, of client: ClientID, succeeded: Bool = true, _ details: PayloadValue, at now: Date,
        _ db: Database
    ) throws {
        try audit(
            AuditRecord(
                action: action, client: client, succeeded: succeeded, detailsJSON: details.jsonText, at: now), db)
    }
}

/// What an attempt makes of a delivery.
struct DeliveryStep {
    /// How many attempts a delivery's log holds.
    static let attemptsKept = 20

    let status: DeliveryStatus
    var dueAt: Date?
    let errorCode: String?

    init(_ result: DeliveryResult, of known: DeliveryRow, at now: Date) {
        let isForgotten = known.data == nil
        switch result.verdict {
        case .delivered:
            (status, errorCode) = (.success, nil)
        case .gone:
            (status, errorCode) = (.failed, result.errorCode)
        case .dead:
            (status, errorCode) = (.abandoned, result.errorCode)
        case .retry where isForgotten:
            (status, errorCode) = (.abandoned, CallOff.personRemoved.rawValue)
        case .retry where known.endpointStatus == .failed:
            (status, errorCode) = (.abandoned, CallOff.endpointDisabled.rawValue)
        case .retry where known.status.isDead || known.attempts + 1 >= known.maximumAttempts:
            (status, errorCode) = (.abandoned, result.errorCode ?? known.errorCode)
        case .retry(let wait):
            (status, errorCode) = (.retrying, result.errorCode)
            dueAt = now.advanced(by: max(wait, .seconds(known.retryDelay)))
        }
    }
}

extension Duration {
    var milliseconds: Double {
        let parts = components
        return Double(parts.seconds) * 1000 + (Double(parts.attoseconds) * 1e-12).rounded() / 1000
    }
}
