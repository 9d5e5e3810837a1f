import EdgeAPI

/// The name under which systemd keeps a socket of ours: whose it was, and for a Unix socket which file led to it.
struct StoredName: Equatable {
    private static let prefix = "stored-"

    let listener: ListenerName
    let inode: UInt64?

    init(_ listener: ListenerName, inode: UInt64? = nil) {
        self.listener = listener
        self.inode = inode
    }

    /// Reads a name; `nil` for one that no daemon of this version gave.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let rest = text.dropFirst(Self.prefix.count)
        if let listener = ListenerName(rawValue: String(rest)) {
            self.init(listener)
            return
        }
        guard let dash = rest.lastIndex(of: "-"), let inode = UInt64(rest[rest.index(after: dash)...]),
            let listener = ListenerName(rawValue: String(rest[..<dash]))
        else { return nil }
        self.init(listener, inode: inode)
    }

    /// The name as systemd gets it.
    var text: String { "\(Self.prefix)\(listener.rawValue)\(inode.map { "-\($0)" } ?? "")" }

    /// Whether a name is that of a stored socket, and not of one of a socket unit; `stored` is systemd's for one without a name.
    static func isOne(_ text: String) -> Bool { text == "stored" || text.hasPrefix(prefix) }
}
