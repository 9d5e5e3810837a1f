import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

/// The same path as for a TPM, with OpenSSL's default provider and keys in PEM files.
@Suite("Master keys sealed to a provider's key")
struct ProviderMasterTests {
    private let directory: TemporaryDirectory
    private var keyFile: String { directory.path("key") }
    private var sealedFile: String { directory.path("key.sealed") }
    private let context = SealContext(kind: "test", client: ClientID(), row: "1", version: 1)

    init() throws { directory = try TemporaryDirectory() }

    private func key(
        _ name: String = "pem", _ arguments: [String] = ["EC", "ec_paramgen_curve:P-256"]
    ) throws -> ProviderKey {
        if !FileManager.default.fileExists(atPath: directory.path(name)) {
            try succeed(
                "openssl", "genpkey", "-algorithm", arguments[0], "-out", directory.path(name),
                arguments.count > 1 ? "-pkeyopt" : "-quiet", arguments.count > 1 ? arguments[1] : "-quiet")
        }
        return try #require(ProviderKey(provider: "default", key: directory.path(name)))
    }

    private func seal(_ key: ProviderKey, mayMakeKeys: Bool = true) throws -> MasterSealing {
        try KeyVault.seal(to: key, besides: keyFile, mayMakeKeys: mayMakeKeys)
    }

    private func open(_ key: ProviderKey) throws -> KeyVault { try KeyVault.open(sealedTo: key, besides: keyFile) }

    private func refusal(_ act: () throws -> Void) -> EdgeError? {
        let error = #expect(throws: EdgeError.self) { try act() }
        #expect(error?.code == .keyUnavailable)
        return error
    }

    @Test(
        "fresh master keys come back the same at each start, whatever kind of key they are sealed to",
        arguments: [
            ["EC", "ec_paramgen_curve:P-256"], ["EC", "ec_paramgen_curve:P-521"], ["RSA", "rsa_keygen_bits:2048"],
            ["RSA", "rsa_keygen_bits:3072"], ["X25519", "-quiet"],
        ])
    func fresh(_ kind: [String]) throws {
        let key = try key("pem", kind[0] == "X25519" ? ["X25519"] : kind)
        #expect(try seal(key) == .made)
        let vault = try open(key)
        #expect(vault.source == "provider")
        #expect(vault.binding == .none)
        let subject = try vault.makeSubjectKey()
        let sealed = try vault.seal([1, 2, 3], subjectKey: subject, context: context)
        let again = try open(key)
        #expect(try again.open(sealed, subjectKey: subject, context: context) == [1, 2, 3])
        #expect(again.publicKey == vault.publicKey)
        #expect(try seal(key) == .present)
        #expect(!FileManager.default.fileExists(atPath: keyFile))
        #expect(try FileManager.default.attributesOfItem(atPath: sealedFile)[.posixPermissions] as? Int == 0o600)
    }

    @Test("a key file's keys are the same device after they were sealed, and the file can go")
    func migration() throws {
        let file = try KeyVault.open(keyFile: keyFile)
        let subject = try file.makeSubjectKey()
        let sealed = try file.seal([7], subjectKey: subject, context: context)
        #expect(try seal(try key(), mayMakeKeys: false) == .migrated)
        // Until it is removed, both ways open the same; a second call ends the same.
        #expect(try KeyVault.open(keyFile: keyFile).publicKey == file.publicKey)
        #expect(try seal(try key(), mayMakeKeys: false) == .migrated)
        try KeyVault.removeKeyFile(keyFile)
        try KeyVault.removeKeyFile(keyFile)
        let vault = try open(try key())
        #expect(vault.publicKey == file.publicKey)
        #expect(try vault.derivedKey("x").reveal() == file.derivedKey("x").reveal())
        #expect(try vault.open(sealed, subjectKey: subject, context: context) == [7])
    }

    @Test("a migration that a power cut broke off at any step is ended by doing it again", arguments: 0..<4)
    func brokenOff(_ step: Int) throws {
        let file = try KeyVault.open(keyFile: keyFile)
        let old = try Data(contentsOf: URL(filePath: keyFile))
        let subject = try file.makeSubjectKey()
        _ = try seal(try key())
        // The files as each step leaves them: only the ring; the key file that demands it; both and the sealed one; no key file.
        if step < 2 { try FileManager.default.removeItem(atPath: sealedFile) }
        if step == 0 { try old.write(to: URL(filePath: keyFile)) }
        if step == 3 { try FileManager.default.removeItem(atPath: keyFile) }
        if step < 3 { #expect(try KeyVault.open(keyFile: keyFile).rewrap(subject) == subject) }
        #expect(try seal(try key(), mayMakeKeys: false) == (step == 3 ? .present : .migrated))
        try KeyVault.removeKeyFile(keyFile)
        let vault = try open(try key())
        #expect(vault.publicKey == file.publicKey)
        #expect(try vault.rewrap(subject) == subject)
    }

    @Test("keys are exchanged on top of it, and the sealed file stays as it is")
    func rotation() throws {
        _ = try seal(try key())
        let before = try Data(contentsOf: URL(filePath: sealedFile))
        let vault = try open(try key())
        let subject = try vault.makeSubjectKey()
        let id = try vault.beginRotation()
        let rewrapped = try vault.rewrap(subject)
        #expect(try open(try key()).isRotating)
        #expect(try vault.finishRotation().count == 1)
        let again = try open(try key())
        #expect(again.wrappingKeyID == id)
        #expect(try again.rewrap(rewrapped) == rewrapped)
        #expect(throws: EdgeError.self) { try again.rewrap(subject) }
        #expect(try Data(contentsOf: URL(filePath: sealedFile)) == before)
    }

    @Test("no key is made where there were keys before")
    func neverNew() throws {
        _ = try seal(try key())
        let hidden = refusal { _ = try KeyVault.open(keyFile: keyFile) }
        #expect(hidden?.detail.contains("keys.provider") == true)
        try FileManager.default.removeItem(atPath: sealedFile)
        _ = refusal { _ = try open(try key()) }
        _ = refusal { _ = try KeyVault.open(keyFile: keyFile) }
        _ = refusal { _ = try seal(try key(), mayMakeKeys: false) }
        #expect(!FileManager.default.fileExists(atPath: keyFile))
        #expect(!FileManager.default.fileExists(atPath: sealedFile))
    }

    @Test("another key, no key, no provider: each says so")
    func unavailable() throws {
        _ = try seal(try key())
        #expect(refusal { _ = try open(try key("other")) }?.detail.contains("another key") == true)
        #expect(refusal { _ = try seal(try key("other")) }?.detail.contains("another key") == true)
        let missing = try #require(ProviderKey(provider: "default", key: directory.path("none")))
        #expect(refusal { _ = try open(missing) }?.detail.contains("does not find") == true)
        let provider = try #require(ProviderKey(provider: "no_such_provider", key: directory.path("pem")))
        #expect(refusal { _ = try open(provider) }?.detail.contains("no_such_provider") == true)
        // A key that OpenSSL itself reads is not bound to the provider that was asked for.
        let legacy = try #require(ProviderKey(provider: "legacy", key: directory.path("pem")))
        #expect(refusal { _ = try open(legacy) }?.detail.contains("not one of") == true)
        for name in ["", "a/b", "../tpm2", "tpm2,x", "tpm 2"] {
            #expect(ProviderKey(provider: name, key: "k") == nil)
        }
    }

    @Test("RSA keys below 2048 bits, keys that only sign and public keys are refused, and nothing is left behind")
    func unfit() throws {
        _ = refusal { _ = try seal(try key("short", ["RSA", "rsa_keygen_bits:1024"])) }
        _ = refusal { _ = try seal(try key("signs", ["ED25519"])) }
        _ = try key()
        try succeed("openssl", "pkey", "-in", directory.path("pem"), "-pubout", "-out", directory.path("public"))
        _ = refusal { _ = try seal(try #require(ProviderKey(provider: "default", key: directory.path("public")))) }
        #expect(!FileManager.default.fileExists(atPath: sealedFile))
    }

    @Test("every flipped bit, every cut and every byte too many in the sealed file is found", arguments: ["EC", "RSA"])
    func damage(_ kind: String) throws {
        let key = try key("pem", kind == "EC" ? ["EC", "ec_paramgen_curve:P-256"] : ["RSA", "rsa_keygen_bits:2048"])
        _ = try seal(key)
        let good = try [UInt8](Data(contentsOf: URL(filePath: sealedFile)))
        let layout = try SealedMaster(aead: AESGCM())
        let session = try ProviderSession(key)
        #expect(try layout.content(of: good, by: session).count == KeyFile.length)
        for position in good.indices {
            var bad = good
            bad[position] ^= 1 << UInt8(position % 8)
            #expect(throws: EdgeError.self, "byte \(position)") { try layout.content(of: bad, by: session) }
            #expect(throws: EdgeError.self, "cut at \(position)") {
                try layout.content(of: Array(good[..<position]), by: session)
            }
        }
        #expect(throws: EdgeError.self) { try layout.content(of: good + [0], by: session) }
    }
}
