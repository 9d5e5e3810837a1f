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
        let all = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 })
        send(JournalFields.of("\(event.message)", level: event.level, label: label, all))
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
