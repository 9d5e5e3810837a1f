import Logging

/// Chooses where records go: the journal when standard error is one, else standard error.
enum LogSetup {
    static func start(_ level: DaemonConfiguration.LogLevel) -> Logger {
        let toJournal = JournalLogHandler.isStandardErrorTheJournal
        LoggingSystem.bootstrap { label in
            if toJournal { JournalLogHandler(label: label) } else { StreamLogHandler.standardError(label: label) }
        }
        var log = Logger(label: "edged")
        log.logLevel = Logger.Level(rawValue: level.rawValue) ?? .info
        return log
    }

    /// For commands that print their own result: only what must not be missed, on standard error.
    static func quiet() -> Logger {
        var log = Logger(label: "edged") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .error
        return log
    }
}
