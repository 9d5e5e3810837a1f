/// Holds the lines of a trail against a generation's first key, which was given out before they were written.
public struct AuditTailCheck: Sendable {
    /// How far it has come.
    public enum State: Sendable, Equatable {
        /// No line of the generation came yet.
        case awaited
        /// The lines since then are those that were sealed.
        case running
        /// Another generation followed in order.
        case ended
        /// A line is not one that was sealed.
        case broken
    }

    /// How far it has come.
    public private(set) var state = State.awaited
    /// The first line of the generation that was seen.
    public private(set) var first: Int64?
    /// The last line that was found to be as it was sealed.
    public private(set) var last: Int64?
    /// The last line of an interval that has ended: up to it nothing can be changed with the device's present keys.
    public private(set) var sealedThrough: Int64?
    /// When the device said that nothing came after ``newest``; microseconds since 1970, `nil` when it did not.
    public private(set) var endStatedAt: Int64?
    /// The last line of the trail at that time.
    public private(set) var newest: Int64?
    private let firstKey: AuditTailKey
    private var key: AuditTailKey
    private let authenticator: any MessageAuthenticator
    private var isFirstLine = true

    /// Takes a generation's first key.
    public init(_ firstKey: AuditTailKey, _ authenticator: any MessageAuthenticator) {
        self.firstKey = firstKey
        key = firstKey
        self.authenticator = authenticator
    }

    /// Takes the next line; what is wrong with it, or `nil`.
    public mutating func take(_ line: AuditTrailLine) throws(EdgeError) -> String? {
        defer { isFirstLine = false }
        switch state {
        case .awaited:
            guard try begins(with: line) else { return nil }
            first = line.sequence
            state = .running
        case .running: break
        case .ended, .broken: return nil
        }
        guard line.sealInterval == key.interval, try isSealed(line, by: key) else {
            state = .broken
            return "line \(line.sequence) is not the one that was sealed in interval \(key.interval)"
        }
        last = line.sequence
        guard line.action == AuditTail.sealed else { return nil }
        sealedThrough = line.sequence
        if AuditTail.details(of: line)?.next != nil { state = .ended } else { key = try key.next(authenticator) }
        return nil
    }

    /// Whether the lines from ``first`` on are those that were sealed, and nothing was cut off behind them.
    public var holds: Bool { state == .ended || (state == .running && endStatedAt != nil) }

    /// Takes what the device says of the trail's end; what is wrong with it, or `nil`.
    public mutating func take(_ end: AuditExport.TailEnd?) throws(EdgeError) -> String? {
        guard state == .running else { return state == .awaited ? "no line here is sealed by this key" : nil }
        guard let end, end.generation == AuditTail.digits(key.generation) else { return nil }
        let text = AuditTail.statement(
            generation: key.generation, interval: end.interval, newest: end.newest, at: end.at)
        guard let stated = try key.at(end.interval, authenticator),
            try stated.code(of: text, authenticator) == Array(end.code)
        else { return "the trail does not end where the device says that it does" }
        // Later intervals than the last line's are there only where later lines are.
        let last = last ?? 0
        guard end.newest >= last, end.newest > last || end.interval == key.interval else {
            return "lines after line \(last) are missing"
        }
        (endStatedAt, newest) = (end.at, end.newest)
        return nil
    }

    /// A generation begins with the line that says so; only a stretch out of its middle may begin with another one.
    ///
    /// Were any line taken for the first, those before it could be stripped of their codes and written anew.
    private mutating func begins(with line: AuditTrailLine) throws(EdgeError) -> Bool {
        if line.action == AuditTail.begun,
            AuditTail.details(of: line)?.generation == AuditTail.digits(firstKey.generation)
        {
            return true
        }
        guard isFirstLine, let interval = line.sealInterval, let later = try firstKey.at(interval, authenticator),
            try isSealed(line, by: later)
        else { return false }
        key = later
        return true
    }

    private func isSealed(_ line: AuditTrailLine, by key: AuditTailKey) throws(EdgeError) -> Bool {
        guard let code = line.sealCode else { return false }
        return try AuditTail.digits(key.code(of: line.canonical, authenticator)) == code
    }
}
