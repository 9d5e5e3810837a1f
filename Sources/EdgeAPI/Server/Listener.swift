import EdgeCore
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// Through which door a request came.
enum ListenerKind: Sendable, Equatable {
    /// A Unix socket, whose file says who may open it.
    case unixSocket
    /// A loopback address: somebody on this machine.
    case loopback
    /// Any other address, and every TLS listener whatever its address is.
    case lan

    /// What a connection's far end tells, for a server that says nothing itself.
    init(peer: SocketAddress?) {
        switch peer {
        case .v4, .v6:
            let text = peer?.ipAddress ?? ""
            let isLoopback = text == "::1" || text.hasPrefix("127.") || text.hasPrefix("::ffff:127.")
            self = isLoopback ? .loopback : .lan
        case .unixDomainSocket: self = .unixSocket
        // No socket at all: a call within the process.
        case nil: self = .loopback
        }
    }
}

/// One way in; all of them lead to the same routes.
enum Listener: Sendable {
    case loopback(host: String, port: Int)
    case socket(path: String)
    case lan(host: String, port: Int, transport: APIConfiguration.LAN.Transport)

    var kind: ListenerKind {
        switch self {
        case .loopback: .loopback
        case .socket: .unixSocket
        case .lan: .lan
        }
    }

    /// The certificate of a TLS listener.
    var certificate: ServerCertificate? {
        switch self {
        case .loopback, .socket, .lan(_, _, .plainText): nil
        case .lan(_, _, .tls(let certificate)): certificate
        }
    }

    /// Which one it is among the daemon's listeners.
    var place: ListenerName {
        switch self {
        case .loopback: .loopback
        case .socket: .socket
        case .lan: .lan
        }
    }

    /// The listener as the configuration spells it.
    var name: String {
        switch self {
        case .loopback(let host, let port), .lan(let host, let port, _): "\(host):\(port)"
        case .socket(let path): path
        }
    }

    /// The file of a Unix socket: for its owner and its group.
    func socketFile() throws(EdgeError) -> SocketFile? {
        switch self {
        case .loopback, .lan: nil
        case .socket(let path): try SocketFile(path: path, mode: 0o660)
        }
    }

    /// What is bound; a Unix socket under its file's first name.
    func bindAddress(_ file: SocketFile?) -> BindAddress {
        switch self {
        case .loopback(let host, let port), .lan(let host, let port, _): .hostname(host, port: port)
        case .socket(let path): .unixDomainSocket(path: file?.bindPath ?? path)
        }
    }

    /// Where it is reached, once it listens.
    func address(port: Int?) -> String {
        switch self {
        case .loopback(let host, let asked), .lan(let host, let asked, _):
            let scheme = certificate == nil ? "http" : "https"
            return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port ?? asked)"
        case .socket(let path): return "unix:\(path)"
        }
    }
}

extension APIConfiguration {
    /// All listeners, the loopback one first.
    var listeners: [Listener] {
        var all = [Listener.loopback(host: host, port: port)]
        if let socketPath { all.append(.socket(path: socketPath)) }
        if let lan { all.append(.lan(host: lan.host, port: lan.port, transport: lan.transport)) }
        return all
    }
}

/// Notes in each request through which listener it came, then lets the routes answer.
struct ListenerResponder<Routes: HTTPResponder>: HTTPResponder where Routes.Context == EdgeRequestContext {
    let routes: Routes
    let kind: ListenerKind
    let isSecure: Bool

    func respond(to request: Request, context: EdgeRequestContext) async throws -> Response {
        var context = context
        context.listener = kind
        context.isSecure = isSecure
        return try await routes.respond(to: request, context: context)
    }
}

/// Knows when the last listener is up.
final class RollCall: Sendable {
    private let count: Int
    private let present = Mutex<[Int: String]>([:])

    init(of count: Int) { self.count = count }

    /// Notes an address; all addresses in their order when it was the last that was missing, else none.
    func note(_ address: String, number: Int) -> [String] {
        present.withLock { present in
            present[number] = address
            return present.count == count ? present.sorted { $0.key < $1.key }.map(\.value) : []
        }
    }
}
