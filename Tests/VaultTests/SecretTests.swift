import EdgeCore
import EdgeTesting
import Testing

@testable import Vault

@Suite("Secrets")
struct SecretTests {
    let directory: TemporaryDirectory
    let vault: KeyVault

    init() throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("key"))
    }

    @Test("random text has the promised length and alphabet, and never comes twice", arguments: [(32, 43), (64, 86)])
    func randomText(bytes: Int, characters: Int) throws {
        let texts = try (0..<100).map { _ in try vault.randomText(bytes: bytes) }
        #expect(Set(texts).count == texts.count)
        for text in texts {
            #expect(text.utf8.count == characters)
            #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        }
    }

    @Test("a digest is the same for the same secret and purpose, and only then")
    func digest() throws {
        let digest = try vault.digest("secret", purpose: "one")
        #expect(digest.count == 32)
        #expect(try vault.digest("secret", purpose: "one") == digest)
        #expect(try vault.digest("secret", purpose: "two") != digest)
        #expect(try vault.digest("Secret", purpose: "one") != digest)
        #expect(try KeyVault.open(keyFile: directory.path("other")).digest("secret", purpose: "one") != digest)
        #expect(try KeyVault.open(keyFile: directory.path("key")).digest("secret", purpose: "one") == digest)
    }

    @Test("digests made one after the other are those made alone, whatever came before")
    func digestStream() throws {
        let stream = try vault.keyedDigest(purpose: "one")
        for length in [0, 1, 63, 64, 65, 5000, 3] {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            #expect(try stream.code(of: message) == vault.digest(message, purpose: "one"))
        }
    }

    @Test("equal compares whole digests")
    func equal() {
        #expect(vault.equal([1, 2, 3], [1, 2, 3]))
        #expect(!vault.equal([1, 2, 3], [1, 2, 4]))
        #expect(!vault.equal([1, 2, 3], [0, 2, 3]))
        #expect(!vault.equal([1, 2, 3], [1, 2]))
        #expect(!vault.equal([], [0]))
        #expect(vault.equal([], []))
    }

    @Test("a derived key is stable, 32 bytes, and no digest gives it away")
    func derivedKey() throws {
        let key = try vault.derivedKey("http.jwt").reveal()
        #expect(key.count == 32)
        #expect(try KeyVault.open(keyFile: directory.path("key")).derivedKey("http.jwt").reveal() == key)
        #expect(try vault.derivedKey("http.other").reveal() != key)
        #expect(try vault.digest("http.jwt", purpose: "http.jwt") != key)
        #expect(try vault.digest("", purpose: "http.jwt") != key)
    }

    @Test("printing the vault or a derived key shows nothing of the keys")
    func printing() throws {
        var shown = "\(vault) \(String(reflecting: vault))"
        dump(vault, to: &shown)
        let key = try vault.derivedKey("http.jwt")
        dump(key, to: &shown)
        #expect(shown.contains("<keys from file>"))
        #expect(!shown.contains("SecretBytes"))
        for byte in key.reveal() where byte > 99 { #expect(!shown.contains("\(byte)")) }
    }
}
