import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite("How long certificates hold")
struct CertificateTermTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func authority(days: Double) throws -> (der: [UInt8], pem: String, end: Date) {
        let vault = try KeyVault.open(keyFile: directory.path("authority.key"))
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let end = start.addingTimeInterval(days * 86_400)
        let made = try vault.makeAuthority(named: "devices", from: start, to: end)
        return (made.certificate, try vault.pem(ofDER: made.certificate), end)
    }

    @Test("of several the one counts that ends first, and what stands before them does not matter")
    func first() throws {
        let (long, short) = (try authority(days: 90), try authority(days: 30))
        #expect(CertificateTerm.end(ofDER: long.der) == long.end)
        #expect(CertificateTerm.end(ofPEM: long.pem) == long.end)
        #expect(CertificateTerm.end(ofPEM: "# roots\n" + long.pem + "\n" + short.pem) == short.end)
    }

    @Test("what cannot be read has no end that could be told")
    func unreadable() throws {
        let good = try authority(days: 90).pem
        #expect(CertificateTerm.end(ofPEM: "") == nil && CertificateTerm.end(ofDER: [1, 2, 3]) == nil)
        #expect(CertificateTerm.end(ofPEM: good + "-----BEGIN CERTIFICATE-----\nnothing\n") == nil)
    }
}
