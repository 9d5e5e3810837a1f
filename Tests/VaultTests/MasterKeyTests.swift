import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite("Master keys and signatures")
struct MasterKeyTests {
    private let directory: TemporaryDirectory
    private var key: String { directory.path("key") }

    init() throws { directory = try TemporaryDirectory() }

    private func vault() throws -> KeyVault { try KeyVault.open(keyFile: key) }

    @Test("a credential with the same content is the same device; one that is not there is said so")
    func credential() throws {
        let file = try vault()
        let wrapped = try file.makeSubjectKey()
        let credentials = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: key, toPath: credentials.path("edged.key"))
        // As the service manager grants it by a list.
        try FileManager.default.setAttributes([.posixPermissions: 0o440], ofItemAtPath: credentials.path("edged.key"))
        let sealed = try KeyVault.open(credential: credentials.path("edged.key"), besides: key)
        #expect(sealed.source == "credential")
        #expect(try sealed.rewrap(wrapped) == wrapped)
        #expect(sealed.publicKey == file.publicKey)
        // The ring that a rotation makes is the same whichever way the master keys come.
        let id = try sealed.beginRotation()
        let anew = try sealed.rewrap(wrapped)
        // The credential goes on holding the key that was exchanged: nothing says that it is destroyed.
        #expect(sealed.keptKeyID == file.wrappingKeyID)
        #expect(try sealed.finishRotation() == [])
        let again = try KeyVault.open(credential: credentials.path("edged.key"), besides: key)
        #expect(again.wrappingKeyID == id)
        #expect(try again.rewrap(anew) == anew)
        // Whoever has the credential can open what was wrapped with its key: it does so here too.
        #expect(try again.rewrap(wrapped) != wrapped)
        let error = #expect(throws: EdgeError.self) {
            try KeyVault.open(credential: credentials.path("other"), besides: key)
        }
        #expect(error?.code == .keyUnavailable)
    }

    @Test("where there is no store yet nothing is ever wrapped with the key that a credential holds")
    func firstStart() throws {
        let held = try vault().wrappingKeyID
        let credential = directory.path("edged.key")
        try FileManager.default.moveItem(atPath: key, toPath: credential)
        let first = try KeyVault.open(credential: credential, besides: key, isFirstStart: true)
        #expect(first.wrappingKeyID != held && first.keptKeyID == held)
        let wrapped = try first.makeSubjectKey()
        #expect(first.wrappingKeyID(of: wrapped) == first.wrappingKeyID)
        // The ring is there now and stays, whatever a second start believes.
        for isFirst in [true, false] {
            let again = try KeyVault.open(credential: credential, besides: key, isFirstStart: isFirst)
            #expect(try again.rewrap(wrapped) == wrapped)
        }
        let present = try first.beginRotation()
        #expect(try first.finishRotation() != [] && present == first.wrappingKeyID)
    }

    @Test("a trimmed credential has the same master key and nothing that wraps; what is no key file is refused")
    func trimmed() throws {
        let file = try vault()
        let credential = directory.path("edged.key")
        var content = Array(try Data(contentsOf: URL(filePath: key)))
        try Data(content).write(to: URL(filePath: credential))
        let sealed = try KeyVault.open(credential: credential, besides: directory.path("elsewhere"))
        _ = try sealed.beginRotation()
        let trimmed = try KeyVault.withoutKeyEncryptionKey(content)
        #expect(try KeyVault.withoutKeyEncryptionKey(trimmed) == trimmed)
        #expect(Data(trimmed).range(of: Data(content[16..<48])) == nil)
        try Data(trimmed).write(to: URL(filePath: credential))
        let again = try KeyVault.open(credential: credential, besides: directory.path("elsewhere"))
        #expect(again.keptKeyID == nil && again.publicKey == file.publicKey)
        #expect(again.wrappingKeyID == sealed.wrappingKeyID)
        // Without the ring it opens nothing, and says so.
        #expect(throws: EdgeError.self) { try KeyVault.open(credential: credential, besides: directory.path("other")) }
        content[20] ^= 1
        #expect(throws: EdgeError.self) { try KeyVault.withoutKeyEncryptionKey(content) }
        #expect(throws: EdgeError.self) { try KeyVault.withoutKeyEncryptionKey([]) }
    }

    @Test("the device's signatures are Ed25519's, and no other message, key or length passes")
    func signatures() throws {
        let vault = try vault()
        let message = Array("checkpoint".utf8)
        let signature = try vault.sign(message)
        #expect(vault.verify(signature, of: message, publicKey: vault.publicKey))
        #expect(!vault.verify(signature, of: message + [0], publicKey: vault.publicKey))
        #expect(!vault.verify(signature.dropLast(), of: message, publicKey: vault.publicKey))
        #expect(!vault.verify(signature, of: message, publicKey: Array(repeating: 1, count: 32)))
        #expect(!vault.verify(signature, of: message, publicKey: []))
        // RFC 8032, section 7.1, test 2.
        let seed = Array<UInt8>(hex: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        let known = try Ed25519Key(seed: SecretBytes(copying: seed[...]))
        #expect(known.publicKey == Array(hex: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
        #expect(
            try known.sign([0x72])
                == Array(
                    hex: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"))
    }
}

extension [UInt8] {
    fileprivate init(hex: String) {
        let digits = Array(hex.utf8)
        self = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16) ?? 0
        }
    }
}
