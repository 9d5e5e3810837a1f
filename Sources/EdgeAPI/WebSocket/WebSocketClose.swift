import EdgeCore

/// How a WebSocket is closed: a code for machines and at most 123 bytes for people.
///
/// Codes from 4000 on are the reference's; 4409 is ours.
struct WebSocketClose: Sendable, Equatable {
    let code: UInt16
    let reason: String

    /// The session has come to its end.
    static let done = WebSocketClose(code: 1000, reason: "The session has ended.")
    /// The session itself may be over or go on: it is not this connection's.
    static let stopping = WebSocketClose(code: 1001, reason: "The daemon is stopping.")
    static let duplicateFace = WebSocketClose(code: 4001, reason: "This face is enrolled already.")
    static let notOpen = WebSocketClose(code: 4400, reason: "The session has ended before.")
    static let expired = WebSocketClose(code: 4401, reason: "The session has expired.")
    static let forbidden = WebSocketClose(code: 4403, reason: "This page or credential may not use the session.")
    static let unknown = WebSocketClose(code: 4404, reason: "There is no such session.")
    /// A newer connection goes on with the session.
    static let replaced = WebSocketClose(code: 4409, reason: "Another connection took over the session.")
    static let frameBudget = WebSocketClose(code: 4429, reason: "Too many frames.")
    static let fault = WebSocketClose(code: 4500, reason: "Something went wrong inside edged.")

    /// What the peer's own close is answered with.
    static func echo(_ code: UInt16?) -> WebSocketClose { WebSocketClose(code: code ?? 1000, reason: "") }

    /// How the connection of a session that came to this end is closed.
    static func after(_ session: SessionSnapshot) -> WebSocketClose {
        if session.reason == .duplicatePerson { return .duplicateFace }
        return session.reason == .frameLimit ? .frameBudget : .done
    }

    /// How a connection is refused.
    static func refusing(_ error: EdgeError) -> WebSocketClose {
        if error.code == .sessionExpired { return .expired }
        switch error.code.kind {
        case .notFound: return .unknown
        case .unauthorized, .forbidden: return .forbidden
        case .gone, .conflict: return .notOpen
        case .invalid, .tooLarge, .unsupported, .limited, .unavailable, .failed: return .fault
        }
    }
}
