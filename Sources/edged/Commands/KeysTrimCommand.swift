import ArgumentParser
import EdgeCore
import Foundation
import Vault

extension KeysCommand {
    /// `edged keys trim`.
    struct Trim: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the first key-encryption key out of a credential, from standard input to standard output.",
            discussion: """
                For a credential that was made before the keys were exchanged the first time (condition vault.key.kept). Run \
                edged keys rotate before: a device with the new credential starts with its key ring only.
                """)

        func run() async throws {
            do throws(EdgeError) {
                // More than there should be, so that what is too long is refused.
                var content = Array((try? FileHandle.standardInput.read(upToCount: 4096)) ?? Data())
                defer { Self.wipe(&content) }
                var trimmed = try KeyVault.withoutKeyEncryptionKey(content)
                defer { Self.wipe(&trimmed) }
                Output.bytes(trimmed)
            } catch {
                Output.tell(error, asJSON: false)
                throw ExitStatus.of(error)
            }
        }

        private static func wipe(_ bytes: inout [UInt8]) {
            for place in bytes.indices { bytes[place] = 0 }
        }
    }
}
