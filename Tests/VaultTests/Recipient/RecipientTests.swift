import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite("Sealing to a recipient")
struct RecipientTests {
    private let directory: TemporaryDirectory
    private let vault: KeyVault
    private let recipient: RecipientKey

    init() throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("key"))
        recipient = try RecipientKey.make(file: directory.path("recipient.pem"))
    }

    private func sealed(_ plain: [UInt8], pieces: Int = 1_000_000, purpose: String = "test") throws -> [UInt8] {
        let stream = try vault.seal(to: recipient.publicKey, purpose: purpose)
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: plain.count, by: pieces) {
            bytes += try stream.append(Array(plain[start..<min(start + pieces, plain.count)]))
        }
        return try bytes + stream.finish()
    }

    /// What is sealed there, and by whom.
    private func opened(
        _ bytes: [UInt8], by key: RecipientKey? = nil, pieces: Int = 1_000_000, purpose: String = "test"
    ) throws -> (plain: [UInt8], device: [UInt8]) {
        let stream = try (key ?? recipient).open(purpose: purpose)
        var plain: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            plain += try stream.append(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        return (plain, try stream.finish())
    }

    private func isRefused(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try opened(bytes)
            return false
        } catch { return (error as? EdgeError)?.code == .sealBroken }
    }

    private func noise(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    @Test(
        "what was sealed comes back, in whatever pieces it comes and goes, with the device that sealed it",
        arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000], [7_919, 65_536, 1_000_000])
    func roundTrip(size: Int, pieces: Int) throws {
        let plain = noise(size)
        let result = try opened(sealed(plain, pieces: pieces), pieces: pieces / 3 + 1)
        #expect(result.plain == plain)
        #expect(result.device == vault.publicKey)
    }

    @Test("nothing of it stands there in plain, and sealing it again shares no piece")
    func secrecy() throws {
        let canary = Array("a-name-that-nobody-else-may-read".utf8)
        let (first, second) = (try sealed(canary), try sealed(canary))
        #expect(Data(first).range(of: Data(canary)) == nil && Data(second).range(of: Data(canary)) == nil)
        // The head's start, the device and the recipient are the same; the ephemeral key and all after it are not.
        #expect(first[44..<76] != second[44..<76])
        #expect(first[108...] != second[108...])
    }

    @Test("every cut, every flipped bit and every byte too many is found")
    func smallDamage() throws {
        let good = try sealed(noise(10))
        for position in good.indices {
            #expect(isRefused(Array(good[..<position])), "cut at \(position)")
            for bit in 0..<8 {
                var bad = good
                bad[position] ^= 1 << UInt8(bit)
                #expect(throws: EdgeError.self, "bit \(bit) of byte \(position)") { try opened(bad) }
            }
        }
        #expect(isRefused(good + [0]))
        #expect(isRefused([]))
    }

    /// The head, the chunks and the signature of something with three chunks.
    private func parts() throws -> (head: [UInt8], chunks: [[UInt8]], signature: [UInt8]) {
        let bytes = try sealed(noise(150_000))
        var (chunks, position) = ([[UInt8]](), RecipientLayout.headLength)
        while position < bytes.count - 64 {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            chunks.append(Array(bytes[position..<position + length + RecipientLayout.chunkOverhead]))
            position += length + RecipientLayout.chunkOverhead
        }
        return (Array(bytes[..<RecipientLayout.headLength]), chunks, Array(bytes[position...]))
    }

    @Test("chunks that were exchanged, dropped, doubled or taken from elsewhere are found")
    func chunks() throws {
        let (head, chunks, signature) = try parts()
        #expect(chunks.count == 3)
        #expect(!isRefused(head + chunks.joined() + signature))
        for order in [
            [1, 0, 2], [0, 2, 1], [2, 1, 0], [0, 2], [1, 2], [0, 1], [2], [0, 0, 1, 2], [0, 1, 2, 2], [],
        ] {
            #expect(isRefused(head + order.flatMap { chunks[$0] } + signature), "\(order)")
        }
        let other = try parts()
        #expect(isRefused(head + chunks[0] + other.chunks[1] + chunks[2] + signature))
        #expect(isRefused(other.head + chunks.joined() + signature))
        #expect(isRefused(head + chunks.joined() + other.signature))
    }

    @Test("a chunk cannot be made the last one, nor the last one another")
    func marks() throws {
        let (head, chunks, signature) = try parts()
        var early = chunks[1]
        early[4] = 1
        #expect(isRefused(head + chunks[0] + early + signature))
        var late = chunks[2]
        late[4] = 0
        #expect(isRefused(head + chunks[0] + chunks[1] + late + signature))
    }

    @Test("cuts near every seam, and flipped bits all along, are found in something large")
    func largeDamage() throws {
        let (head, chunks, signature) = try parts()
        let good = head + chunks.joined() + signature
        var seams = [head.count]
        for chunk in chunks { seams.append((seams.last ?? 0) + chunk.count) }
        for seam in seams + [good.count] {
            for cut in (seam - 3)...(seam + 3) where cut < good.count { #expect(isRefused(Array(good[..<cut]))) }
        }
        for position in stride(from: 0, to: good.count, by: 6_007) {
            var bad = good
            bad[position] ^= 0x10
            #expect(throws: EdgeError.self, "byte \(position)") { try opened(bad) }
        }
    }

    @Test("another recipient is told so, and another purpose opens nothing")
    func wrongRecipient() throws {
        let bytes = try sealed(noise(100))
        let other = try RecipientKey.make(file: directory.path("other.pem"))
        let error = #expect(throws: EdgeError.self) { try opened(bytes, by: other) }
        #expect(error?.code == .recipientWrong)
        #expect(throws: EdgeError.self) { try opened(bytes, purpose: "people") }
    }

    @Test("a signature by another device is found, though its recipient could have sealed it")
    func forged() throws {
        let other = try KeyVault.open(keyFile: directory.path("another"))
        let stream = try RecipientSealing(
            to: recipient.publicKey, purpose: "test", aead: AESGCM(), signingKey: other.signingKey)
        var bytes = try stream.append(noise(10)) + stream.finish()
        #expect(try opened(bytes).device == other.publicKey)
        bytes.replaceSubrange(12..<44, with: vault.publicKey)
        #expect(isRefused(bytes))
    }

    @Test("bytes that are no public key of this kind are refused")
    func unfit() throws {
        for key in [
            [], Array(repeating: 0, count: 32), Array(repeating: 1, count: 31), [1] + [UInt8](repeating: 0, count: 31),
        ] {
            let error = #expect(throws: EdgeError.self) { try vault.seal(to: key, purpose: "test") }
            #expect(error?.code == .requestInvalid)
        }
    }

    @Test("a recipient's key file is private, is never replaced, and its public key is written one way")
    func keyFile() throws {
        let path = directory.path("recipient.pem")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let again = try RecipientKey.read(file: path)
        #expect(again.publicKey == recipient.publicKey)
        #expect(RecipientKey.publicKey(of: again.publicText) == recipient.publicKey)
        #expect(throws: EdgeError.self) { try RecipientKey.make(file: path) }
        #expect(try RecipientKey.read(file: path).publicKey == recipient.publicKey)
        for text in [
            "", "x25519:", "x25519:AAAA", again.publicText + "A", again.publicText + "=",
            String(again.publicText.dropFirst(7)),
        ] {
            #expect(RecipientKey.publicKey(of: text) == nil, "\(text)")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let error = #expect(throws: EdgeError.self) { try RecipientKey.read(file: path) }
        #expect(error?.code == .keyPermissions)
        #expect(throws: EdgeError.self) { try RecipientKey.read(file: directory.path("none")) }
        try Data("no key".utf8).write(to: URL(filePath: directory.path("text")))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.path("text"))
        #expect(throws: EdgeError.self) { try RecipientKey.read(file: directory.path("text")) }
    }

    @Test("the agreement is X25519 of RFC 7748, section 6.1")
    func knownAnswer() throws {
        let bob = try X25519Key(
            seed: SecretBytes(copying: bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")[...]))
        #expect(bob.publicKey == bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
        let alice = bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        #expect(
            bob.secret(with: alice)?.copy() == bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        )
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
        }
    }
}
