import EdgeCore
import NIOHTTP1

/// What an opening handshake has to look like (RFC 6455, section 4.2.1).
enum WebSocketHandshake {
    /// Where sessions are streamed; the session's token follows, and a slash if the client likes.
    static let path = "/ws/auth/process-image/"
    /// No token is longer.
    private static let longestToken = 100

    /// The session's token in a request's target; `nil` when the path is another one.
    static func token(in target: String) -> SessionToken? {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        guard path.hasPrefix(Self.path) else { return nil }
        var token = path.dropFirst(Self.path.count)
        if token.hasSuffix("/") { token = token.dropLast() }
        guard (1...longestToken).contains(token.utf8.count), !token.contains("/") else { return nil }
        return SessionToken(rawValue: String(token))
    }

    /// Whether a request is a complete and correct handshake at the door's path.
    ///
    /// Everything else is ordinary HTTP, for the router to answer.
    static func isAsked(by head: HTTPRequestHead) -> Bool {
        guard head.method == .GET, head.version.major == 1, head.version.minor >= 1, token(in: head.uri) != nil,
            has("websocket", in: "upgrade", of: head), has("upgrade", in: "connection", of: head),
            head.headers["sec-websocket-version"] == ["13"], hasNoBody(head)
        else { return false }
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, let key = keys.first, key.utf8.count == 24 else { return false }
        return Base64Text.decode(key.utf8)?.count == 16
    }

    private static func has(_ word: String, in name: String, of head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: name].contains { $0.lowercased() == word }
    }

    private static func hasNoBody(_ head: HTTPRequestHead) -> Bool {
        head.headers["transfer-encoding"].isEmpty && head.headers["content-length"].allSatisfy { $0 == "0" }
    }
}
