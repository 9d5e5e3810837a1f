import EdgeCore
import NIOCore
import NIOWebSocket

/// What a peer sent, put together.
enum WebSocketMessage: Sendable, Equatable {
    /// UTF-8, checked.
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong
    /// With the code that the peer gave.
    case close(UInt16?)
}

/// A frame that the protocol forbids; the connection cannot go on.
struct WebSocketViolation: Error, Equatable {
    let close: WebSocketClose

    static func wrong(_ reason: String) -> WebSocketViolation {
        WebSocketViolation(close: WebSocketClose(code: 1002, reason: reason))
    }
    static let notText = WebSocketViolation(close: WebSocketClose(code: 1007, reason: "Text must be UTF-8."))
    static let tooLarge = WebSocketViolation(close: WebSocketClose(code: 1009, reason: "The message is too large."))
}

extension WebSocketViolation {
    /// What the frame decoder found.
    init(_ error: NIOWebSocketError) {
        switch error {
        case .invalidFrameLength: self = .tooLarge
        case .fragmentedControlFrame: self = .wrong("A control frame must not be fragmented.")
        case .multiByteControlFrameLength: self = .wrong("A control frame has at most 125 bytes.")
        }
    }
}

/// Puts frames together to messages and checks what RFC 6455 asks of a client.
struct WebSocketAssembler: Sendable {
    /// The most frames of one message: a browser cuts a picture into a handful.
    static let maximumFragments = 4096

    /// The largest message, bytes.
    let maximumBytes: Int
    private var begun: WebSocketOpcode?
    private var bytes: [UInt8] = []
    private var fragments = 0

    /// Takes messages of at most `maximumBytes`.
    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// Takes the next frame; answers the message that it completes.
    mutating func take(_ frame: WebSocketFrame) throws(WebSocketViolation) -> WebSocketMessage? {
        guard frame.maskKey != nil else { throw .wrong("A client masks its frames.") }
        guard frame.reservedBits.isEmpty else { throw .wrong("No extension was agreed on.") }
        let payload = frame.unmaskedData
        switch frame.opcode {
        case .ping: return .ping(Array(buffer: payload))
        case .pong: return .pong
        case .connectionClose: return .close(try Self.code(of: payload))
        case .text, .binary:
            guard begun == nil else { throw .wrong("The last message is not complete.") }
            begun = frame.opcode
        case .continuation:
            guard begun != nil else { throw .wrong("There is nothing to continue.") }
        default: throw .wrong("An unknown kind of frame.")
        }
        return try add(payload, isLast: frame.fin)
    }

    private mutating func add(
        _ payload: ByteBuffer, isLast: Bool
    ) throws(WebSocketViolation) -> WebSocketMessage? {
        fragments += 1
        guard fragments <= Self.maximumFragments, payload.readableBytes <= maximumBytes - bytes.count else {
            throw .tooLarge
        }
        bytes.append(contentsOf: payload.readableBytesView)
        guard isLast else { return nil }
        defer {
            begun = nil
            bytes = []
            fragments = 0
        }
        guard begun == .text else { return .binary(bytes) }
        guard Self.isText(bytes) else { throw .notText }
        return .text(bytes)
    }

    /// The code in a close frame, as the peer may send it.
    private static func code(of payload: ByteBuffer) throws(WebSocketViolation) -> UInt16? {
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.getInteger(at: payload.readerIndex, as: UInt16.self), isSendable(code) else {
            throw .wrong("This close code is never sent.")
        }
        guard isText(Array(payload.readableBytesView.dropFirst(2))) else { throw .notText }
        return code
    }

    private static func isSendable(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    private static func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
