import CGzip

/// The bodies of messages as gzip (RFC 1952), which a batch of records is a fifth as long in.
public enum GzipBody {
    /// Below this many bytes compressing costs more than it saves.
    public static let worthwhile = 1024

    /// Why bytes cannot be opened.
    public enum Fault: Error, Sendable, Equatable {
        /// They are not whole gzip members, or their sums are wrong.
        case damaged
        /// More would come out than may.
        case tooLarge
    }

    /// The bytes as one gzip member.
    public static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        let capacity = edged_gzip_bound(bytes.count)
        let member = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = max(edged_gzip(bytes, bytes.count, buffer.baseAddress, capacity), 0)
        }
        return member.isEmpty ? nil : member
    }

    /// What is in gzip members, at most `limit` bytes; no more memory than that is taken, whatever they would give.
    public static func opened(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
        // A good body is rarely more than eight times as long as its member; the second try takes what is allowed.
        let likely = min(limit, max(bytes.count * 8, 4096))
        do throws(Fault) {
            return try opened(bytes, capacity: likely)
        } catch {
            guard error == .tooLarge, likely < limit else { throw error }
            return try opened(bytes, capacity: limit)
        }
    }

    private static func opened(_ bytes: [UInt8], capacity: Int) throws(Fault) -> [UInt8] {
        var status = 0
        let body = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            status = edged_gunzip(bytes, bytes.count, buffer.baseAddress, capacity)
            count = max(status, 0)
        }
        guard status >= 0 else { throw status == EDGED_GUNZIP_TOO_LARGE ? .tooLarge : .damaged }
        return body
    }
}
