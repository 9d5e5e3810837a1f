import CSystemd
import EdgeCore
import Foundation
import NIOCore

/// Looks at what systemd passed when it started this process.
enum PassedSockets {
    /// Takes the descriptors over; to be called once, before there are children or threads that read the environment.
    ///
    /// The library sees to it that they were meant for this process, closes them in children and takes the variables out of the
    /// environment. Throws `http.socket.unfit`.
    static func take() throws(EdgeError) -> [SocketPlan.Passed] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count >= 0 else {
            throw EdgeError(.socketUnfit, "What systemd passes cannot be read: \(String(cString: strerror(-count))).")
        }
        defer { free(names) }
        return (0..<Int(count)).map { index in
            let name = names?[index]
            defer { free(name) }
            return look(at: CInt(index) + SD_LISTEN_FDS_START, name: name.map { String(cString: $0) } ?? "")
        }
    }

    /// A descriptor as the plan wants to know it.
    static func look(at descriptor: CInt, name: String) -> SocketPlan.Passed {
        SocketPlan.Passed(
            descriptor: descriptor, name: name, address: address(of: descriptor),
            isListening: sd_is_socket(descriptor, AF_UNSPEC, CInt(SOCK_STREAM.rawValue), 1) > 0)
    }

    /// The socket file at `path`, if there is one.
    static func file(at path: String) -> SocketPlan.File? {
        guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
            facts[.type] as? FileAttributeType == .typeSocket,
            let inode = (facts[.systemFileNumber] as? NSNumber)?.uint64Value,
            let owner = (facts[.ownerAccountID] as? NSNumber)?.uint32Value,
            let mode = (facts[.posixPermissions] as? NSNumber)?.uint16Value
        else { return nil }
        return SocketPlan.File(inode: inode, owner: owner, mode: mode)
    }

    private static func address(of descriptor: CInt) -> SocketPlan.Address {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
        var length = socklen_t(bytes.count)
        let status = bytes.withUnsafeMutableBytes { bytes in
            getsockname(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return status == 0 ? SocketPlan.Address(kernel: Array(bytes.prefix(Int(length)))) : .other
    }
}

extension SocketPlan.Address {
    /// An address in the form of the kernel: family in the order of the machine, port and the rest in that of the network.
    init(kernel bytes: [UInt8]) {
        self = .other
        guard bytes.count >= 2 else { return }
        switch bytes.withUnsafeBytes({ CInt($0.loadUnaligned(as: sa_family_t.self)) }) {
        case AF_INET where bytes.count >= 8: self = Self.inet(bytes, 4..<8)
        case AF_INET6 where bytes.count >= 24: self = Self.inet(bytes, 8..<24)
        // Without a name or abstract, it begins with a zero.
        case AF_UNIX where bytes.count > 2 && bytes[2] != 0:
            self = .unix(path: String(decoding: bytes[2...].prefix { $0 != 0 }, as: UTF8.self))
        default: break
        }
    }

    private static func inet(_ bytes: [UInt8], _ host: Range<Int>) -> Self {
        let port = Int(bytes[2]) << 8 | Int(bytes[3])
        let packed = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes[host]), port: port)
        return packed?.ipAddress.map { .inet(host: $0, port: port) } ?? .other
    }
}
