import EdgeCore

/// How deliveries end.
extension DeliveryResult {
    static let delivered = DeliveryResult(
        verdict: .delivered, statusCode: 200, responseHeaders: [("content-type", "text/plain")], responseBody: "thanks",
        responseTime: .milliseconds(12))
    static let gone = DeliveryResult(verdict: .gone, statusCode: 410)
    static let dead = DeliveryResult(
        verdict: .dead, errorCode: "TIMEOUT", errorMessage: "The receiver did not answer in time.")
    static func retry(_ seconds: Int) -> DeliveryResult {
        DeliveryResult(
            verdict: .retry(after: .seconds(seconds)), statusCode: 503, responseBody: "later",
            responseTime: .milliseconds(3))
    }
}
