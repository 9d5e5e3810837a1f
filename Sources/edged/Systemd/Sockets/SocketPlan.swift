import EdgeAPI

/// What becomes of the sockets that systemd passes, and which listeners are still to be bound; touches nothing.
///
/// A socket of a socket unit serves a listener or is refused: systemd goes on listening on it, and whoever connects would
/// wait for ever. One that was stored by the daemon before this one serves the same listener again or is given up.
struct SocketPlan: Equatable {
    /// Where a socket is bound.
    enum Address: Equatable, Sendable {
        case inet(host: String, port: Int)
        case unix(path: String)
        /// Anything that no listener has, an abstract socket too.
        case other
    }

    /// A descriptor as it came.
    struct Passed: Equatable, Sendable {
        var descriptor: CInt
        var name: String
        var address: Address
        /// Whether it is a stream socket that listens.
        var isListening: Bool
    }

    /// The socket file at a listener's path.
    struct File: Equatable, Sendable {
        var inode: UInt64
        var owner: UInt32
        var mode: UInt16
    }

    /// A listener of the configuration.
    struct Wanted: Equatable, Sendable {
        var name: ListenerName
        var address: Address
        /// What is at the path of a Unix socket now, if that is a socket.
        var file: File?
    }

    /// Why a socket cannot serve.
    enum Fault: Equatable, Sendable {
        case notListening
        case noListener
        /// The name says one listener, the address another.
        case elsewhere(Wanted)
        case secondOf(ListenerName)
        /// More people may open its file than the listener is for.
        case tooOpen(ListenerName)
    }

    struct Refusal: Equatable, Sendable {
        var socket: Passed
        var fault: Fault
    }

    private(set) var adopted: [ListenerName: CInt] = [:]
    private(set) var bound: [ListenerName] = []
    private(set) var removed: [Passed] = []
    private(set) var refused: [Refusal] = []

    /// Decides; `user` is the daemon's own.
    init(passed: [Passed], wanted: [Wanted], user: UInt32) {
        // What an administrator has set up goes before what was left over.
        for socket in passed where !StoredName.isOne(socket.name) { adopt(socket, wanted, user) }
        for socket in passed where StoredName.isOne(socket.name) { takeBack(socket, wanted) }
        bound = wanted.map(\.name).filter { adopted[$0] == nil }
    }

    private mutating func adopt(_ socket: Passed, _ wanted: [Wanted], _ user: UInt32) {
        if let fault = Self.fault(of: socket, wanted, taken: adopted, user: user) {
            return refused.append(Refusal(socket: socket, fault: fault))
        }
        guard let listener = Self.listener(for: socket, wanted) else { return }
        adopted[listener.name] = socket.descriptor
    }

    private mutating func takeBack(_ socket: Passed, _ wanted: [Wanted]) {
        guard socket.isListening, let stored = StoredName(socket.name),
            let listener = wanted.first(where: { $0.name == stored.listener }), adopted[listener.name] == nil,
            Self.isStill(socket, stored, at: listener)
        else { return removed.append(socket) }
        adopted[listener.name] = socket.descriptor
    }

    private static func fault(
        of socket: Passed, _ wanted: [Wanted], taken: [ListenerName: CInt], user: UInt32
    ) -> Fault? {
        guard socket.isListening else { return .notListening }
        guard let listener = listener(for: socket, wanted) else { return .noListener }
        guard socket.address.fits(listener, isNamed: true) else { return .elsewhere(listener) }
        guard taken[listener.name] == nil else { return .secondOf(listener.name) }
        return isOpenToOthers(listener, user: user) ? .tooOpen(listener.name) : nil
    }

    /// By its name where that is a listener's, else by its address: all sockets of one unit have one name.
    private static func listener(for socket: Passed, _ wanted: [Wanted]) -> Wanted? {
        if let name = ListenerName(rawValue: socket.name) { return wanted.first { $0.name == name } }
        return wanted.first { socket.address.fits($0, isNamed: false) }
    }

    /// A Unix socket was moved to its place after it was bound, so its file tells whether it is the one.
    private static func isStill(_ socket: Passed, _ stored: StoredName, at listener: Wanted) -> Bool {
        switch (socket.address, listener.address) {
        case (.unix, .unix): stored.inode != nil && stored.inode == listener.file?.inode
        case (.inet, .inet): socket.address.fits(listener, isNamed: true)
        case (.unix, _), (.inet, _), (.other, _): false
        }
    }

    /// The mode of its file is all that keeps others from a Unix socket; it must be no wider than the daemon makes it.
    private static func isOpenToOthers(_ listener: Wanted, user: UInt32) -> Bool {
        guard case .unix = listener.address else { return false }
        guard let file = listener.file else { return true }
        switch listener.name {
        case .control: return file.mode & 0o077 != 0 || ![0, user].contains(file.owner)
        case .loopback, .socket, .lan: return file.mode & 0o007 != 0
        }
    }
}

extension SocketPlan.Address {
    /// Whether a socket here is the listener's.
    ///
    /// A host name is nobody's address: only a socket that is named for the listener fits one.
    func fits(_ listener: SocketPlan.Wanted, isNamed: Bool) -> Bool {
        switch (self, listener.address) {
        case (.unix(let path), .unix(let wanted)): return path == wanted
        case (.inet(let host, let port), .inet(let wanted, let wantedPort)):
            guard port == wantedPort || wantedPort == 0 else { return false }
            return HostText(host).isSame(as: HostText(wanted), trustingNames: isNamed)
        case (.unix, _), (.inet, _), (.other, _): return false
        }
    }
}
