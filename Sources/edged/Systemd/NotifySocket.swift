import EdgeCore
import Glibc

/// Where a service tells its manager how it is: a datagram socket, by sd_notify(3).
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: CInt

    init(_ path: String) throws(EdgeError) {
        self.path = path
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard descriptor >= 0, path.utf8.count < room else {
            throw EdgeError(.internalFault, "\(path) cannot be a socket; a shorter --directory may do.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        unlink(path)
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard code == 0 else { throw EdgeError(.internalFault, "\(path) cannot be bound.") }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Whether a message with this line came while `isAlive` and before the patience ended.
    ///
    /// Blocks.
    func waits(for line: String, _ patience: Duration, while isAlive: () -> Bool) -> Bool {
        let end = ContinuousClock.now.advanced(by: patience)
        var bytes = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < end, isAlive() {
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, 200) > 0 else { continue }
            let count = recv(descriptor, &bytes, bytes.count, 0)
            guard count > 0 else { continue }
            if String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").contains(Substring(line)) {
                return true
            }
        }
        return false
    }
}
