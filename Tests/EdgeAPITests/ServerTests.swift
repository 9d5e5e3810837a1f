import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing

@testable import EdgeAPI

@Suite("Servers", .serialized)
struct ServerTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("port 0 picks a free port and tells it; cancellation ends the server cleanly")
    func listens() async throws {
        let api = TestAPI()
        let (addresses, told) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await api.server.run { address in told.yield(address) } }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            #expect(address.wholeMatch(of: /http:\/\/127\.0\.0\.1:[1-9][0-9]*/) != nil)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("an address in use is a named failure")
    func tellsBusyAddress() async throws {
        let api = TestAPI()
        let (addresses, told) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await api.server.run { address in told.yield(address) } }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            var second = TestAPI()
            second.configuration.port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
            let server = second.server
            await #expect {
                try await server.run { _ in }
            } throws: { error in
                (error as? EdgeError)?.code == .listenFailed
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("the control socket is for its owner only, replaces a stale one and goes away with the server")
    func placesControlSocket() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("c")
        let api = TestAPI()
        for _ in 0..<2 {
            let (listening, told) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await ControlServer(
                        socketPath: path, control: FakeControl(), services: api.services, issuer: "test-device",
                        log: quiet
                    ).run { told.yield() }
                }
                var iterator = listening.makeAsyncIterator()
                _ = await iterator.next()
                let facts = try FileManager.default.attributesOfItem(atPath: path)
                #expect(facts[.type] as? FileAttributeType == .typeSocket)
                #expect((facts[.posixPermissions] as? NSNumber)?.intValue == 0o600)
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path) == ["c"])
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            // What a daemon leaves that was killed.
            let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(stale) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(bound == 0)
        }
    }

    @Test("a file that is not a socket is never replaced")
    func sparesFiles() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("c")
        try Data("precious".utf8).write(to: URL(filePath: path))
        let server = ControlServer(
            socketPath: path, control: FakeControl(), services: TestAPI().services, issuer: "test-device", log: quiet)
        await #expect(throws: EdgeError.self) { try await server.run() }
        #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
    }
}
