import EdgeCore
import FoundationEssentials
import NIOSSL

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A certificate chain and its private key as two PEM files.
struct PEMFiles: Sendable {
    let certificate: String
    let key: String
    /// Whose certificates clients are asked for, DER; nobody is asked where there are none.
    var clientAuthorities: [[UInt8]] = []

    /// What tells that a file is another one than before.
    struct Stamp: Equatable, Sendable {
        private let device: UInt64
        private let inode: UInt64
        private let size: Int64
        private let changes: [Int]

        /// `nil` when there is no such file.
        init?(_ path: String) {
            var facts = stat()
            guard stat(path, &facts) == 0 else { return nil }
            device = UInt64(facts.st_dev)
            inode = UInt64(facts.st_ino)
            size = Int64(facts.st_size)
            // The time of the last change of rights counts too: a file may have become readable.
            changes = [facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec]
        }
    }

    /// The state of both files.
    func stamps() -> [Stamp?] { [Stamp(certificate), Stamp(key)] }

    /// Reads and checks both.
    ///
    /// Throws `http.tls.unreadable`, which names the file and never quotes it.
    func load() throws(EdgeError) -> ServedCertificate {
        let chain: [NIOSSLCertificate]
        let der: [UInt8]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(try bytes(of: certificate))
            guard let leaf = chain.first else { throw Self.fault("\(certificate) holds no certificate.") }
            der = try leaf.toDERBytes()
        } catch let error as EdgeError {
            throw error
        } catch {
            throw Self.fault("\(certificate) is not a certificate in PEM.")
        }
        let privateKey: NIOSSLPrivateKey
        let keyBytes = try bytes(of: key)
        do { privateKey = try NIOSSLPrivateKey(bytes: keyBytes, format: .pem) } catch {
            throw Self.fault("\(key) is not an unencrypted private key in PEM.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = Self.cipherSuites
        configuration.applicationProtocols = ["http/1.1"]
        try askClients(&configuration)
        do { return ServedCertificate(context: try NIOSSLContext(configuration: configuration), der: der) } catch {
            throw Self.fault("\(certificate) and \(key) do not belong together.")
        }
    }

    /// Names whose certificates are wanted, so that a browser offers its owner no others.
    private func askClients(_ configuration: inout TLSConfiguration) throws(EdgeError) {
        guard !clientAuthorities.isEmpty else { return }
        do {
            configuration.trustRoots = .certificates(
                try clientAuthorities.map { try NIOSSLCertificate(bytes: $0, format: .der) })
        } catch {
            throw Self.fault("The certificate of the authority over devices' certificates cannot be read.")
        }
        configuration.certificateVerification = .optionalVerification
        configuration.sendCANameList = true
    }

    /// For TLS 1.2: forward secrecy and authenticated encryption only, as TLS 1.3 has them anyway.
    private static let cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"

    /// The largest file that is read; a chain is a few kilobytes.
    private static let maximumBytes = 256 * 1024

    private func bytes(of path: String) throws(EdgeError) -> [UInt8] {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            throw Self.fault("\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        guard facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= Self.maximumBytes else {
            throw Self.fault("\(path) is not a PEM file.")
        }
        guard path != key || facts.st_mode & 0o007 == 0 else {
            throw Self.fault("\(path) is open to every user of this machine, so the key is no secret.")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Self.fault("\(path) cannot be read by the daemon.")
        }
        return Array(data)
    }

    private static func fault(_ detail: String) -> EdgeError { EdgeError(.tlsUnreadable, detail) }
}

/// What new connections are served with.
struct ServedCertificate: Sendable {
    let context: NIOSSLContext
    /// The first certificate of the chain.
    let der: [UInt8]
}
