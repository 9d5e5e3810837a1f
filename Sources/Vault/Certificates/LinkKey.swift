import EdgeCore
import Glibc

/// The key of a device's certificate for central: a file of the device's own, or a key that a provider of OpenSSL keeps.
///
/// A provider is loaded for each use and let go again: handshakes are rare, and a TPM that was away is asked anew.
enum LinkKey: Sendable {
    case file(String)
    case provider(ProviderKey)

    /// The public half (SubjectPublicKeyInfo, DER); `nil` where there is no file, or others may know what is in it.
    func publicKey() throws(EdgeError) -> [UInt8]? {
        switch self {
        case .file(let path): return try Self.read(path)?.publicKey()
        case .provider(let key): return try Self.session(key).publicKey
        }
    }

    /// Signs with ECDSA and SHA-256.
    func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8] {
        switch self {
        case .file(let path):
            guard let key = try Self.read(path) else {
                throw EdgeError(.certificateKey, "The key of the device's certificate is gone, or open to others.")
            }
            return try key.sign(message)
        case .provider(let key): return try Self.session(key).sign(message)
        }
    }

    /// A request that the key signs; a file that is not there, or that others may read, gives way to a fresh key.
    func request(for name: String) throws(EdgeError) -> CertificateRequest {
        switch self {
        case .file(let path):
            let known = try Self.read(path)
            let key = if let known { known } else { try SigningKey.make() }
            if known == nil { try Self.put(key, at: path) }
            guard let request = CertificateRequest(name, key: key.handle) else { throw cryptoFault("X509_REQ_sign") }
            return request
        case .provider(let key): return try Self.session(key).request(for: name)
        }
    }

    private static func session(_ key: ProviderKey) throws(EdgeError) -> ProviderSession {
        do throws(EdgeError) { return try ProviderSession(key) } catch {
            guard error.code == .keyUnavailable else { throw error }
            throw EdgeError(.certificateKey, error.detail)
        }
    }

    private static func read(_ path: String) throws(EdgeError) -> SigningKey? {
        guard var bytes = try PrivateBytes.read(path) else { return nil }
        defer { wipe(&bytes) }
        return try SigningKey(pem: bytes)
    }

    private static func put(_ key: SigningKey, at path: String) throws(EdgeError) {
        var pem = try key.pem()
        defer { wipe(&pem) }
        do throws(DiskFault) {
            let draft = try DraftFile(for: path)
            try draft.fill(pem, mode: 0o600)
            try draft.replace()
        } catch {
            throw EdgeError(.certificateKey, "\(path) cannot be \(error.deed): \(error.reason).")
        }
    }
}

/// A file that is worth nothing once others may have read it.
enum PrivateBytes {
    private static let longest = 16 * 1024

    /// Its content; `nil` where there is none, or others can read or own it.
    static func read(_ path: String) throws(EdgeError) -> [UInt8]? {
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_mode & 0o077 == 0,
            facts.st_uid == geteuid(), facts.st_size <= longest
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        let size = bytes.count
        guard retrying({ Glibc.read(descriptor, &bytes, size) }) == size else {
            throw EdgeError(.certificateKey, "\(path) cannot be read.")
        }
        return bytes
    }
}
