import EdgeCore
import Foundation
import Vault

extension DaemonConfiguration {
    /// Where the master keys come from.
    struct Keys: Equatable, Sendable {
        enum Source: String, CaseIterable, Sendable { case auto, credential, provider, file }
        enum Origin: Equatable {
            case credential(String)
            case provider(ProviderKey)
            case file
        }
        var source = Source.auto
        /// The credential that the service manager passed; `nil` when there is none.
        var credential: String?
        /// The credential for the keys of the fleet's database; `nil` when there is none.
        var centralCredential: String?
        /// The key that the master keys are sealed to; `nil` when none is named.
        var provider: ProviderKey?

        /// What `source` comes to here.
        var origin: Origin {
            if let credential, source == .auto || source == .credential { return .credential(credential) }
            if let provider, source == .auto || source == .provider { return .provider(provider) }
            return .file
        }
    }

    mutating func readKeys(_ section: ConfigSection, _ paths: PathResolver, credentials: String?) {
        keys.source = section.choice("source", default: .auto)
        // Named in the unit: LoadCredentialEncrypted=edged.key
        keys.credential = credentials.map { $0 + "/edged.key" }
            .flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
        keys.centralCredential = credentials.map { $0 + "/edged-central.key" }
            .flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
        if keys.source == .credential, keys.credential == nil {
            section.problem("source", "is credential, but the service manager passed no credential edged.key")
        }
        readProvider(section, paths)
        section.finish()
    }

    private mutating func readProvider(_ section: ConfigSection, _ paths: PathResolver) {
        keys.provider = Self.providerKey(section, paths, names: ("provider", "key", "tcti"))
        if keys.provider == nil, keys.source == .provider {
            section.problem("source", "is provider: name it, and its key, in provider and key")
        }
    }

    /// A key that a provider of OpenSSL keeps, as three keys of a table name it.
    static func providerKey(
        _ section: ConfigSection, _ paths: PathResolver, names: (provider: String, key: String, tcti: String)
    ) -> ProviderKey? {
        let tcti = section.text(names.tcti)
        switch (section.text(names.provider), section.text(names.key)) {
        case (let provider?, let key?):
            let place = key.contains(":") ? key : paths.absolute(key)
            let found = ProviderKey(provider: provider, key: place, tcti: tcti)
            if found == nil { section.problem(names.provider, "must be a provider's name, such as tpm2") }
            return found
        case (nil, nil):
            if tcti != nil { section.problem(names.tcti, "is of use with \(names.provider) and \(names.key) only") }
        default: section.problem(names.provider, "give \(names.provider) and \(names.key), or neither")
        }
        return nil
    }
}
