import EdgeCore

/// Reads `multipart/form-data` (RFC 7578) piece by piece, however the pieces are cut.
///
/// Holds at most one incomplete delimiter or one header block: a part's bytes go through as they come.
struct MultipartParser {
    /// What was read.
    enum Event: Equatable {
        /// A part begins; header names are in lower case.
        case part(headers: [String: String])
        /// Some bytes of the part.
        case data(ArraySlice<UInt8>)
        /// The part is complete.
        case partEnd
        /// The body is complete; what follows is ignored.
        case end
    }

    /// The most bytes that one part's headers may take.
    static let maximumHeaderBytes = 8 * 1024

    private enum State { case preamble, afterBoundary, headers, data, finished }

    private var state = State.preamble
    private var buffer: [UInt8]
    private var start: Int
    private let delimiter: [UInt8]

    /// Starts to read; `boundary` is as `boundary(of:)` gave it.
    init(boundary: String) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        // With a line break put in front, the first delimiter looks like every other one.
        buffer = [0x0D, 0x0A]
        start = 0
    }

    /// Whether the closing delimiter has been read.
    var isFinished: Bool { state == .finished }

    /// Takes the next piece of the body.
    mutating func feed(_ bytes: some Sequence<UInt8>) {
        guard state != .finished else { return }
        if start > 0 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next event; `nil` when more bytes are needed.
    ///
    /// Throws `request.malformed`.
    mutating func next() throws(EdgeError) -> Event? {
        while true {
            switch state {
            case .finished: return nil
            case .preamble:
                guard let found = find(delimiter) else {
                    start = max(start, buffer.count - delimiter.count + 1)
                    return nil
                }
                start = found + delimiter.count
                state = .afterBoundary
            case .afterBoundary:
                guard let closes = try readDelimiterEnd() else { return nil }
                if closes { return .end }
            case .headers: return try readHeaders()
            case .data: return readData()
            }
        }
    }

    /// After a delimiter: whether it closes the body or opens a part; `nil` when more bytes are needed.
    private mutating func readDelimiterEnd() throws(EdgeError) -> Bool? {
        // Blanks between boundary and line break are legal and never seen.
        while start < buffer.count, buffer[start] == 0x20 || buffer[start] == 0x09 { start += 1 }
        guard buffer.count - start >= 2 else { return nil }
        switch (buffer[start], buffer[start + 1]) {
        case (0x2D, 0x2D):
            state = .finished
            buffer = []
            start = 0
            return true
        case (0x0D, 0x0A):
            // The line break stays: in a part without headers it is half of the empty line that ends them.
            state = .headers
            return false
        default: throw Self.malformed("A multipart boundary is followed by other text.")
        }
    }

    private mutating func readHeaders() throws(EdgeError) -> Event? {
        let end = find([0x0D, 0x0A, 0x0D, 0x0A])
        guard (end ?? buffer.count) - start <= Self.maximumHeaderBytes else {
            throw Self.malformed("The headers of a multipart part are too long.")
        }
        guard let end else { return nil }
        let headers = try Self.parseHeaders(buffer[start..<end])
        start = end + 4
        state = .data
        return .part(headers: headers)
    }

    private mutating func readData() -> Event? {
        let found = find(delimiter)
        // Without a delimiter everything but its possible beginning is data.
        let end = found ?? buffer.count - partialDelimiterLength()
        if end > start {
            defer { start = end }
            return .data(buffer[start..<end])
        }
        guard found != nil else { return nil }
        start += delimiter.count
        state = .afterBoundary
        return .partEnd
    }

    /// How many of the last bytes could be the beginning of a delimiter.
    private func partialDelimiterLength() -> Int {
        let longest = min(delimiter.count - 1, buffer.count - start)
        guard longest > 0 else { return 0 }
        for length in stride(from: longest, through: 1, by: -1)
        where buffer[(buffer.count - length)...].elementsEqual(delimiter[..<length]) { return length }
        return 0
    }

    private func find(_ pattern: [UInt8]) -> Int? {
        let last = buffer.count - pattern.count
        var index = start
        while index <= last {
            guard let candidate = buffer[index...last].firstIndex(of: pattern[0]) else { return nil }
            if buffer[candidate..<(candidate + pattern.count)].elementsEqual(pattern) { return candidate }
            index = candidate + 1
        }
        return nil
    }

    private static func malformed(_ detail: String) -> EdgeError { EdgeError(.requestMalformed, detail) }
}
