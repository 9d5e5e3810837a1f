import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite(
    "Master keys sealed to a TPM",
    .enabled(if: SoftwareTPM.isInstalled, "swtpm, tpm2-tools or tpm2-openssl is not installed: run scripts/setup"))
struct TPMTests {
    private let directory: TemporaryDirectory
    private let tpm: SoftwareTPM
    private var keyFile: String { directory.path("key") }

    init() throws {
        directory = try TemporaryDirectory()
        tpm = try SoftwareTPM()
    }

    private func key(_ place: String? = nil, in other: SoftwareTPM? = nil) throws -> ProviderKey {
        let key = ProviderKey(provider: "tpm2", key: place ?? directory.path("tpm.pem"), tcti: (other ?? tpm).tcti)
        return try #require(key)
    }

    private func open(_ key: ProviderKey) throws -> KeyVault { try KeyVault.open(sealedTo: key, besides: keyFile) }

    private func refusal(_ act: () throws -> Void) -> String {
        let error = #expect(throws: EdgeError.self) { try act() }
        #expect(error?.code == .keyUnavailable)
        return error?.detail ?? ""
    }

    @Test("a key file's keys move to a key that only this TPM can load, through its restart and an exchange of keys")
    func pem() throws {
        try tpm.makeKey(directory.path("tpm.pem"))
        let file = try KeyVault.open(keyFile: keyFile)
        let subject = try file.makeSubjectKey()
        #expect(try KeyVault.seal(to: key(), besides: keyFile, mayMakeKeys: false) == .migrated)
        try KeyVault.removeKeyFile(keyFile)
        let vault = try open(key())
        #expect(vault.binding == .tpm2)
        #expect(vault.publicKey == file.publicKey)
        try tpm.stop()
        // Opened once, the keys stay: nothing more is asked of the TPM.
        _ = try vault.beginRotation()
        let rewrapped = try vault.rewrap(subject)
        _ = try vault.finishRotation()
        try tpm.start()
        #expect(try open(key()).rewrap(rewrapped) == rewrapped)
    }

    @Test("a key that stays in the TPM is found by its handle")
    func handle() throws {
        try tpm.keepKey("0x81000001")
        let key = try key("handle:0x81000001")
        #expect(try KeyVault.seal(to: key, besides: keyFile, mayMakeKeys: true) == .made)
        let vault = try open(key)
        try tpm.stop()
        try tpm.start()
        #expect(try open(key).publicKey == vault.publicKey)
        #expect(refusal { _ = try open(try self.key("handle:0x81000007")) }.contains("does not find"))
    }

    @Test("without the TPM nothing opens and nothing is made anew")
    func gone() throws {
        try tpm.makeKey(directory.path("tpm.pem"))
        _ = try KeyVault.seal(to: key(), besides: keyFile, mayMakeKeys: true)
        let before = try FileManager.default.contentsOfDirectory(atPath: directory.path(".")).sorted()
        try tpm.stop()
        #expect(refusal { _ = try open(try key()) }.contains("The provider tpm2 cannot be used"))
        #expect(refusal { _ = try KeyVault.seal(to: try key(), besides: keyFile, mayMakeKeys: true) }.contains("tpm2"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path(".")).sorted() == before)
        try tpm.start()
        #expect(try open(key()).source == "provider")
    }

    @Test("another TPM does not open it: not by the file of the key, not by a key of its own at the same handle")
    func foreign() throws {
        try tpm.makeKey(directory.path("tpm.pem"))
        try tpm.keepKey("0x81000001")
        _ = try KeyVault.seal(to: key("handle:0x81000001"), besides: keyFile, mayMakeKeys: true)
        let other = try SoftwareTPM()
        try other.keepKey("0x81000001")
        let detail = refusal { _ = try open(try key("handle:0x81000001", in: other)) }
        #expect(detail.contains("another TPM"))
        #expect(refusal { _ = try open(try key(in: other)) }.contains("does not find the key"))
        #expect(try open(key("handle:0x81000001")).binding == .tpm2)
    }

    @Test("an RSA key is refused where the provider cannot do OAEP, and an ordinary key where a TPM's was asked for")
    func unfit() throws {
        try tpm.makeKey(directory.path("tpm.pem"), algorithm: "RSA", option: "bits:2048")
        do {
            // Later versions of the provider can.
            _ = try KeyVault.seal(to: key(), besides: keyFile, mayMakeKeys: true)
            #expect(try open(key()).binding == .tpm2)
        } catch let error as EdgeError {
            #expect(error.code == .keyUnavailable)
            #expect(error.detail.contains("P-256"))
            #expect(!FileManager.default.fileExists(atPath: directory.path("key.sealed")))
        }
        try succeed(
            "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            directory.path("plain.pem"))
        let plain = try key(directory.path("plain.pem"))
        #expect(
            refusal { _ = try KeyVault.seal(to: plain, besides: keyFile, mayMakeKeys: true) }.contains("not one of"))
    }
}
