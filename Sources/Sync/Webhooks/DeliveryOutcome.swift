import EdgeCore
import FoundationEssentials

/// What an attempt met with, before anybody judges it.
enum DeliveryOutcome: Sendable {
    /// The receiver answered, whatever it said.
    case answered(DeliveryAnswer)
    /// The receiver was not called.
    case refused(AddressRefusal)
    /// There was no answer.
    case failed(DeliveryFault)
}

/// A receiver's answer, cut to what is kept.
struct DeliveryAnswer: Sendable {
    let status: Int
    var headers: [(String, String)] = []
    var body = ""
    var time = Duration.zero
    var retryAfter: Duration?
}

/// Why there is no answer.
enum DeliveryFault: Sendable, Equatable {
    case timeout, connection, unknownHost, tls, unknown

    /// The code that the delivery's record gets.
    var code: String {
        switch self {
        case .timeout: "TIMEOUT"
        case .connection, .unknownHost: "CONNECTION_ERROR"
        case .tls: "TLS_ERROR"
        case .unknown: "UNKNOWN_ERROR"
        }
    }

    /// One sentence for people.
    var sentence: String {
        switch self {
        case .timeout: "The receiver did not answer in time."
        case .connection: "The receiver cannot be reached, or hung up."
        case .unknownHost: "The receiver's name has no address."
        case .tls: "The receiver's certificate is not trusted, or TLS failed."
        case .unknown: "The delivery could not be sent."
        }
    }
}

/// Judges what an attempt met with.
struct DeliveryDecision: Sendable {
    var schedule = RetrySchedule.standard

    /// What is recorded of the attempt, and what becomes of the delivery.
    func result(
        of outcome: DeliveryOutcome, for shipment: WebhookShipment, using generator: inout some RandomNumberGenerator
    ) -> DeliveryResult {
        switch outcome {
        case .answered(let answer):
            return result(of: answer, for: shipment, using: &generator)
        case .refused(let refusal):
            // A wrong URL stays wrong; a list or a name may be mended before the last attempt.
            return DeliveryResult(
                verdict: refusal.isInTheURL ? .dead : again(shipment, retryAfter: nil, using: &generator),
                errorCode: "ADDRESS_REFUSED", errorMessage: refusal.sentence)
        case .failed(let fault):
            return DeliveryResult(
                verdict: again(shipment, retryAfter: nil, using: &generator), errorCode: fault.code,
                errorMessage: fault.sentence)
        }
    }

    private func result(
        of answer: DeliveryAnswer, for shipment: WebhookShipment, using generator: inout some RandomNumberGenerator
    ) -> DeliveryResult {
        var code: String?
        var message: String?
        let verdict: DeliveryResult.Verdict
        switch answer.status {
        case 200..<300:
            verdict = .delivered
        case 410:
            verdict = .gone
            message = "The receiver wants no more deliveries (410)."
        case 300..<400:
            // Whoever answers must be whom the endpoint names: a redirect could lead anywhere.
            verdict = again(shipment, retryAfter: nil, using: &generator)
            code = "REDIRECT"
            message = "The receiver redirects (\(answer.status)), which is not followed."
        default:
            let mayAsk = answer.status == 429 || answer.status == 503
            verdict = again(shipment, retryAfter: mayAsk ? answer.retryAfter : nil, using: &generator)
            message = "The receiver answered with HTTP status \(answer.status)."
        }
        return DeliveryResult(
            verdict: verdict, statusCode: answer.status, responseHeaders: answer.headers, responseBody: answer.body,
            responseTime: answer.time, errorCode: code, errorMessage: message)
    }

    private func again(
        _ shipment: WebhookShipment, retryAfter: Duration?, using generator: inout some RandomNumberGenerator
    ) -> DeliveryResult.Verdict {
        schedule.wait(
            afterAttempt: shipment.attempt, of: shipment.maximumAttempts, retryAfter: retryAfter, using: &generator
        ).map { .retry(after: $0) } ?? .dead
    }
}
