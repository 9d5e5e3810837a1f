import EdgeTesting
import Foundation
import Testing

@Suite("A daemon that gets its socket passed", .serialized)
struct SocketActivationTests {
    /// A listening socket on a free port of the loopback address.
    private func listening() throws -> (file: FileHandle, port: Int) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutableBytes(of: &address) { bytes in
            let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, address, length) | listen(descriptor, 16)
                | getsockname(descriptor, address, &length)
        }
        try #require(status == 0)
        return (file, Int(UInt16(bigEndian: address.sin_port)))
    }

    @Test("serves on it, and after a restart on the same one those who came meanwhile")
    func serves() async throws {
        let (file, port) = try listening()
        let daemon = try DaemonUnderTest()
        try await daemon.start(passing: file)
        #expect(daemon.address == "http://127.0.0.1:\(port)")
        let client = try await daemon.makeClient("kiosk")
        #expect(try await daemon.stop() == 0)
        async let waiting = client.get("/healthz")
        try await daemon.start(passing: file)
        #expect(try await waiting.status == 200)
        #expect(try await daemon.stop() == 0)
    }

    @Test("does not start with a descriptor that is no listening socket")
    func refuses() async throws {
        let daemon = try DaemonUnderTest()
        try Data().write(to: URL(filePath: daemon.directory.path("file")))
        let file = try FileHandle(forReadingFrom: URL(filePath: daemon.directory.path("file")))
        let ended = try await Program.run(["run", "--config", daemon.configPath], passing: file)
        #expect(ended.status == 78)
        #expect(ended.errors.contains("http.socket.unfit"))
    }
}
