import EdgeAPI
import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing

@testable import edged

@Suite("Passed sockets")
struct PassedSocketsTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A socket of the kernel; closes with its last owner.
    private final class Socket {
        let descriptor: CInt

        init(_ family: CInt, stream: Bool = true) throws {
            let kind = stream ? SOCK_STREAM : SOCK_DGRAM
            descriptor = socket(family, CInt(kind.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        /// Binds to a free port of the loopback address.
        func bindLoopback() throws -> Self {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            try bind(&address)
            return self
        }

        func bindFile(_ path: String) throws -> Self {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            try bind(&address)
            return self
        }

        func listening() throws -> Self {
            try #require(listen(descriptor, 1) == 0)
            return self
        }

        private func bind<Address>(_ address: inout Address) throws {
            let status = withUnsafeBytes(of: &address) { bytes in
                Glibc.bind(
                    descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            }
            try #require(status == 0)
        }
    }

    @Test("are known by address and by whether they listen")
    func look() throws {
        let directory = try TemporaryDirectory()
        let bound = try Socket(AF_INET).bindLoopback()
        let before = PassedSockets.look(at: bound.descriptor, name: "http")
        guard case .inet("127.0.0.1", let port) = before.address else {
            Issue.record("\(before.address)")
            return
        }
        #expect(port > 0)
        #expect(!before.isListening && before.name == "http" && before.descriptor == bound.descriptor)
        #expect(PassedSockets.look(at: try bound.listening().descriptor, name: "").isListening)
        let file = try Socket(AF_UNIX).bindFile(directory.path("s")).listening()
        let local = PassedSockets.look(at: file.descriptor, name: "")
        #expect(local.isListening && local.address == .unix(path: directory.path("s")))
    }

    @Test("that are none, or none that a listener could be, are known as such")
    func strangers() throws {
        let directory = try TemporaryDirectory()
        let unnamed = try Socket(AF_UNIX)
        #expect(PassedSockets.look(at: unnamed.descriptor, name: "").address == .other)
        let datagrams = try Socket(AF_INET, stream: false).bindLoopback()
        #expect(!PassedSockets.look(at: datagrams.descriptor, name: "").isListening)
        try Data().write(to: URL(filePath: directory.path("file")))
        let file = try FileHandle(forReadingFrom: URL(filePath: directory.path("file")))
        let seen = PassedSockets.look(at: file.fileDescriptor, name: "")
        #expect(!seen.isListening && seen.address == .other)
    }

    @Test("the kernel's form of an address is read, and nothing that is cut off")
    func kernelForm() {
        let family = { (family: CInt) in withUnsafeBytes(of: sa_family_t(family)) { Array($0) } }
        let six = family(AF_INET6) + [0x1f, 0x90, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 15) + [1, 0, 0, 0, 0]
        #expect(SocketPlan.Address(kernel: six) == .inet(host: "::1", port: 8080))
        let four = family(AF_INET) + [0, 80, 192, 0, 2, 1]
        #expect(SocketPlan.Address(kernel: four) == .inet(host: "192.0.2.1", port: 80))
        #expect(SocketPlan.Address(kernel: four.dropLast()) == .other)
        #expect(SocketPlan.Address(kernel: family(AF_UNIX) + Array("/x".utf8) + [0, 9]) == .unix(path: "/x"))
        #expect(SocketPlan.Address(kernel: family(AF_UNIX) + [0] + Array("abstract".utf8)) == .other)
        #expect(SocketPlan.Address(kernel: []) == .other)
    }

    @Test("a socket's file is known by number, owner and mode; another file is none")
    func files() throws {
        let directory = try TemporaryDirectory()
        #expect(PassedSockets.file(at: directory.path("s")) == nil)
        let socket = try Socket(AF_UNIX).bindFile(directory.path("s"))
        #expect(chmod(directory.path("s"), 0o640) == 0)
        let file = try #require(PassedSockets.file(at: directory.path("s")))
        #expect(file.mode == 0o640 && file.owner == geteuid() && file.inode != 0)
        try Data().write(to: URL(filePath: directory.path("file")))
        #expect(PassedSockets.file(at: directory.path("file")) == nil)
        withExtendedLifetime(socket) {}
    }

    @Test("the configuration's listeners are those that sockets are held against")
    func wanted() {
        var configuration = DaemonConfiguration()
        configuration.http.controlSocket = "/run/edged.sock"
        #expect(configuration.wantedSockets.map(\.name) == [.control, .loopback])
        configuration.http.socket = "/run/api.sock"
        configuration.http.lan = DaemonConfiguration.LAN(host: "0.0.0.0", port: 8443, protection: .plainText)
        #expect(configuration.wantedSockets.map(\.name) == [.control, .loopback, .socket, .lan])
        #expect(configuration.wantedSockets.map(\.address).last == .inet(host: "0.0.0.0", port: 8443))
    }

    @Test("one that fits no listener ends the start by code, and a stored one is closed instead")
    func handsOver() throws {
        let configuration = DaemonConfiguration()
        let handover = SocketHandover(log: quiet)
        let unfit = try Socket(AF_INET).bindLoopback().listening()
        #expect {
            _ = try handover.shelf([PassedSockets.look(at: unfit.descriptor, name: "http")], for: configuration)
        } throws: { error in
            (error as? EdgeError)?.code == .socketUnfit
        }
        // Another descriptor of the same socket: the one that is given up is closed.
        let stored = PassedSockets.look(at: dup(unfit.descriptor), name: "stored-http")
        let closing = FileHandle(fileDescriptor: dup(stored.descriptor), closeOnDealloc: true)
        _ = try handover.shelf([stored], for: configuration)
        #expect(PassedSockets.look(at: closing.fileDescriptor, name: "").isListening)
        #expect(PassedSockets.look(at: stored.descriptor, name: "").address != stored.address)
    }
}
