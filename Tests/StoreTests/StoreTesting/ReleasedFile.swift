import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Store
import Vault

/// A file that a released version wrote, with what lay beside it and the key file that it was written under.
struct ReleasedFile {
    let directory: TemporaryDirectory
    let vault: KeyVault

    init(_ version: Int) throws {
        directory = try TemporaryDirectory()
        let source = try Self.fixture(version)
        try FileManager.default.createDirectory(atPath: directory.path("store"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source.appending(path: "key").path, toPath: directory.path("key"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.path("key"))
        for name in ["edged.sqlite", "audit.anchor", "audit.tail"] {
            let file = source.appending(path: name).path
            // Earlier versions kept nothing beside the database.
            guard FileManager.default.fileExists(atPath: file) else { continue }
            try FileManager.default.copyItem(atPath: file, toPath: directory.path("store/\(name)"))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: directory.path("store/\(name)"))
        }
        vault = try KeyVault.open(keyFile: directory.path("key"))
    }

    /// The directory with the file and its key, as they were released.
    static func fixture(_ version: Int) throws -> URL {
        guard let fixtures = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
            throw EdgeError(.internalFault, "The fixtures are not there.")
        }
        return fixtures.appending(path: "schema-\(version)")
    }

    func open() async throws -> EdgeStore {
        try await EdgeStore.open(
            directory: directory.path("store"), sealer: vault, secrets: vault, signer: vault, clock: ManualClock(),
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
