import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite(
    "Certificates for a key in a TPM",
    .enabled(if: SoftwareTPM.isInstalled, "swtpm, tpm2-tools or tpm2-openssl is not installed: run scripts/setup"))
struct TPMCertificateTests {
    @Test("the TPM signs the request and each handshake; while it is away nothing is signed, and nothing is lost")
    func signs() throws {
        let directory = try TemporaryDirectory()
        let tpm = try SoftwareTPM()
        try tpm.makeKey(directory.path("tpm.pem"))
        let key = try #require(ProviderKey(provider: "tpm2", key: directory.path("tpm.pem"), tcti: tpm.tcti))
        let files = LinkCertificateFiles(directory: directory.path("link"), provider: key)
        let authority = try TestAuthority(directory)
        let issued = try authority.equip(files)
        #expect(try authority.examine(issued.certificate) == .good(name: "door", serial: issued.serial))
        let message = Array("what a handshake signs".utf8)
        #expect(try verifies(files.sign(message), of: message, under: issued.certificate))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("link")) == ["central.crt"])
        try tpm.stop()
        for act in [{ _ = try files.sign(message) }, { _ = try files.present() }, { _ = try files.request(for: "x") }] {
            let error = #expect(throws: EdgeError.self) { try act() }
            #expect(error?.code == .certificateKey && error?.detail.contains("tpm2") == true)
        }
        try tpm.start()
        #expect(try files.present()?.fitsKey == true)
        #expect(try verifies(files.sign(message), of: message, under: issued.certificate))
    }
}
