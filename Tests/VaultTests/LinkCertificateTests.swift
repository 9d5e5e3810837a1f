import COpenSSL
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

/// An authority over devices' certificates, at a fixed time.
struct TestAuthority {
    let vault: KeyVault
    let authority: CertificateAuthority
    let now = Date(timeIntervalSince1970: 1_800_000_000)

    init(_ directory: TemporaryDirectory) throws {
        vault = try KeyVault.open(keyFile: directory.path("authority.key"))
        authority = try vault.makeAuthority(
            named: "devices", from: now.addingTimeInterval(-60), to: now.addingTimeInterval(86_400 * 365))
    }

    func issue(_ request: String, to name: String = "door", days: Double = 30) throws -> IssuedCertificate {
        try vault.issue(
            request, to: name, by: authority, from: now.addingTimeInterval(-300),
            to: now.addingTimeInterval(days * 86_400))
    }

    func examine(_ shown: [UInt8], days: Double = 0) throws -> CertificateFinding {
        try vault.examine(
            shown, authorities: [authority.certificate], at: now.addingTimeInterval(days * 86_400))
    }

    /// Gives the device what it asks for.
    func equip(_ files: LinkCertificateFiles, as name: String = "door") throws -> IssuedCertificate {
        let issued = try issue(files.request(for: name), to: name)
        let installed = try files.install(vault.pem(ofDER: issued.certificate))
        #expect(installed.fitsKey)
        return issued
    }
}

/// Whether a signature is that of a certificate's key.
func verifies(_ signature: [UInt8], of message: [UInt8], under certificate: [UInt8]) throws -> Bool {
    let certificate = try #require(try Certificate(der: certificate))
    let context = try #require(EVP_MD_CTX_new())
    defer {
        EVP_MD_CTX_free(context)
        ERR_clear_error()
    }
    return EVP_DigestVerifyInit_ex(
        context, nil, "SHA256", nil, nil, X509_get0_pubkey(certificate.handle), nil) == 1
        && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
}

@Suite("The certificate that a device shows central")
struct LinkCertificateTests {
    private let directory: TemporaryDirectory
    private let authority: TestAuthority
    private let files: LinkCertificateFiles
    private var place: String { directory.path("link") }

    init() throws {
        directory = try TemporaryDirectory()
        authority = try TestAuthority(directory)
        files = LinkCertificateFiles(directory: directory.path("link"))
    }

    @Test("is asked for with a key of the device's own, and both files are for this user alone")
    func installs() throws {
        #expect(try files.present() == nil)
        let issued = try authority.equip(files)
        let present = try #require(try files.present())
        #expect(present.serial == issued.serial.map { String(format: "%02x", $0) }.joined())
        #expect(present.end == authority.now.addingTimeInterval(30 * 86_400) && present.fitsKey)
        #expect(present.renewal < present.alarm && present.alarm < present.end)
        #expect(
            abs(present.renewal.timeIntervalSince(present.start) - present.end.timeIntervalSince(present.start) * 2 / 3)
                < 1)
        let modes = try ["", "/central.key", "/central.crt"].map { name in
            try FileManager.default.attributesOfItem(atPath: place + name)[.posixPermissions] as? Int
        }
        #expect(modes == [0o700, 0o600, 0o600])
        #expect(try verifies(files.sign(Array("hello".utf8)), of: Array("hello".utf8), under: issued.certificate))
        try files.remove()
        #expect(try files.present() == nil)
        try files.remove()
    }

    @Test("is renewed with the same key; a key that is gone, or open to others, is not its key any more")
    func keys() throws {
        let first = try authority.equip(files)
        let second = try authority.equip(files)
        #expect(first.keyDigest == second.keyDigest && first.serial != second.serial)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: place + "/central.key")
        #expect(try files.present()?.fitsKey == false)
        #expect(throws: EdgeError.self) { try files.sign([1]) }
        let third = try authority.equip(files)
        #expect(third.keyDigest != first.keyDigest)
        try FileManager.default.removeItem(atPath: place + "/central.key")
        #expect(try files.present()?.fitsKey == false)
    }

    @Test("is not taken where it is of another key, or is none; the one before it stays")
    func foreignKey() throws {
        let mine = try authority.equip(files)
        let others = LinkCertificateFiles(directory: directory.path("others"))
        let theirs = try authority.issue(others.request(for: "door"))
        for text in [try authority.vault.pem(ofDER: theirs.certificate), "", "-----BEGIN CERTIFICATE-----\n"] {
            let error = #expect(throws: EdgeError.self) { try files.install(text) }
            #expect(error?.code == .certificateRefused)
        }
        #expect(try files.present()?.serial == mine.serial.map { String(format: "%02x", $0) }.joined())
    }

    @Test("is good within its time, and tells why it is not")
    func examined() throws {
        let issued = try authority.equip(files, as: "6f1c")
        #expect(try authority.examine(issued.certificate) == .good(name: "6f1c", serial: issued.serial))
        #expect(try authority.examine(issued.certificate, days: 31) == .ended)
        #expect(try authority.examine(issued.certificate, days: -0.0001) == .good(name: "6f1c", serial: issued.serial))
        // The authority's own time begins a minute before.
        let early = try authority.vault.issue(
            files.request(for: "x"), to: "x", by: authority.authority, from: authority.now.addingTimeInterval(600),
            to: authority.now.addingTimeInterval(1200))
        #expect(try authority.examine(early.certificate) == .early)
    }

    @Test("is foreign where another authority signed it, where it is a server's, its own or an authority's")
    func foreign() throws {
        let other = try TestAuthority(TemporaryDirectory())
        let issued = try other.equip(files)
        #expect(try authority.examine(issued.certificate) == .foreign)
        #expect(try authority.examine(authority.authority.certificate) == .foreign)
        let server = try DeviceCertificate.open(directory: directory.path("tls"), names: [], now: authority.now)
        let pem = try String(contentsOfFile: server.certificateFile, encoding: .utf8)
        let der = try #require(try authority.vault.certificates(inPEM: pem)?.first)
        #expect(try authority.examine(der) == .foreign)
        #expect(
            try authority.vault.examine(der, authorities: [der], at: authority.now) == .foreign,
            "what verifies it as a server verifies no client")
        #expect(try authority.examine([1, 2, 3]) == .foreign)
        #expect(try authority.vault.examine(issued.certificate, authorities: [], at: authority.now) == .foreign)
    }

    @Test("is given for no request that is broken, that its key did not sign, or whose key is on another curve")
    func requests() throws {
        let request = try files.request(for: "door")
        var body = Array(request.utf8)
        // In the middle of the base64: the key, or what is signed.
        let middle = body.count / 2
        body[middle] = body[middle] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let other = try #require(CertificateRequest("door", key: p384()))
        for text in [
            "", "garbage", String(decoding: body, as: UTF8.self), String(decoding: try other.pem(), as: UTF8.self),
            request + String(repeating: " ", count: 20_000),
        ] {
            let error = #expect(throws: EdgeError.self) { try authority.issue(text) }
            #expect(error?.code == .requestInvalid)
        }
        #expect(try authority.issue(request).serial.count == 16)
    }

    @Test("a bundle is read whole or not at all")
    func bundles() throws {
        let vault = authority.vault
        let (one, two) = (
            authority.authority.certificate, try authority.issue(files.request(for: "a")).certificate
        )
        let text = "# roots\n" + (try vault.pem(ofDER: one)) + "\nand\n" + (try vault.pem(ofDER: two))
        #expect(try vault.certificates(inPEM: text) == [one, two])
        #expect(try vault.certificates(inPEM: "") == nil)
        #expect(try vault.certificates(inPEM: text + "-----BEGIN CERTIFICATE-----\nAAAA\n") == nil)
    }

    private func p384() throws -> OpaquePointer {
        let context = try #require(EVP_PKEY_CTX_new_from_name(nil, "EC", nil))
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        #expect(EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_group_name(context, "P-384") == 1)
        #expect(EVP_PKEY_generate(context, &key) == 1)
        return try #require(key)
    }
}
