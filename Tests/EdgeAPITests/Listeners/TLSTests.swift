import EdgeCore
import EdgeTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOSSL
import Testing

@testable import EdgeAPI

@Suite("TLS", .serialized, .timeLimit(.minutes(10)))
struct TLSTests {
    private let files: CertificateOnDisk
    private let health = HealthBoard()

    init() throws { files = try CertificateOnDisk() }

    private func status(
        _ address: String?, trusting certificate: NIOSSLCertificate, newestVersion: TLSVersion? = nil
    ) async throws -> HTTPResponse.Status {
        try await withPinnedClient(address, trusting: certificate, newestVersion: newestVersion) {
            try await $0.get("/healthz").status
        }
    }

    @Test("a client that knows the certificate is served, one that knows another is not")
    func pinned() async throws {
        let (mine, other) = try (files.pinned(), CertificateOnDisk().pinned())
        try await serving(2, by: TestAPI().withTLS(files.served(health)).server) { addresses in
            let served = try await status(addresses.last, trusting: mine)
            #expect(served == .ok)
            await #expect(throws: (any Error).self) { try await status(addresses.last, trusting: other) }
        }
    }

    @Test("TLS 1.2 is spoken, 1.1 is not", arguments: [(TLSVersion.tlsv12, true), (.tlsv11, false)])
    func versions(newest: TLSVersion, isServed: Bool) async throws {
        let mine = try files.pinned()
        try await serving(2, by: TestAPI().withTLS(files.served(health)).server) { addresses in
            let served = try? await status(addresses.last, trusting: mine, newestVersion: newest)
            #expect((served == .ok) == isServed)
        }
    }

    @Test("a plain request to the TLS port gets no answer but the end")
    func refusesPlain() async throws {
        try await serving(2, by: TestAPI().withTLS(files.served(health)).server) { addresses in
            let answer = try await RawExchange.send(
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", toPort: port(of: addresses.last))
            #expect(!answer.contains("HTTP/"))
        }
    }

    @Test(
        "a client that does not finish its handshake is dropped, whether it is silent or slow",
        arguments: ["", "\u{16}\u{3}\u{1}"])
    func dropsSilent(beginning: String) async throws {
        var api = try TestAPI().withTLS(files.served(health))
        api.configuration.handshakeTimeout = .milliseconds(200)
        let start = ContinuousClock.now
        try await serving(2, by: api.server) { addresses in
            let answer = try await RawExchange.send(beginning, toPort: port(of: addresses.last))
            #expect(answer.isEmpty)
            #expect(ContinuousClock.now - start >= .milliseconds(200))
            #expect(ContinuousClock.now - start < api.configuration.idleTimeout / 5)
        }
    }

    @Test("a connection whose handshake is done outlives the time for it")
    func keepsServed() async throws {
        var api = try TestAPI().withTLS(files.served(health))
        // Within it a busy machine has to greet; the test waits for its end.
        api.configuration.handshakeTimeout = .seconds(5)
        let mine = try files.pinned()
        try await serving(2, by: api.server) { addresses in
            let target = try port(of: addresses.last)
            try await withPinnedClient(addresses.last, trusting: mine) { client in
                let first = try await client.get("/healthz")
                #expect(first.status == .ok)
                // One that says nothing shows when the time is over.
                _ = try await RawExchange.send("", toPort: target)
                let second = try await client.get("/healthz")
                #expect(second.status == .ok)
            }
        }
    }

    @Test("new files serve new connections, while an open connection goes on")
    func rotates() async throws {
        let certificate = try files.served(health)
        let (old, other) = try (files.pinned(), CertificateOnDisk())
        let new = try other.pinned()
        var api = TestAPI().withTLS(certificate)
        // Only `reload` reads the files here.
        api.configuration.certificatePeriod = .seconds(3600)
        try await serving(2, by: api.server) { addresses in
            try await withPinnedClient(addresses.last, trusting: old) { open in
                let before = try await open.get("/healthz")
                #expect(before.status == .ok)
                try files.replace(by: other)
                await certificate.reload()
                let after = try await open.get("/healthz")
                #expect(after.status == .ok)
            }
            let served = try await status(addresses.last, trusting: new)
            #expect(served == .ok)
            await #expect(throws: (any Error).self) { try await status(addresses.last, trusting: old) }
        }
        #expect(certificate.der == (try other.der()))
    }

    @Test("replaced files are noticed without a word")
    func notices() async throws {
        let certificate = try files.served(health)
        let other = try CertificateOnDisk()
        let (old, new) = try (files.der(), other.der())
        var api = TestAPI().withTLS(certificate)
        api.configuration.certificatePeriod = .milliseconds(20)
        try await serving(2, by: api.server) { addresses in
            try files.replace(by: other)
            while certificate.der == old { await Task.yield() }
            #expect(certificate.der == new)
            let served = try await status(addresses.last, trusting: other.pinned())
            #expect(served == .ok)
        }
        #expect(health.current.isEmpty)
    }

    @Test(
        "files that cannot be used leave the old certificate in place and are told, until they are mended",
        arguments: ["not PEM", "no certificate", "no key", "somebody else's key", "a key for all to read"])
    func keepsOld(fault: String) async throws {
        let certificate = try files.served(health)
        let (mine, good) = try (files.pinned(), CertificateOnDisk())
        try good.replace(by: files)
        try await serving(2, by: TestAPI().withTLS(certificate).server) { addresses in
            try spoil(fault)
            await certificate.reload()
            let condition = try #require(health.current.first)
            #expect(condition.code == "http.tls.unreadable")
            #expect(condition.severity == .warning)
            let served = try await status(addresses.last, trusting: mine)
            #expect(served == .ok)
            try files.replace(by: good)
            await certificate.reload()
            #expect(health.current.isEmpty)
        }
    }

    private func spoil(_ fault: String) throws {
        switch fault {
        case "not PEM": try Data("nonsense".utf8).write(to: URL(filePath: files.certificateFile))
        case "no certificate": try FileManager.default.removeItem(atPath: files.certificateFile)
        case "no key": try Data().write(to: URL(filePath: files.keyFile))
        case "somebody else's key":
            let other = try CertificateOnDisk()
            try #require(FileManager.default.contents(atPath: other.keyFile)).write(to: URL(filePath: files.keyFile))
        default: try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: files.keyFile)
        }
    }

    @Test("a certificate that cannot be used at the start is a named failure without a word of its content")
    func refusedAtStart() throws {
        try Data("precious".utf8).write(to: URL(filePath: files.keyFile))
        #expect {
            try files.served(health)
        } throws: { error in
            (error as? EdgeError)?.code == .tlsUnreadable && !"\(error)".contains("precious")
        }
    }
}
