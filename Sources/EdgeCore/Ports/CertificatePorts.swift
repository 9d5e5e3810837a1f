public import FoundationEssentials

/// Makes the certificates of devices and looks at those that are shown.
///
/// `Vault` provides it; it keeps nothing.
public protocol CertificateWorks: Sendable {
    /// A fresh authority that signs the certificates of devices, and nothing else.
    func makeAuthority(named name: String, from start: Date, to end: Date) throws(EdgeError) -> CertificateAuthority
    /// A certificate for the key of a request, whatever name that bears.
    ///
    /// Throws `request.invalid` for a request that cannot be read, that its key did not sign, or whose key is not on P-256.
    func issue(
        _ request: String, to name: String, by authority: CertificateAuthority, from start: Date, to end: Date
    ) throws(EdgeError) -> IssuedCertificate
    /// Looks at a certificate in DER that somebody showed with its key.
    func examine(_ shown: [UInt8], authorities: [[UInt8]], at now: Date) throws(EdgeError) -> CertificateFinding
    /// A certificate as PEM.
    func pem(ofDER der: [UInt8]) throws(EdgeError) -> String
    /// Reads every certificate of a PEM text; `nil` where there is something else, or none.
    func certificates(inPEM text: String) throws(EdgeError) -> [[UInt8]]?
}

/// A certificate that signs others, and its key.
public struct CertificateAuthority: Sendable {
    /// The certificate in DER.
    public let certificate: [UInt8]
    /// The private key as PKCS #8 in PEM.
    public let key: Redacted<[UInt8]>

    /// Puts an authority together.
    public init(certificate: [UInt8], key: Redacted<[UInt8]>) {
        self.certificate = certificate
        self.key = key
    }
}

/// A certificate that was made.
public struct IssuedCertificate: Sendable, Equatable {
    /// The certificate in DER.
    public let certificate: [UInt8]
    /// Its serial number.
    public let serial: [UInt8]
    /// SHA-256 of its public key.
    public let keyDigest: [UInt8]

    /// Puts what was made together.
    public init(certificate: [UInt8], serial: [UInt8], keyDigest: [UInt8]) {
        self.certificate = certificate
        self.serial = serial
        self.keyDigest = keyDigest
    }
}

/// What a certificate that was shown is worth.
public enum CertificateFinding: Sendable, Equatable {
    /// One of the authorities signed it for this name, and it holds now.
    case good(name: String, serial: [UInt8])
    /// One of the authorities signed it, and its time is over.
    case ended
    /// One of the authorities signed it, and its time has not begun.
    case early
    /// Nobody of them signed it as a client's.
    case foreign
}

/// The certificate that a device shows to central, and its key.
///
/// `Vault` provides it over two files, or over one and a key that a provider of OpenSSL keeps. Its methods block.
public protocol LinkIdentity: Sendable {
    /// The certificate; `nil` where there is none.
    func present() throws(EdgeError) -> LinkCertificate?
    /// A certificate request, PEM, that the device's key signs; where the key is a file and there is none, it is made.
    ///
    /// Throws `sync.certificate.key`.
    func request(for name: String) throws(EdgeError) -> String
    /// Puts a certificate in place of the one before it, whole or not at all.
    ///
    /// Throws `sync.certificate.refused` for one that is not of the device's key.
    func install(_ pem: String) throws(EdgeError) -> LinkCertificate
    /// Signs what a handshake asks for: ECDSA on P-256 with SHA-256, as DER.
    ///
    /// Throws `sync.certificate.key`.
    func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8]
    /// Takes the certificate away; the key stays.
    func remove() throws(EdgeError)
}

/// A device's certificate for central.
public struct LinkCertificate: Sendable, Equatable {
    /// The certificate as PEM.
    public let pem: String
    /// Its serial number, hexadecimal digits.
    public let serial: String
    /// From when on it holds.
    public let start: Date
    /// Until when it holds.
    public let end: Date
    /// Whether the key that is here now is its key.
    public let fitsKey: Bool

    /// Describes a certificate.
    public init(pem: String, serial: String, start: Date, end: Date, fitsKey: Bool) {
        self.pem = pem
        self.serial = serial
        self.start = start
        self.end = end
        self.fitsKey = fitsKey
    }

    /// When another one is asked for: after two thirds of its life.
    public var renewal: Date { start.addingTimeInterval(end.timeIntervalSince(start) * 2 / 3) }
    /// From when on somebody has to look why there is no other one yet.
    public var alarm: Date { start.addingTimeInterval(end.timeIntervalSince(start) * 5 / 6) }
}
