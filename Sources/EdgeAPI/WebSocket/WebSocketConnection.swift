import EdgeCore
import Logging
import NIOCore
import NIOWebSocket
import ServiceLifecycle

/// One connection: carries frames and answers to its dialogue, and does what the dialogue says.
///
/// Who does not read is cut off: beyond ``maximumBacklog`` messages nothing is kept for anybody. The session never notices
/// that a connection ends, and a frame that is being analysed counts all the same.
actor WebSocketConnection {
    /// Messages that may wait to be written.
    static let maximumBacklog = 64

    private let door: WebSocketDoor
    private let entrance: WebSocketDoor.Entrance
    private let channel: any Channel
    private var dialogue: WebSocketDialogue
    private var assembler: WebSocketAssembler
    /// Messages on their way out.
    private let (frames, outbox) = AsyncStream.makeStream(
        of: WebSocketFrame.self, bufferingPolicy: .bufferingOldest(maximumBacklog))
    private var backlog = 0
    /// Pictures to be analysed; the dialogue gives the next one when the last is done.
    private let (pictures, analyst) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
    /// Word from outside: a newer connection, the daemon's stop.
    private let (calls, caller) = AsyncStream.makeStream(
        of: WebSocketDialogue.Event.self, bufferingPolicy: .bufferingNewest(2))
    private var hasPeerClosed = false

    init(door: WebSocketDoor, entrance: WebSocketDoor.Entrance, channel: any Channel) {
        self.door = door
        self.entrance = entrance
        self.channel = channel
        dialogue = WebSocketDialogue(
            session: entrance.session, maximumImageBytes: door.configuration.maximumImageBytes)
        assembler = WebSocketAssembler(maximumBytes: door.configuration.maximumBodyBytes)
    }

    /// Talks until one side closes.
    func run(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async {
        let caller = caller
        let seat = door.presence.enter(entrance.session.id) { caller.yield(.replaced) }
        defer { door.presence.leave(seat) }
        await withGracefulShutdownHandler {
            await talk(inbound, outbound)
        } onGracefulShutdown: {
            caller.yield(.stopping)
        }
    }

    private func talk(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async {
        send(
            .text(
                WebSocketMessages.established(
                    entrance.session, token: entrance.token, at: door.services.clock.wall)))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.read(inbound) }
            group.addTask { await self.watch() }
            group.addTask { await self.analyse() }
            group.addTask { for await call in self.calls { await self.take(call) } }
            group.addTask { await self.beat() }
            await write(to: outbound)
            if !hasPeerClosed, !Task.isCancelled { await door.linger(on: channel) }
            // Before the group is awaited: a frame that is still being analysed must not hold the connection.
            channel.close(promise: nil)
            group.cancelAll()
        }
    }

    // MARK: In

    private nonisolated func read(_ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>) async {
        do {
            // After a close too: what is not read would turn the close into a reset.
            for try await frame in inbound { await receive(frame) }
        } catch let error as NIOWebSocketError {
            return await take(.violated(WebSocketViolation(error)))
        } catch {
            door.log.trace("A WebSocket could not be read: \(error)")
        }
        await lose()
    }

    private func receive(_ frame: WebSocketFrame) {
        guard !dialogue.isOver else {
            if frame.opcode == .connectionClose { channel.close(promise: nil) }
            return
        }
        do throws(WebSocketViolation) {
            guard let message = try assembler.take(frame) else { return }
            if case .close = message { hasPeerClosed = true }
            take(.heard(message))
        } catch {
            take(.violated(error))
        }
    }

    /// The peer is gone without a word.
    private func lose() {
        hasPeerClosed = true
        outbox.finish()
    }

    private nonisolated func watch() async {
        for await answer in entrance.answers { await take(.watched(answer)) }
        guard !Task.isCancelled else { return }
        // The stream ends with the session. Where it told no end, the store knows it, or the daemon stops.
        let session = entrance.session
        let stored = try? await door.services.sessions.session(.id(session.id), of: session.client)
        guard let stored, !stored.state.isOpen else { return await take(.stopping) }
        await take(.watched(FrameAnswer(session: stored, accepted: false, reason: stored.reason ?? .cancelled)))
    }

    private nonisolated func analyse() async {
        for await picture in pictures {
            let result: Result<FrameAnswer, EdgeError>
            do throws(EdgeError) {
                result = .success(
                    try await door.services.sessions.submit(
                        picture, to: .id(entrance.session.id), of: entrance.session.client))
            } catch {
                result = .failure(error)
            }
            await take(.analysed(result))
        }
    }

    private nonisolated func beat() async {
        while !Task.isCancelled {
            await door.pause(door.pingInterval)
            await take(.tick)
        }
    }

    // MARK: Out

    private func take(_ event: WebSocketDialogue.Event) {
        let clock = door.services.clock
        for action in dialogue.take(event, at: .init(instant: clock.instant, wall: clock.wall)) { perform(action) }
    }

    private func perform(_ action: WebSocketDialogue.Action) {
        switch action {
        case .say(let body): send(.text(body))
        case .show(let body): if backlog == 0 { send(.text(body)) }
        case .analyse(let picture): analyst.yield(picture)
        case .ping: send(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
        case .pong(let bytes): send(WebSocketFrame(fin: true, opcode: .pong, data: ByteBuffer(bytes: bytes)))
        case .close(let close):
            send(.close(close))
            outbox.finish()
        case .drop: drop()
        }
    }

    private func send(_ frame: WebSocketFrame) {
        guard case .enqueued = outbox.yield(frame) else { return drop() }
        backlog += 1
    }

    private func drop() {
        channel.close(promise: nil)
        outbox.finish()
    }

    private func write(to outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async {
        for await frame in frames {
            do {
                try await outbound.write(frame)
            } catch {
                // Nobody is there to be told.
                return drop()
            }
            backlog -= 1
        }
    }
}
