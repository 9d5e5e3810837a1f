public import EdgeCore
public import FoundationEssentials

/// Certificates by OpenSSL; the vault's own keys have no part in them.
extension KeyVault: CertificateWorks {
    /// A fresh authority with a key on P-256.
    public func makeAuthority(
        named name: String, from start: Date, to end: Date
    ) throws(EdgeError) -> CertificateAuthority {
        let key = try SigningKey.make()
        let certificate = try Certificate.authority(by: key, commonName: name, from: start, to: end)
        return CertificateAuthority(certificate: try certificate.der(), key: Redacted(try key.pem()))
    }

    /// A certificate for the key of a request, which says nothing about the name.
    public func issue(
        _ request: String, to name: String, by authority: CertificateAuthority, from start: Date, to end: Date
    ) throws(EdgeError) -> IssuedCertificate {
        guard request.utf8.count <= Self.longestRequest,
            let request = try CertificateRequest(pem: Array(request.utf8)), let key = request.provenKey
        else {
            throw EdgeError(
                .requestInvalid, "The request is none, or is not signed by its key, or that is not one on P-256.",
                field: "request")
        }
        var pem = authority.key.reveal()
        defer { wipe(&pem) }
        guard let issuer = try Certificate(der: authority.certificate), let signing = try SigningKey(pem: pem),
            issuer.belongs(to: signing)
        else { throw EdgeError(.sealBroken, "The authority's certificate and its key do not belong together.") }
        let certificate = try Certificate.client(
            named: name, key: key, by: issuer, signing: signing, from: start, to: end)
        return IssuedCertificate(
            certificate: try certificate.der(), serial: certificate.serial,
            keyDigest: try SHA256Digest.of(encodedPublicKey(key)))
    }

    /// Looks at a certificate in DER that somebody showed with its key.
    public func examine(
        _ shown: [UInt8], authorities: [[UInt8]], at now: Date
    ) throws(EdgeError) -> CertificateFinding {
        guard let certificate = try Certificate(der: shown) else { return .foreign }
        var trusted: [Certificate] = []
        for der in authorities {
            guard let authority = try Certificate(der: der) else { throw EdgeError(.storeCorrupt) }
            trusted.append(authority)
        }
        return try certificate.examine(authorities: trusted, at: now)
    }

    /// A certificate as PEM.
    public func pem(ofDER der: [UInt8]) throws(EdgeError) -> String {
        guard let certificate = try Certificate(der: der) else { throw EdgeError(.requestInvalid) }
        return String(decoding: try certificate.pem(), as: UTF8.self)
    }

    /// Reads every certificate of a PEM text; `nil` where one of them is none, or there are none.
    public func certificates(inPEM text: String) throws(EdgeError) -> [[UInt8]]? {
        let mark = "-----BEGIN CERTIFICATE-----"
        var found: [[UInt8]] = []
        var rest = text[...]
        while let start = rest.firstRange(of: mark) {
            rest = rest[start.lowerBound...]
            let next = rest[start.upperBound...].firstRange(of: mark)?.lowerBound ?? rest.endIndex
            guard let certificate = try Certificate(pem: Array(rest[..<next].utf8)) else { return nil }
            found.append(try certificate.der())
            rest = rest[next...]
        }
        return found.isEmpty ? nil : found
    }

    /// A request for a key on P-256 is well below a kilobyte.
    private static var longestRequest: Int { 16 * 1024 }
}
