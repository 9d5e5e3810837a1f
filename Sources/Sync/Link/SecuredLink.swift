import SyncCore
import Synchronization

/// What a member does with the certificates of both ends of its line.
protocol SecuredLink: CentralDesk {
    /// The device has another certificate, or another key: new connections show it.
    func identityChanged()
    /// Asks central something that means nothing, over a connection of its own that only these roots verify.
    ///
    /// Throws ``SyncRefusal/unreachable(_:_:)``, with ``WayFault/certificate`` where they do not.
    func tryRoots(_ pem: String) async throws(SyncRefusal)
    /// From now on these roots verify central, and no others; connections that are there stay.
    func pin(_ pem: String)
}

/// What verifies central: changes while the device runs.
final class LinkTrust: Sendable {
    private let pem: Mutex<String?>

    /// PEM; `nil` for the system's.
    init(_ pem: String?) { self.pem = Mutex(pem) }

    var roots: String? {
        get { pem.withLock { $0 } }
        set { pem.withLock { $0 = newValue } }
    }
}

extension CentralLink: SecuredLink {
    func identityChanged() { http.doubt() }

    func tryRoots(_ pem: String) async throws(SyncRefusal) { try await http.tryRoots(pem) }

    func pin(_ pem: String) { http.pin(pem) }
}
