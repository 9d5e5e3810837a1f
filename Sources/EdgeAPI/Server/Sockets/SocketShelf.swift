import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Which listener of the daemon it is, by the name that a socket unit gives it in `FileDescriptorName=`.
public enum ListenerName: String, Sendable, CaseIterable, Comparable {
    /// The Unix socket of the machine's own administrator.
    case control
    /// The API on a loopback address.
    case loopback = "http"
    /// The API on a Unix socket.
    case socket = "http-socket"
    /// The API for other machines.
    case lan = "http-lan"

    /// By name.
    public static func < (one: ListenerName, other: ListenerName) -> Bool { one.rawValue < other.rawValue }
}

/// A listening socket that was bound before this process; closes with its last owner unless somebody serves on it.
public final class BoundSocket: Sendable {
    private let descriptor: Mutex<CInt?>

    /// Becomes the one owner of `descriptor`.
    public init(owning descriptor: CInt) { self.descriptor = Mutex(descriptor) }

    deinit { if let descriptor = take() { close(descriptor) } }

    /// Hands the descriptor to the next owner; nothing the second time.
    func take() -> CInt? {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
    }
}

/// Sockets that were bound before this process, and who keeps those that it binds for the one after it.
public struct SocketShelf: Sendable {
    /// Nothing is there, and nothing is kept.
    public static let empty = SocketShelf(bound: [:]) { _, _, _ in false }

    let bound: [ListenerName: BoundSocket]
    let keep: @Sendable (ListenerName, CInt, String?) -> Bool

    /// `keep` gets each socket that is bound anew, as soon as it listens, with the path of its file if it has one.
    ///
    /// It answers whether the socket goes on listening when this process has closed its own descriptor: then its file
    /// stays.
    public init(
        bound: [ListenerName: BoundSocket],
        keep: @escaping @Sendable (_ name: ListenerName, _ descriptor: CInt, _ file: String?) -> Bool
    ) {
        self.bound = bound
        self.keep = keep
    }
}
