import EdgeCore
import FoundationEssentials

/// What is said in one connection, as a value: events in, actions out.
///
/// It touches nothing and reads no clock. One frame is analysed and at most one waits: the newest.
struct WebSocketDialogue: Sendable {
    /// What happens to a connection.
    enum Event: Sendable {
        case heard(WebSocketMessage)
        case violated(WebSocketViolation)
        /// The answer to the frame that was given to be analysed last.
        case analysed(Result<FrameAnswer, EdgeError>)
        /// The session's answers, whoever sent the frame; the first one may be the present state.
        case watched(FrameAnswer)
        /// A newer connection to the same session.
        case replaced
        /// The daemon stops.
        case stopping
        /// Time for a ping.
        case tick
    }

    /// What has to be done, in this order.
    enum Action: Sendable, Equatable {
        case say(JSONObject)
        /// May be left out when the last one was not read yet: a newer one will come.
        case show(JSONObject)
        case analyse([UInt8])
        case ping
        case pong([UInt8])
        /// The last one of all.
        case close(WebSocketClose)
        /// The last one where nobody listens any more.
        case drop
    }

    /// When an event happens.
    struct Moment: Sendable {
        let instant: FrameClock.Instant
        let wall: Date
    }

    /// Messages that come closer than this are too many; 30 a second are not.
    static let leastGap: Duration = .milliseconds(33)
    /// Pings that may go without an answer.
    static let patience = 2

    /// The largest picture, bytes.
    let maximumImageBytes: Int
    private(set) var session: SessionSnapshot
    /// Whether the close was decided; nothing follows.
    private(set) var isOver = false
    private var isAnalysing = false
    private var waiting: [UInt8]?
    private var unanswered = 0
    private var lastMessageAt: FrameClock.Instant?

    /// Begins with an open session.
    init(session: SessionSnapshot, maximumImageBytes: Int) {
        self.session = session
        self.maximumImageBytes = maximumImageBytes
    }

    /// Takes what happened; answers what follows.
    mutating func take(_ event: Event, at now: Moment) -> [Action] {
        guard !isOver else { return [] }
        switch event {
        case .heard(let message):
            unanswered = 0
            return heard(message, at: now)
        case .violated(let violation): return close(violation.close)
        case .analysed(let result): return analysed(result, at: now)
        case .watched(let answer): return watched(answer, at: now)
        case .replaced:
            let text = WebSocketMessages.error(WebSocketClose.replaced.reason, code: WebSocketClose.replaced.code)
            return [.say(text)] + close(.replaced)
        case .stopping: return close(.stopping)
        case .tick: return tick()
        }
    }

    private mutating func heard(_ message: WebSocketMessage, at now: Moment) -> [Action] {
        switch message {
        case .ping(let bytes): return [.pong(bytes)]
        case .pong: return []
        case .close(let code): return close(.echo(code))
        case .binary(let picture): return request(now) { limit in Self.frame(picture, limit: limit) }
        case .text(let text):
            // Pings never count, so a short message is read before it is counted.
            if text.count <= WebSocketRequest.longestPing,
                WebSocketRequest.read(text, limit: maximumImageBytes) == .ping
            {
                return [.say(WebSocketMessages.pong)]
            }
            return request(now) { limit in WebSocketRequest.read(text, limit: limit) }
        }
    }

    /// Takes a message that counts; `read` is not called for one that came too soon.
    private mutating func request(_ now: Moment, _ read: (Int) -> WebSocketRequest) -> [Action] {
        if let lastMessageAt, lastMessageAt.duration(to: now.instant) < Self.leastGap {
            return [.say(WebSocketMessages.error("Too many messages. Send at most 30 frames a second.", code: 429))]
        }
        lastMessageAt = now.instant
        guard session.frameSource == .upload else {
            return [.say(WebSocketMessages.error(EdgeError(.sessionSourceMismatch)))]
        }
        switch read(maximumImageBytes) {
        case .ping: return [.say(WebSocketMessages.pong)]
        case .unreadable(let text): return [.say(WebSocketMessages.error(text))]
        case .frame(let picture): return offer(picture)
        }
    }

    private static func frame(_ picture: [UInt8], limit: Int) -> WebSocketRequest {
        guard !picture.isEmpty else { return .unreadable("The image is empty.") }
        guard picture.count <= limit else { return .unreadable("The picture is larger than \(limit) bytes.") }
        return .frame(picture)
    }

    private mutating func offer(_ picture: [UInt8]) -> [Action] {
        guard isAnalysing else {
            isAnalysing = true
            return [.analyse(picture)]
        }
        defer { waiting = picture }
        guard waiting != nil else { return [] }
        return [.say(WebSocketMessages.error("superseded", code: 429))]
    }

    private mutating func analysed(_ result: Result<FrameAnswer, EdgeError>, at now: Moment) -> [Action] {
        isAnalysing = false
        var actions: [Action]
        switch result {
        case .success(let answer):
            session = answer.session
            guard session.state.isOpen else { return end(answer, at: now) }
            actions = [.say(WebSocketMessages.frame(answer, at: now.wall))]
        case .failure(let error): actions = [.say(WebSocketMessages.error(error))]
        }
        if let next = waiting {
            waiting = nil
            isAnalysing = true
            actions.append(.analyse(next))
        }
        return actions
    }

    private mutating func watched(_ answer: FrameAnswer, at now: Moment) -> [Action] {
        guard answer.session.state.isOpen else { return end(answer, at: now) }
        // Uploads are answered where they were sent; the present state was told with the greeting.
        guard session.frameSource == .camera, answer.session.framesProcessed != session.framesProcessed else {
            return []
        }
        session = answer.session
        return [.show(WebSocketMessages.frame(answer, at: now.wall))]
    }

    private mutating func end(_ answer: FrameAnswer, at now: Moment) -> [Action] {
        session = answer.session
        // The end answers every frame that still waits.
        return WebSocketMessages.ending(answer, at: now.wall).map(Action.say) + close(.after(answer.session))
    }

    private mutating func tick() -> [Action] {
        guard unanswered < Self.patience else {
            isOver = true
            return [.drop]
        }
        unanswered += 1
        return [.ping]
    }

    private mutating func close(_ close: WebSocketClose) -> [Action] {
        isOver = true
        waiting = nil
        return [.close(close)]
    }
}
