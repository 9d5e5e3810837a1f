import AsyncHTTPClient
import EdgeCore
import EdgeTesting
import Foundation
import NIOCore
import NIOSSL
import SyncCore
import Testing
import Vault

@testable import Sync

/// Two authorities' worth of files for one central and one device.
private struct Ends {
    let directory: TemporaryDirectory
    let vault: KeyVault
    let authority: CertificateAuthority
    let identity: LinkCertificateFiles

    init() throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("key"))
        authority = try vault.makeAuthority(
            named: "devices", from: Date().addingTimeInterval(-60), to: Date().addingTimeInterval(86_400))
        identity = LinkCertificateFiles(directory: directory.path("link"))
    }

    /// Gives the device a certificate.
    func equip() throws {
        let issued = try vault.issue(
            identity.request(for: "door"), to: "door", by: authority, from: Date().addingTimeInterval(-60),
            to: Date().addingTimeInterval(3600))
        _ = try identity.install(vault.pem(ofDER: issued.certificate))
    }

    /// A certificate of central's own, and how a server shows it; `asks`: nobody gets in without a certificate.
    func central(_ name: String, asks: Bool) throws -> (pem: String, tls: TLSConfiguration) {
        let made = try DeviceCertificate.open(
            directory: directory.path(name), names: [.host("localhost")], now: Date())
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(made.certificateFile).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: made.keyFile, format: .pem)))
        if asks {
            tls.certificateVerification = .noHostnameVerification
            tls.trustRoots = .certificates([try NIOSSLCertificate(bytes: authority.certificate, format: .der)])
        }
        return (try String(contentsOfFile: made.certificateFile, encoding: .utf8), tls)
    }
}

/// A desk that answers each pull.
private struct PullDesk: CentralDesk {
    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        throw .epochEnded
    }
    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        throw .epochEnded
    }
    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer {
        throw .epochEnded
    }
    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        PullAnswer(
            incarnation: Incarnation(rawValue: UUID()), time: 7, scopes: [], tenants: [], lease: "", hasMore: false)
    }
}

@Suite("Certificates at both ends of the line", .timeLimit(.minutes(10)))
struct MutualTLSTests {
    private let ends: Ends
    private let device = DeviceID()
    private var question: PullRequest { PullRequest(incarnation: nil, cursors: [], waitMilliseconds: 0) }

    init() throws { ends = try Ends() }

    private func link(_ url: String, roots: String) throws -> CentralLink {
        let grant = ProvisionAnswer(
            apiKey: "key", apiSecret: "secret", pseudonymKey: "p", centralKey: "c",
            incarnation: Incarnation(rawValue: UUID()), name: "door")
        return try CentralLink(
            Membership(url: url, device: device, grant: grant, pinnedRoots: roots), software: "9.9",
            identity: ends.identity)
    }

    /// What a question came to; `nil` for an answer.
    private func fault(_ link: CentralLink) async -> SyncRefusal? {
        do throws(SyncRefusal) {
            _ = try await link.pull(question, of: device)
            return nil
        } catch {
            return error
        }
    }

    @Test("without a certificate nobody gets in; one that comes is shown at once, and a key that went away is told")
    func shown() async throws {
        let (pem, tls) = try ends.central("central", asks: true)
        let server = LinkServer(PullDesk(), device: device)
        try await server.serve(tls: tls) { url in
            let link = try link(url, roots: pem)
            guard case .unreachable? = await fault(link) else {
                Issue.record("somebody without a certificate got in")
                return
            }
            try ends.equip()
            link.identityChanged()
            #expect(await fault(link) == nil)
            // The connection stays; a new one needs the key.
            try FileManager.default.removeItem(atPath: ends.directory.path("link/central.key"))
            #expect(await fault(link) == nil)
            await link.close()
            let other = try self.link(url, roots: pem)
            guard case .unreachable? = await fault(other) else {
                Issue.record("a certificate was shown without its key")
                return
            }
            await other.close()
        }
    }

    @Test("a key that goes away after the connection was thought out is named, and not central")
    func lostKey() async throws {
        let (pem, tls) = try ends.central("central", asks: true)
        try ends.equip()
        let identity = VanishingIdentity(ends.identity)
        let server = LinkServer(PullDesk(), device: device)
        try await server.serve(tls: tls) { url in
            let way = try LinkWay(url: url, pinnedRoots: pem, options: LinkOptions(), identity: identity)
            let client = try #require(try await way.client(after: nil))
            #expect(client.ingredients.certificate?.fitsKey == true)
            do {
                _ = try await client.client.get(url: url).get()
                Issue.record("a handshake went through that nobody signed")
            } catch {
                let blame = WayBlame(error, ingredients: client.ingredients, ownFault: way.handshakeFaults.take())
                #expect(blame.fault == .ownKey && blame.words.contains("vanished"))
            }
            try await client.client.shutdown()
        }
    }

    @Test("a root is tried before it is pinned, both do for a while, and an unpinned one is named")
    func roots() async throws {
        let (old, tls) = try ends.central("old", asks: false)
        let (next, _) = try ends.central("next", asks: false)
        let server = LinkServer(PullDesk(), device: device)
        try await server.serve(tls: tls) { url in
            let link = try link(url, roots: old)
            #expect(await fault(link) == nil)
            for (roots, verifies) in [(next, false), (old + next, true), ("none", false)] {
                do throws(SyncRefusal) {
                    try await link.tryRoots(roots)
                    #expect(verifies)
                } catch {
                    #expect(!verifies)
                    guard case .unreachable(_, .certificate) = error else {
                        Issue.record("\(error)")
                        continue
                    }
                }
            }
            link.pin(old + next)
            #expect(await fault(link) == nil)
            link.pin(next)
            guard case .unreachable(_, .certificate)? = await fault(link) else {
                Issue.record("a root that is not pinned was trusted")
                return
            }
            link.pin(old)
            #expect(await fault(link) == nil)
            await link.close()
        }
    }
}

/// An identity whose key is there when it is looked for, and gone when it has to sign.
private struct VanishingIdentity: LinkIdentity {
    let base: LinkCertificateFiles

    init(_ base: LinkCertificateFiles) { self.base = base }

    func present() throws(EdgeError) -> LinkCertificate? { try base.present() }
    func request(for name: String) throws(EdgeError) -> String { try base.request(for: name) }
    func install(_ pem: String) throws(EdgeError) -> LinkCertificate { try base.install(pem) }
    func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8] {
        throw EdgeError(.certificateKey, "The key vanished.")
    }
    func remove() throws(EdgeError) { try base.remove() }
}
