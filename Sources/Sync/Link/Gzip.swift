import CGzip

/// Bodies in gzip, where that pays.
enum Gzip {
    /// Below this the head and the work cost more than is won.
    static let worthwhile = 1024

    /// The bytes compressed; `nil` where they would not become fewer.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= worthwhile else { return nil }
        var output = [UInt8](repeating: 0, count: edged_gzip_bound(bytes.count))
        let count = edged_gzip(bytes, bytes.count, &output, output.count)
        guard count > 0, count < bytes.count else { return nil }
        output.removeLast(output.count - count)
        return output
    }
}
