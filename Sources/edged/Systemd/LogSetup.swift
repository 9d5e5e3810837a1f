import Logging
import Synchronization

/// Chooses where records go: the journal when standard error is one, else standard error.
enum LogSetup {
    /// What is logged at all; of every logger of the process, so that it can change while they are in use.
    fileprivate static let level = Mutex(Logger.Level.info)

    /// The same record over and over fills no journal.
    fileprivate static let repeats = Mutex(RepeatLimit())

    static func start(_ level: DaemonConfiguration.LogLevel) -> Logger {
        setLevel(level)
        let toJournal = JournalLogHandler.isStandardErrorTheJournal
        LoggingSystem.bootstrap { label in
            LevelledLogHandler(
                toJournal ? JournalLogHandler(label: label) : StreamLogHandler.standardError(label: label))
        }
        return Logger(label: "edged")
    }

    static func setLevel(_ level: DaemonConfiguration.LogLevel) {
        self.level.withLock { $0 = Logger.Level(rawValue: level.rawValue) ?? .info }
    }

    /// For commands that print their own result: only what must not be missed, on standard error.
    static func quiet() -> Logger {
        var log = Logger(label: "edged") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .error
        return log
    }
}

/// Takes the level from where a reload can change it; a logger's own copy would keep the one it began with.
private struct LevelledLogHandler: LogHandler {
    private var handler: any LogHandler

    init(_ handler: any LogHandler) {
        self.handler = handler
        // What comes here has passed the level already.
        self.handler.logLevel = .trace
    }

    var logLevel: Logger.Level {
        get { LogSetup.level.withLock { $0 } }
        // One level for all of them.
        set { _ = newValue }
    }

    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        let record = hash(of: event)
        switch LogSetup.repeats.withLock({ $0.verdict(on: record, at: .now) }) {
        case .hold: return
        case .write(heldBack: 0): handler.log(event: event)
        case .write(let heldBack):
            var told = event
            told.metadata = (event.metadata ?? [:]).merging(["held_back": "\(heldBack)"]) { $1 }
            handler.log(event: told)
        }
    }

    private func hash(of event: LogEvent) -> Int {
        var hasher = Hasher()
        hasher.combine(event.message.description)
        // Each pair by itself, since a dictionary has no order.
        let all = handler.metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = all.reduce(0) { $0 ^ "\($1.key)=\($1.value)".hashValue }
        hasher.combine(pairs)
        return hasher.finalize()
    }
}
