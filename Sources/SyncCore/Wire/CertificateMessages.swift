import FoundationEssentials

/// Whether a central instance asks its members for certificates.
public enum CertificatePolicy: String, Sendable, Codable, Hashable, CaseIterable {
    /// Nobody is asked.
    case off
    /// Who shows one is held to it.
    case optional
    /// Nobody is heard without one, but who asks for one.
    case required
}

/// `POST /api/sync/v1/certificate/`: a device asks for a certificate, with its token and without a certificate.
public struct CertificateRequestMessage: Sendable, Equatable, Codable {
    /// The certificate request (PKCS #10) in PEM.
    public var request: String
    /// A signature over ``statement(device:request:)`` by the key that the device joined with, base64: who has the
    /// credentials alone gets no certificate.
    public var proof: String

    /// Puts a message together.
    public init(request: String, proof: String) {
        self.request = request
        self.proof = proof
    }

    /// What the proof signs.
    public static func statement(device: DeviceID, request: String) -> [UInt8] {
        Array("edged certificate v1\n\(device)\n\(request)".utf8)
    }
}

/// The certificate.
public struct CertificateAnswer: Sendable, Equatable, Codable {
    /// The device's certificate in PEM.
    public var certificate: String
    /// The certificate of the authority that signed it, in PEM.
    public var authority: String
    /// Until when it holds, microseconds since 1970.
    public var expiresAt: Int64

    enum CodingKeys: String, CodingKey {
        case certificate, authority
        case expiresAt = "expires_at"
    }

    /// Puts an answer together.
    public init(certificate: String, authority: String, expiresAt: Int64) {
        self.certificate = certificate
        self.authority = authority
        self.expiresAt = expiresAt
    }
}

/// What central signs: these roots, and no others, verify its certificates from now on.
///
/// It travels as a signed note of ``text`` by the name ``signerName``, under the key of ``ProvisionAnswer/centralKey``. The next
/// root is announced beside the present one, and once central shows a certificate of it, alone.
public struct FleetRoots: Sendable, Equatable, Codable {
    /// Grows with each announcement: an older one is not taken again.
    public var serial: UInt64
    /// The certificates in PEM.
    public var certificates: String

    /// Puts an announcement together.
    public init(serial: UInt64, certificates: String) {
        self.serial = serial
        self.certificates = certificates
    }

    /// The name of central's key in the note.
    public static let signerName = "edged-central"

    /// What is signed: a head and the roots as JSON, each a line.
    public var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return Self.head + String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    /// Reads what ``text`` wrote; `nil` for anything else.
    public init?(text: String) {
        guard text.hasPrefix(Self.head) else { return nil }
        let json = Data(text.dropFirst(Self.head.count).utf8)
        guard let roots = try? JSONDecoder().decode(FleetRoots.self, from: json) else { return nil }
        self = roots
    }

    private static let head = "edged roots v1\n"
}
