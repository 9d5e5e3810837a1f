import AsyncHTTPClient
import EdgeCore
import NIOPosix
import SyncCore

/// What kept an answer from coming, in words for people; never what was sent.
struct WayBlame: Sendable, Equatable {
    let fault: WayFault
    let words: String

    init(_ error: any Error, ingredients: LinkWay.Ingredients) {
        (fault, words) =
            (ingredients.usesProxy ? Self.ofProxy(error, ingredients) : nil)
            ?? (Self.isOfCertificate(error) ? .certificate : .central, Self.ofCentral(error))
    }

    /// The same, where the device's own certificate may be to blame.
    init(_ error: any Error, ingredients: LinkWay.Ingredients, ownFault: EdgeError?) {
        self = ownFault.map(Self.init(ownFault:)) ?? WayBlame(error, ingredients: ingredients)
    }

    private init(ownFault: EdgeError) { (fault, words) = (.ownKey, ownFault.detail) }

    /// Whether it was what central showed; the libraries say it in words alone.
    private static func isOfCertificate(_ error: any Error) -> Bool {
        guard DeliveryFault(error) == .tls else { return false }
        let text = "\(error)"
        return ["CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate", "failedToValidateHostname"].contains {
            text.contains($0)
        }
    }

    private static func ofCentral(_ error: any Error) -> String {
        switch DeliveryFault(error) {
        case .timeout: "Central did not answer in time."
        case .tls: "Central's certificate is not one that is trusted, or there was no secure connection."
        case .unknownHost: "The name of central is not known."
        case .connection, .unknown: "There is no connection to central."
        }
    }

    /// `nil` where the proxy had done its part.
    private static func ofProxy(_ error: any Error, _ ingredients: LinkWay.Ingredients) -> (WayFault, String)? {
        // The only connection that the device makes itself is the one to the proxy.
        if error is NIOConnectionError { return (.proxyAway, "There is no connection to the proxy.") }
        switch error as? HTTPClientError {
        case .connectTimeout, .httpProxyHandshakeTimeout: return (.proxyAway, "The proxy did not answer in time.")
        case .proxyAuthenticationRequired:
            let words =
                ingredients.proxyAuthorization == nil
                ? "The proxy wants credentials." : "The proxy does not take these credentials."
            return (.proxyCredentials, words)
        case .invalidProxyResponse:
            return (.proxyRefuses, "The proxy does not let the device through to central, or does not reach it.")
        case .remoteConnectionClosed: return (.central, "The connection through the proxy was cut.")
        default: return nil
        }
    }
}

extension WayFault {
    /// The condition that it is.
    var code: ErrorCode {
        switch self {
        case .central: .centralUnreachable
        case .certificate: .centralCertificate
        case .ownKey: .certificateKey
        case .proxyAway: .proxyUnreachable
        case .proxyRefuses: .proxyRefused
        case .proxyCredentials: .proxyCredentials
        }
    }
}
