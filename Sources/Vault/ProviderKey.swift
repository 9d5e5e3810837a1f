/// A key that a provider of OpenSSL keeps: in a TPM, in a token, or in a file.
public struct ProviderKey: Sendable, Hashable {
    /// The provider's name, for example `tpm2`.
    public let provider: String
    /// The key's URI or the absolute path of its PEM file.
    public let key: String
    /// How the TPM is reached, in the words of tpm2-tss; `nil` for that library's own choice.
    public let tcti: String?

    /// Names a key; `nil` for a provider whose name is more than letters, digits and underscores.
    ///
    /// OpenSSL takes a name with a slash for the path of a module, and looks names up in queries of its own syntax.
    public init?(provider: String, key: String, tcti: String? = nil) {
        let isPlain = provider.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
        }
        guard isPlain, !provider.isEmpty, !key.isEmpty else { return nil }
        self.provider = provider
        self.key = key
        self.tcti = tcti
    }

    /// What the master keys are bound to when they are sealed to this key.
    public var binding: KeyBinding {
        switch provider {
        case "tpm2": .tpm2
        // OpenSSL's own: a key of theirs lies in an ordinary file.
        case "default", "base", "fips", "legacy": .none
        default: .provider
        }
    }
}

/// What somebody needs besides the disk to have the master keys.
public enum KeyBinding: String, Sendable {
    /// This machine's TPM.
    case tpm2
    /// What the service manager seals its credentials to.
    case credential
    /// A provider that is not OpenSSL's own, for example a token.
    case provider
    /// Nothing.
    case none
}
