import EdgeCore
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Testing

@testable import EdgeAPI

/// A client that writes its bytes by hand, so that it can also write what no client should.
final class WireClient {
    /// What the server said in a WebSocket.
    enum Heard: Equatable {
        case message(JSONObject)
        case ping
        case pong([UInt8])
        case close(UInt16)
        /// The connection is gone.
        case end
    }

    /// An answer to a request.
    struct Reply {
        let status: Int
        let head: String
        let body: String
    }

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.outbound = outbound
        self.inbound = inbound
    }

    /// Runs `body` with a connection, and closes it.
    static func connect(
        _ port: Int, _ body: (WireClient) async throws -> Void
    ) async throws {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await connection.executeThenClose { inbound, outbound in
            let client = WireClient(outbound: outbound, inbound: inbound.makeAsyncIterator())
            try await body(client)
        }
    }

    /// Runs `body` with an open WebSocket on a session.
    static func open(
        _ port: Int, _ token: String, headers: [String] = [], _ body: (WireClient) async throws -> Void
    ) async throws {
        try await connect(port) { client in
            try await client.upgrade("/ws/auth/process-image/\(token)/", headers: headers)
            try await body(client)
        }
    }

    // MARK: HTTP

    /// Asks for a WebSocket; the reply is left to be read.
    func ask(_ target: String, headers: [String] = []) async throws {
        try await send(
            Self.request(
                target,
                [
                    "Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                ] + headers))
    }

    /// Asks for a WebSocket and gets it.
    func upgrade(_ target: String, headers: [String] = []) async throws {
        try await ask(target, headers: headers)
        let reply = try await reply()
        try #require(reply.status == 101, "\(reply.head)")
        // The answer that RFC 6455 gives for this very key.
        #expect(reply.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    }

    static func request(_ target: String, _ headers: [String] = []) -> [UInt8] {
        Array((["GET \(target) HTTP/1.1", "Host: edged.test"] + headers + ["", ""]).joined(separator: "\r\n").utf8)
    }

    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Reads an answer with its body, which has a length.
    func reply() async throws -> Reply {
        while buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let isMore = try await fill()
            try #require(isMore, "the connection ended before an answer")
        }
        let end = try #require(buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)))
        let head = take(end.upperBound - buffer.readerIndex)
        let length = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: " ")[1]) }
        while buffer.readableBytes < length ?? 0 {
            let isMore = try await fill()
            try #require(isMore, "the connection ended in the middle of an answer")
        }
        let status = try #require(Int(head.split(separator: " ")[1]))
        return Reply(status: status, head: head, body: take(length ?? 0))
    }

    private func take(_ length: Int) -> String { buffer.readString(length: length) ?? "" }

    // MARK: WebSocket

    /// Sends a message of JSON.
    func say(_ body: JSONObject) async throws {
        try await send(Self.frame(.text, JSONValue.object(body).bytes))
    }

    /// Waits until the server has taken everything that was sent.
    func settle() async throws {
        try await say(["type": "ping"])
        _ = try await message("pong")
    }

    /// Sends a picture as a `frame` message.
    func show(_ picture: [UInt8] = Picture.bytes) async throws {
        try await say(["type": "frame", "image": .string(Data(picture).base64EncodedString())])
    }

    /// The bytes of one frame, masked as a client has to.
    static func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], isLast: Bool = true, isMasked: Bool = true
    ) -> [UInt8] {
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        var bytes: [UInt8] = [(isLast ? 0x80 : 0) | UInt8(webSocketOpcode: opcode)]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ...125: bytes.append(mask | UInt8(payload.count))
        case ...0xFFFF: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(mask | 127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        guard isMasked else { return bytes + payload }
        return bytes + key + payload.enumerated().map { $0.element ^ key[$0.offset % 4] }
    }

    /// The next frame of the server.
    func next() async throws -> Heard {
        while true {
            if let frame = try readFrame() { return frame }
            guard try await fill() else { return .end }
        }
    }

    /// The next message, which must be one of `type`.
    func message(_ type: String) async throws -> JSONObject {
        let heard = try await next()
        guard case .message(let body) = heard else {
            Issue.record("expected \(type), heard \(heard)")
            return [:]
        }
        #expect(body["type"] == .string(type), "\(JSONValue.object(body).bytes.text)")
        return body
    }

    private func readFrame() throws -> Heard? {
        let start = buffer.readerIndex
        guard let first: UInt8 = buffer.readInteger(), let second: UInt8 = buffer.readInteger() else {
            buffer.moveReaderIndex(to: start)
            return nil
        }
        try #require(second & 0x80 == 0, "a server never masks")
        var length = Int(second)
        if length == 126 { length = buffer.readInteger(as: UInt16.self).map(Int.init) ?? .max }
        if length == 127 { length = buffer.readInteger(as: UInt64.self).map { Int($0) } ?? .max }
        guard length <= buffer.readableBytes, let payload = buffer.readBytes(length: length) else {
            buffer.moveReaderIndex(to: start)
            return nil
        }
        switch WebSocketOpcode(encodedWebSocketOpcode: first & 0x0F) {
        case .text: return .message(try #require(try JSONValue.parse(payload).objectValue))
        case .ping: return .ping
        case .pong: return .pong(payload)
        case .connectionClose: return .close(UInt16(payload[0]) << 8 | UInt16(payload[1]))
        default:
            Issue.record("an unexpected kind of frame")
            return .end
        }
    }

    /// Waits for more bytes; false at the end.
    private func fill() async throws -> Bool {
        do {
            guard var more = try await inbound.next() else { return false }
            buffer.writeBuffer(&more)
            return true
        } catch is IOError {
            // A reset is an end as well.
            return false
        }
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}
