import Foundation
import NIOCore
import Testing

@testable import EdgeAPI

/// A listening socket as systemd would pass one.
struct PassedSocket {
    let descriptor: CInt
    /// The port; nothing of a Unix socket.
    let port: Int

    /// On a free port of the loopback address, or at `path`.
    init(path: String? = nil) throws {
        let address =
            try path.map { try SocketAddress(unixDomainSocketPath: $0) }
            ?? SocketAddress(ipAddress: "127.0.0.1", port: 0)
        descriptor = socket(
            path == nil ? AF_INET : AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        let status = address.withSockAddr { [descriptor] in bind(descriptor, $0, socklen_t($1)) }
        try #require(status == 0 && listen(descriptor, 16) == 0)
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutableBytes(of: &bound) { [descriptor] in
            getsockname(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        try #require(named == 0)
        port = path == nil ? Int(UInt16(bigEndian: bound.sin_port)) : 0
    }
}

extension SocketShelf {
    /// One socket that was bound before, and no place for others.
    init(_ name: ListenerName, _ socket: PassedSocket) {
        self.init(bound: [name: BoundSocket(owning: socket.descriptor)]) { _, _, _ in false }
    }
}

extension TestAPI {
    /// Served on a loopback socket that was bound before, or one of its own.
    func adopting(_ isAdopting: Bool) throws -> TestAPI {
        guard isAdopting else { return self }
        var api = self
        api.configuration.sockets = SocketShelf(.loopback, try PassedSocket())
        return api
    }
}
