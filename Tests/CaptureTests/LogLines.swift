import Logging
import Synchronization

/// What was written to the log: level and message, a line each.
final class LogLines: Sendable {
    private let held = Mutex<[String]>([])
    var all: [String] { held.withLock { $0 } }
    func add(_ line: String) { held.withLock { $0.append(line) } }
}

private struct LineKeeper: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
}

extension Logger {
    /// A logger whose lines a test reads.
    static func keeping(_ lines: LogLines) -> Logger { Logger(label: "test") { _ in LineKeeper(lines: lines) } }
}
