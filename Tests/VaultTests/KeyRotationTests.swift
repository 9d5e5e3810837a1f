import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite("Key rotation")
struct KeyRotationTests {
    let directory: TemporaryDirectory
    let path: String
    let context = SealContext(kind: "template", client: ClientID(), row: "17", version: 3)
    let plain = Array("a face is not a password".utf8)

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("key")
    }

    var ringPath: String { "\(path).ring" }

    private func open() throws -> KeyVault { try KeyVault.open(keyFile: path) }

    private func bytes(_ path: String) throws -> Data { try #require(FileManager.default.contents(atPath: path)) }

    private func put(_ content: Data, at path: String) throws {
        try content.write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    @Test("wraps with a fresh key at once, and the old one unwraps until the end")
    func whole() throws {
        let vault = try open()
        let before = vault.wrappingKeyID
        let old = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: old, context: context)
        #expect(try vault.rewrap(old) == old)
        #expect(!vault.isRotating)
        let id = try vault.beginRotation()
        #expect(id != before && vault.wrappingKeyID == id && vault.isRotating)
        #expect(try vault.open(sealed, subjectKey: old, context: context) == plain)
        let new = try vault.rewrap(old)
        #expect(new != old)
        #expect(try vault.rewrap(new) == new)
        #expect(try vault.finishRotation() == [before])
        #expect(!vault.isRotating)
        #expect(try vault.open(sealed, subjectKey: new, context: context) == plain)
        #expect(code { try vault.open(sealed, subjectKey: old, context: context) } == .sealBroken)
        #expect(code { try vault.rewrap(old) } == .sealBroken)
        #expect(try vault.finishRotation() == [])
    }

    @Test("a key file or ring that is replaced is overwritten, not only unlinked")
    func overwritten() throws {
        let vault = try open()
        _ = try vault.beginRotation()
        var former: [FileHandle] = []
        for file in [path, ringPath] where FileManager.default.fileExists(atPath: file) {
            former.append(try FileHandle(forReadingFrom: URL(filePath: file)))
        }
        _ = try vault.finishRotation()
        var replaced = 0
        for (handle, file) in zip(former, [path, ringPath]) {
            let old = try #require(try handle.readToEnd())
            if old == (try bytes(file)) { continue }
            #expect(old.allSatisfy { $0 == 0 })
            replaced += 1
        }
        #expect(replaced > 0)
    }

    @Test("survives a restart after each step, and a begun one goes on with the same key")
    func restarts() throws {
        let first = try open()
        let old = try first.makeSubjectKey()
        let id = try first.beginRotation()
        let second = try open()
        #expect(second.isRotating && second.wrappingKeyID == id)
        #expect(try second.beginRotation() == id)
        let new = try second.rewrap(old)
        _ = try second.finishRotation()
        let third = try open()
        #expect(!third.isRotating && third.wrappingKeyID == id)
        #expect(try third.rewrap(new) == new)
        #expect(code { try third.rewrap(old) } == .sealBroken)
        #expect(try third.beginRotation() != id)
    }

    @Test("keeps digests, derived keys and the device's signature as they were")
    func root() throws {
        let vault = try open()
        let digest = try vault.digest("secret", purpose: "one")
        let publicKey = vault.publicKey
        _ = try vault.beginRotation()
        _ = try vault.finishRotation()
        let again = try open()
        #expect(try again.digest("secret", purpose: "one") == digest)
        #expect(again.publicKey == publicKey)
    }

    @Test("takes up where the power went: after the draft, the ring, the key file, the end")
    func crashPoints() throws {
        let vault = try open()
        let old = try vault.makeSubjectKey()
        let before = vault.wrappingKeyID
        let firstKeyFile = try bytes(path)
        let id = try vault.beginRotation()
        let (keyFile, both) = try (bytes(path), bytes(ringPath))
        let new = try vault.rewrap(old)
        _ = try vault.finishRotation()
        let one = try bytes(ringPath)

        // Only a draft of the ring: nothing has happened.
        try FileManager.default.removeItem(atPath: ringPath)
        try put(firstKeyFile, at: path)
        try put(both.prefix(60), at: "\(ringPath).a1.new")
        #expect(try open().wrappingKeyID == before)
        // The ring, but the key file as it was: the start does the second half.
        try put(both, at: ringPath)
        let resumed = try open()
        #expect(resumed.isRotating && resumed.wrappingKeyID == id)
        #expect(try bytes(path) == keyFile)
        #expect(try resumed.rewrap(old) != old)
        // A draft of the end: the old key is still there, and no draft after the end.
        try put(one, at: "\(ringPath).b2.new")
        let late = try open()
        #expect(try late.isRotating && late.rewrap(new) == new)
        #expect(try late.finishRotation() == [before])
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: directory.url.path)) == ["key", "key.ring"])
        #expect(code { try open().rewrap(old) } == .sealBroken)
    }

    @Test("leaves the old key in no file")
    func destroyed() throws {
        let vault = try open()
        let key = try KeyFile.parse(Array(bytes(path))).keyEncryptionKey.copy()
        #expect(try bytes(path).range(of: Data(key)) != nil)
        _ = try vault.beginRotation()
        #expect(try bytes(path).range(of: Data(key)) == nil)
        #expect(try bytes(ringPath).range(of: Data(key)) == nil)
        #expect(try bytes(ringPath).count == KeyRingLayout.maximum)
        let mode = try FileManager.default.attributesOfItem(atPath: ringPath)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("never starts without its ring, with a changed one or with another device's")
    func ringMissing() throws {
        _ = try open().beginRotation()
        let ring = try bytes(ringPath)
        for position in ring.indices {
            var changed = ring
            changed[position] ^= 0x10
            try put(changed, at: ringPath)
            #expect(code { try open() } == .keyUnavailable, "byte \(position)")
        }
        for count in [0, 11, 12, 40, ring.count - 1] {
            try put(ring.prefix(count), at: ringPath)
            #expect(code { try open() } == .keyUnavailable, "\(count) bytes")
        }
        try FileManager.default.removeItem(atPath: ringPath)
        #expect(code { try open() } == .keyUnavailable)
        #expect(!FileManager.default.fileExists(atPath: ringPath))
        let other = directory.path("other")
        _ = try KeyVault.open(keyFile: other).beginRotation()
        try put(bytes("\(other).ring"), at: ringPath)
        #expect(code { try open() } == .keyUnavailable)
        try put(ring, at: ringPath)
        #expect(try open().isRotating)
    }

    @Test("that the disk refuses changes nothing")
    func refused() throws {
        let vault = try open()
        let before = vault.wrappingKeyID
        let key = try vault.makeSubjectKey()
        try FileManager.default.createDirectory(atPath: ringPath, withIntermediateDirectories: false)
        #expect(code { try vault.beginRotation() } == .keyUnavailable)
        #expect(!vault.isRotating && vault.wrappingKeyID == before)
        #expect(try vault.rewrap(key) == key)
        try FileManager.default.removeItem(atPath: ringPath)
        #expect(try vault.beginRotation() != before)
    }
}
