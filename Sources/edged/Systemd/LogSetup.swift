import Logging
import Synchronization

/// Chooses where records go: the journal when standard error is one, else standard error.
enum LogSetup {
    /// What is logged at all; of every logger of the process, so that it can change while they are in use.
    fileprivate static let level = Mutex(Logger.Level.info)

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

    func log(event: LogEvent) { handler.log(event: event) }
}
