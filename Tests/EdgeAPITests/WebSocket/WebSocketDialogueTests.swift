import EdgeCore
import FoundationEssentials
import NIOCore
import NIOWebSocket
import Testing

@testable import EdgeAPI

@Suite("The WebSocket's dialogue as a value")
struct WebSocketDialogueTests {
    private let start = FrameClock().now

    private func session(_ kind: SessionKind = .enrollment, _ source: FrameOrigin = .upload) -> SessionSnapshot {
        SessionSnapshot(
            id: SessionID(), token: nil,
            request: SessionRequest(client: ClientID(), kind: kind, externalUserID: "alice", frameSource: source),
            targetFrames: 3, createdAt: Date(timeIntervalSince1970: 0), expiresAt: Date(timeIntervalSince1970: 600))
    }

    private func dialogue(_ session: SessionSnapshot) -> WebSocketDialogue {
        WebSocketDialogue(session: session, maximumImageBytes: 1000)
    }

    /// So many milliseconds after the start.
    private func at(_ milliseconds: Int) -> WebSocketDialogue.Moment {
        .init(instant: start.advanced(by: .milliseconds(milliseconds)), wall: Date(timeIntervalSince1970: 60))
    }

    private func types(_ actions: [WebSocketDialogue.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .say(let body), .show(let body): body["type"]?.stringValue ?? "?"
            case .analyse: "analyse"
            case .ping: "ping"
            case .pong: "pong"
            case .close(let close): "close \(close.code)"
            case .drop: "drop"
            }
        }
    }

    @Test("one frame is analysed, one waits, and the next is analysed when the first is answered")
    func ordersFrames() {
        let session = session()
        var dialogue = dialogue(session)
        #expect(dialogue.take(.heard(.binary([1])), at: at(0)) == [.analyse([1])])
        #expect(dialogue.take(.heard(.binary([2])), at: at(33)) == [])
        #expect(types(dialogue.take(.heard(.binary([3])), at: at(66))) == ["error"])
        let answer = FrameAnswer(session: session, accepted: true, reason: .frameAccepted)
        #expect(types(dialogue.take(.analysed(.success(answer)), at: at(99))) == ["frame_processed", "analyse"])
        #expect(types(dialogue.take(.analysed(.failure(EdgeError(.recognitionFailed))), at: at(120))) == ["error"])
        #expect(dialogue.take(.heard(.binary([4])), at: at(130)) == [.analyse([4])])
    }

    @Test("a message counts from the last one that was taken, not from the last one that came")
    func throttles() {
        var dialogue = dialogue(session())
        _ = dialogue.take(.heard(.text(Array("{}".utf8))), at: at(0))
        for moment in [10, 20, 32] {
            #expect(types(dialogue.take(.heard(.binary([1])), at: at(moment))) == ["error"])
        }
        #expect(dialogue.take(.heard(.binary([2])), at: at(33)) == [.analyse([2])])
    }

    @Test("nothing is said after the end")
    func endsOnce() {
        var ended = session()
        ended.state = .cancelled
        ended.reason = .cancelled
        var dialogue = dialogue(session())
        _ = dialogue.take(.heard(.binary([1])), at: at(0))
        let answer = FrameAnswer(session: ended, accepted: false, reason: .cancelled)
        #expect(types(dialogue.take(.watched(answer), at: at(1))) == ["enrollment_failed", "close 1000"])
        #expect(dialogue.take(.analysed(.success(answer)), at: at(2)) == [])
        #expect(dialogue.take(.stopping, at: at(3)) == [])
        #expect(dialogue.take(.tick, at: at(4)) == [])
    }

    @Test("the present state of a camera's session is told once, each new frame is shown")
    func watches() {
        var session = session(.identification, .camera)
        session.framesProcessed = 4
        var dialogue = dialogue(session)
        let present = FrameAnswer(session: session, accepted: false, reason: .faceNone)
        #expect(dialogue.take(.watched(present), at: at(0)) == [])
        session.framesProcessed = 5
        let next = FrameAnswer(session: session, accepted: true, reason: .matchPending)
        #expect(types(dialogue.take(.watched(next), at: at(1))) == ["frame_processed"])
    }

    @Test("a word of the peer makes up for pings that it did not answer")
    func counts() {
        var dialogue = dialogue(session())
        #expect(dialogue.take(.tick, at: at(0)) == [.ping])
        #expect(dialogue.take(.tick, at: at(1)) == [.ping])
        #expect(dialogue.take(.heard(.pong), at: at(2)) == [])
        #expect(dialogue.take(.tick, at: at(3)) == [.ping])
        #expect(dialogue.take(.tick, at: at(4)) == [.ping])
        #expect(dialogue.take(.tick, at: at(5)) == [.drop])
    }

    @Test("the target of a handshake names the session, with or without a slash at its end")
    func readsTargets() {
        let token = SessionToken(rawValue: "sess_x-Y_9")
        for target in ["sess_x-Y_9", "sess_x-Y_9/", "sess_x-Y_9/?a=b"] {
            #expect(WebSocketHandshake.token(in: "/ws/auth/process-image/" + target) == token)
        }
        for target in ["", "/", "a/b", "a//", String(repeating: "x", count: 101)] {
            #expect(WebSocketHandshake.token(in: "/ws/auth/process-image/" + target) == nil)
        }
        #expect(WebSocketHandshake.token(in: "/ws/auth/process-image") == nil)
    }

    @Test("so many fragments that only an attacker sends them are refused")
    func countsFragments() throws {
        var assembler = WebSocketAssembler(maximumBytes: 1000)
        func frame(_ opcode: WebSocketOpcode) -> WebSocketFrame {
            WebSocketFrame(fin: false, opcode: opcode, maskKey: [1, 2, 3, 4], data: ByteBuffer())
        }
        #expect(try assembler.take(frame(.binary)) == nil)
        for _ in 2...WebSocketAssembler.maximumFragments { #expect(try assembler.take(frame(.continuation)) == nil) }
        #expect(throws: WebSocketViolation.tooLarge) { try assembler.take(frame(.continuation)) }
    }
}
