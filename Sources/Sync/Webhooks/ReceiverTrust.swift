public import EdgeCore
import FoundationEssentials
import NIOSSL

/// Whose certificates an HTTPS receiver may show.
public struct ReceiverTrust: Sendable {
    /// `nil` for the system's store.
    let roots: [NIOSSLCertificate]?

    /// Whom the system trusts.
    public static let system = ReceiverTrust(roots: nil)

    private init(roots: [NIOSSLCertificate]?) { self.roots = roots }

    /// The authorities of a file, PEM, and nobody else.
    ///
    /// Throws `configuration.invalid` for a file that cannot be read or holds no certificate.
    public init(file path: String) throws(EdgeError) {
        do {
            let roots = try NIOSSLCertificate.fromPEMFile(path)
            if !roots.isEmpty {
                self.roots = roots
                return
            }
        } catch {
            // Told below.
        }
        throw EdgeError(.configurationInvalid, "webhooks.ca_file cannot be read, or holds no certificate in PEM.")
    }

    /// How a receiver's certificate is checked: chain and name, always.
    var configuration: TLSConfiguration? {
        guard let roots else { return nil }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(roots)
        return tls
    }
}
