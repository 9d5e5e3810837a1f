import CSystemd
import Foundation
import Logging

/// Sends log records to the journal with their metadata as fields of their own.
struct JournalLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Whether standard error is the journal, as systemd recommends to find out.
    static var isStandardErrorTheJournal: Bool {
        guard let stream = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] else { return false }
        let numbers = stream.split(separator: ":").map { UInt64($0) }
        guard numbers.count == 2, let device = numbers[0], let inode = numbers[1] else { return false }
        return edged_is_file(STDERR_FILENO, device, inode) == 1
    }

    func log(event: LogEvent) {
        var fields = [
            "PRIORITY=\(priority(event.level))", "MESSAGE=\(event.message)", "SYSLOG_IDENTIFIER=edged",
            "LOGGER=\(label)",
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields.append("EDGED_\(fieldName(key))=\(value)")
        }
        send(fields)
    }

    private func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private func fieldName(_ key: String) -> String {
        String(key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private func send(_ fields: [String]) {
        // sd_journal_sendv takes lengths, so that values may hold newlines and zeros.
        let bytes = fields.map { Array($0.utf8) }
        let copies = bytes.map { field in
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: field.count)
            _ = copy.initialize(from: field)
            return copy
        }
        defer { copies.forEach { $0.deallocate() } }
        let vectors = copies.map { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
        _ = vectors.withUnsafeBufferPointer { sd_journal_sendv($0.baseAddress, Int32($0.count)) }
    }
}
