import COpenSSL
import EdgeCore
import Glibc
import Synchronization

/// A library context of its own, so that nothing but what is asked for here ever goes to its providers.
private final class LibraryContext {
    let handle: OpaquePointer
    private var providers: [OpaquePointer] = []
    /// What the provider for TPMs of Debian 12 reads; it does not see the parameter that is meant for this.
    private static let tctiVariable = Mutex("TPM2OPENSSL_TCTI")

    init() throws(EdgeError) {
        guard let handle = OSSL_LIB_CTX_new() else { throw cryptoFault("OSSL_LIB_CTX_new") }
        self.handle = handle
    }

    deinit {
        for provider in providers.reversed() { OSSL_PROVIDER_unload(provider) }
        OSSL_LIB_CTX_free(handle)
    }

    /// Loads a provider; false when it is not installed or does not reach its device.
    ///
    /// The variable is the process's: it stays as it is until the provider has read it.
    func load(_ name: String, tcti: String? = nil) -> Bool {
        Self.tctiVariable.withLock { variable in
            if let tcti { setenv(variable, tcti, 1) }
            guard let provider = OSSL_PROVIDER_load(handle, name) else { return false }
            providers.append(provider)
            return true
        }
    }

    /// The private key at a URI or path; the caller frees it.
    func key(at place: String) -> OpaquePointer? {
        guard let store = OSSL_STORE_open_ex(place, handle, nil, UI_null(), nil, nil, nil, nil) else { return nil }
        defer { OSSL_STORE_close(store) }
        _ = OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY)
        // A store tells its objects one by one; a file has a few at most.
        for _ in 0..<64 where OSSL_STORE_eof(store) == 0 {
            guard let object = OSSL_STORE_load(store) else { continue }
            defer { OSSL_STORE_INFO_free(object) }
            if let key = OSSL_STORE_INFO_get1_PKEY(object) { return key }
        }
        return nil
    }
}

/// A key of a provider, for as long as something is taken out with it.
final class ProviderSession {
    private let context: LibraryContext
    private let handle: OpaquePointer
    private let provider: String
    /// The public half (SubjectPublicKeyInfo, DER).
    let publicKey: [UInt8]

    /// Loads the provider and finds the key.
    ///
    /// Throws `vault.key.unavailable` with what the provider said.
    init(_ wanted: ProviderKey) throws(EdgeError) {
        let context = try LibraryContext()
        // Reads PEM files, and software does what needs no secret.
        guard context.load("default") else { throw cryptoFault("OSSL_PROVIDER_load") }
        ERR_clear_error()
        guard wanted.provider == "default" || context.load(wanted.provider, tcti: wanted.tcti) else {
            throw unavailable("The provider \(wanted.provider) cannot be used")
        }
        guard let key = context.key(at: wanted.key) else {
            throw unavailable("The provider \(wanted.provider) does not find the key \(wanted.key)")
        }
        // A key that OpenSSL read from an ordinary file would be bound to nothing.
        guard let owner = EVP_PKEY_get0_provider(key), let name = OSSL_PROVIDER_get0_name(owner),
            String(cString: name) == wanted.provider
        else {
            EVP_PKEY_free(key)
            throw EdgeError(.keyUnavailable, "The key \(wanted.key) is not one of the provider \(wanted.provider).")
        }
        do throws(EdgeError) {
            publicKey = try encodedPublicKey(key)
        } catch {
            EVP_PKEY_free(key)
            throw error
        }
        self.context = context
        handle = key
        provider = wanted.provider
    }

    deinit { EVP_PKEY_free(handle) }

    /// Takes out what ``EncapsulationKey/encapsulate()`` put in, by the provider.
    ///
    /// Throws `vault.key.unavailable` when the provider cannot, with what it said.
    func decapsulate(_ encapsulation: [UInt8]) throws(EdgeError) -> SecretBytes {
        ERR_clear_error()
        if EVP_PKEY_is_a(handle, "RSA") == 1 { return try decrypted(encapsulation) }
        guard let peer = decodedPublicKey(encapsulation, in: context.handle) else {
            throw EdgeError(.keyUnavailable, "The sealed master keys are damaged.")
        }
        defer { EVP_PKEY_free(peer) }
        guard let secret = agreedSecret(of: handle, with: peer, in: context.handle, by: provider) else {
            throw unavailable("The provider \(provider) cannot take the master keys out")
        }
        return secret
    }

    /// Signs with ECDSA and SHA-256, by the provider.
    ///
    /// Throws `sync.certificate.key` when it cannot, with what it said.
    func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8] {
        ERR_clear_error()
        guard
            let signature = ecdsaSignature(
                of: message, by: handle, in: context.handle, preferring: "?provider=\(provider)")
        else { throw unavailable("The provider \(provider) does not sign", .certificateKey) }
        return signature
    }

    /// A certificate request that the provider signs.
    func request(for name: String) throws(EdgeError) -> CertificateRequest {
        ERR_clear_error()
        guard
            let request = CertificateRequest(
                name, key: handle, in: context.handle, preferring: "?provider=\(provider)")
        else { throw unavailable("The provider \(provider) does not sign a request", .certificateKey) }
        return request
    }

    private func decrypted(_ encapsulation: [UInt8]) throws(EdgeError) -> SecretBytes {
        guard let context = EVP_PKEY_CTX_new_from_pkey(context.handle, handle, "provider=\(provider)"),
            EVP_PKEY_decrypt_init(context) == 1
        else { throw unavailable("The provider \(provider) does not decrypt with this key") }
        defer { EVP_PKEY_CTX_free(context) }
        guard choosesOAEP(context) else {
            throw unavailable(
                "The provider \(provider) does not do RSA-OAEP with SHA-256: use a key on the curve P-256")
        }
        var output = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(handle)))
        defer { wipe(&output) }
        var count = output.count
        guard EVP_PKEY_decrypt(context, &output, &count, encapsulation, encapsulation.count) == 1, count > 0 else {
            throw unavailable("The provider \(provider) cannot take the master keys out")
        }
        return SecretBytes(copying: output[..<count])
    }
}

/// What failed and what the libraries said about it; at most three sayings.
private func unavailable(_ what: String, _ code: ErrorCode = .keyUnavailable) -> EdgeError {
    var sayings: [String] = []
    var data: UnsafePointer<CChar>?
    var flags: CInt = 0
    while true {
        let code = ERR_get_error_all(nil, nil, nil, &data, &flags)
        guard code != 0 else { break }
        var parts = [ERR_reason_error_string(code).map { String(cString: $0) }]
        if flags & ERR_TXT_STRING != 0, let data { parts.append(String(cString: data)) }
        let saying = parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ": ")
        if !saying.isEmpty, !sayings.contains(saying), sayings.count < 3 { sayings.append(saying) }
    }
    return EdgeError(code, what + (sayings.isEmpty ? "." : " (\(sayings.joined(separator: "; ")))."))
}
