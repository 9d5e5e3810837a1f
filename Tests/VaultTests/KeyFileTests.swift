import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite("Key file")
struct KeyFileTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("key")
    }

    @Test("is made at the first start, for this user alone, and leaves no draft behind")
    func made() throws {
        #expect(try KeyVault.open(keyFile: path).source == "file")
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        #expect(facts[.posixPermissions] as? Int == 0o600)
        #expect(facts[.size] as? Int == KeyFile.length)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path) == ["key"])
    }

    @Test("stays as it is at later starts")
    func kept() throws {
        _ = try KeyVault.open(keyFile: path)
        let first = FileManager.default.contents(atPath: path)
        _ = try KeyVault.open(keyFile: path)
        #expect(FileManager.default.contents(atPath: path) == first)
    }

    @Test("of two devices has nothing in common but its form")
    func fresh() throws {
        let keys = try (0..<2).map { _ in try KeyFile.parse(KeyFile.make()) }
        #expect(keys[0].keyEncryptionKey.copy() != keys[1].keyEncryptionKey.copy())
        #expect(keys[0].rootKey.copy() != keys[1].rootKey.copy())
        #expect(keys[0].rootKey.copy() != keys[0].keyEncryptionKey.copy())
        #expect(keys[0].id != keys[1].id)
    }

    @Test("is refused when others may read or write it", arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
    func permissions(mode: Int) throws {
        _ = try KeyVault.open(keyFile: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(code { try KeyVault.open(keyFile: path) } == .keyPermissions)
    }

    @Test("may be read-only")
    func readOnly() throws {
        _ = try KeyVault.open(keyFile: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        #expect(throws: Never.self) { try KeyVault.open(keyFile: path) }
    }

    @Test("is refused with any one byte changed, and never replaced")
    func damaged() throws {
        _ = try KeyVault.open(keyFile: path)
        let content = try #require(FileManager.default.contents(atPath: path))
        for position in content.indices where position != 8 {
            var changed = content
            changed[position] ^= 1
            try replace(changed)
            #expect(code { try KeyVault.open(keyFile: path) } == .keyUnavailable, "byte \(position)")
            #expect(FileManager.default.contents(atPath: path) == changed)
        }
    }

    @Test("is refused when cut off, empty or too long", arguments: [0, 1, 32, 95, 97, 4096])
    func wrongLength(length: Int) throws {
        _ = try KeyVault.open(keyFile: path)
        let content = try #require(FileManager.default.contents(atPath: path))
        try replace((content + Data(count: 5000)).prefix(length))
        #expect(code { try KeyVault.open(keyFile: path) } == .keyUnavailable)
    }

    @Test("of a later format is refused by its number")
    func laterFormat() throws {
        _ = try KeyVault.open(keyFile: path)
        var content = try #require(FileManager.default.contents(atPath: path))
        content[8] = 3
        try replace(content)
        let error = #expect(throws: EdgeError.self) { try KeyVault.open(keyFile: path) }
        #expect(error?.code == .keyUnavailable)
        #expect(error?.detail.contains("format 3") == true)
    }

    @Test("is not followed through a symbolic link, and a directory or a pipe is no key file")
    func notAFile() throws {
        _ = try KeyVault.open(keyFile: path)
        try FileManager.default.createSymbolicLink(atPath: directory.path("link"), withDestinationPath: path)
        #expect(code { try KeyVault.open(keyFile: directory.path("link")) } == .keyUnavailable)
        try FileManager.default.createDirectory(
            atPath: directory.path("folder"), withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700]
        )
        #expect(code { try KeyVault.open(keyFile: directory.path("folder")) } == .keyUnavailable)
        try #require(mkfifo(directory.path("pipe"), 0o600) == 0)
        #expect(code { try KeyVault.open(keyFile: directory.path("pipe")) } == .keyUnavailable)
    }

    @Test("in a directory that is not there is an error that says so")
    func noDirectory() {
        let error = #expect(throws: EdgeError.self) {
            try KeyVault.open(keyFile: directory.path("missing/key"))
        }
        #expect(error?.code == .keyUnavailable)
        #expect(error?.detail.contains("No such file or directory") == true)
    }

    @Test("made by several starts at once is one and the same for all")
    func race() async throws {
        let path = path
        let digests = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<16 {
                group.addTask { try KeyVault.open(keyFile: path).digest("x", purpose: "y") }
            }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(digests.count == 1)
    }

    private func replace(_ content: Data) throws {
        try content.write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
}
