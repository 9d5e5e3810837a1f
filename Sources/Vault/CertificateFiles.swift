import EdgeCore
import FoundationEssentials
import Glibc

/// The two files of a device's own certificate, in a directory that only this user may enter.
struct CertificateFiles {
    let certificatePath: String
    let keyPath: String

    /// Makes the directory when it is not there.
    init(directory: String) throws(EdgeError) {
        certificatePath = "\(directory)/device.crt"
        keyPath = "\(directory)/device.key"
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw Self.failure(DiskFault("given a directory"))
        }
    }

    /// Whether neither file is there.
    var isEmpty: Bool {
        var facts = stat()
        return lstat(certificatePath, &facts) != 0 && lstat(keyPath, &facts) != 0
    }

    /// The certificate; `nil` when it is not there or cannot be read.
    func certificate() throws(EdgeError) -> Certificate? {
        guard let bytes = FileManager.default.contents(atPath: certificatePath) else { return nil }
        return try Certificate(pem: Array(bytes))
    }

    /// The key; `nil` when it is not there or cannot be read, or when others can read or own it and may know it by now.
    func key() throws(EdgeError) -> SigningKey? {
        var facts = stat()
        guard lstat(keyPath, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_mode & 0o077 == 0,
            facts.st_uid == geteuid(), let data = FileManager.default.contents(atPath: keyPath)
        else { return nil }
        var bytes = Array(data)
        defer { wipe(&bytes) }
        return try SigningKey(pem: bytes)
    }

    /// Puts a key there, whole or not at all.
    func put(_ key: SigningKey) throws(EdgeError) {
        var pem = try key.pem()
        defer { wipe(&pem) }
        try put(pem, at: keyPath, mode: 0o600)
    }

    /// Puts a certificate there, whole or not at all.
    func put(_ certificate: Certificate) throws(EdgeError) {
        try put(certificate.pem(), at: certificatePath, mode: 0o644)
    }

    private func put(_ pem: [UInt8], at path: String, mode: mode_t) throws(EdgeError) {
        do throws(DiskFault) {
            let draft = try DraftFile(for: path)
            try draft.fill(pem, mode: mode)
            try draft.replace()
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ fault: DiskFault) -> EdgeError {
        EdgeError(.tlsUnreadable, "The device's certificate cannot be \(fault.deed): \(fault.reason).")
    }
}
