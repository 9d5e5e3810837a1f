import COpenSSL
import EdgeCore
import FoundationEssentials
import Glibc

extension Certificate {
    /// A certificate for a TLS server that its own key signs.
    ///
    /// It says nothing about key usage: OpenSSL takes a certificate for its own issuer only if that is allowed or not
    /// mentioned, and a client that was given this one certificate to trust must be able to check it.
    static func selfSigned(
        by key: SigningKey, commonName: String, names: [CertificateName], from start: Date, to end: Date
    ) throws(EdgeError) -> Certificate {
        let certificate = try Certificate()
        try certificate.number()
        try certificate.limit(from: start, to: end)
        try certificate.name(commonName)
        try certificate.takeIssuer(from: certificate)
        guard X509_set_pubkey(certificate.handle, key.handle) == 1 else { throw cryptoFault("X509_set_pubkey") }
        try certificate.extend(NID_basic_constraints, "critical,CA:FALSE")
        try certificate.extend(NID_ext_key_usage, "serverAuth")
        try certificate.extend(NID_subject_key_identifier, "hash")
        try certificate.extend(NID_subject_alt_name, names.map(\.extensionText).joined(separator: ","))
        try certificate.sign(by: key)
        return certificate
    }

    /// Version 3 and a random serial number: browsers refuse a second certificate under an issuer and number they know.
    func number() throws(EdgeError) {
        var serial = try RandomBytes.array(16)
        // Positive, and the same length always.
        serial[0] = serial[0] & 0x3F | 0x40
        guard X509_set_version(handle, 2) == 1,
            ASN1_STRING_set(X509_get_serialNumber(handle), serial, CInt(serial.count)) == 1
        else { throw cryptoFault("X509_set_version") }
    }

    func limit(from start: Date, to end: Date) throws(EdgeError) {
        guard ASN1_TIME_set(X509_getm_notBefore(handle), time_t(start.timeIntervalSince1970)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(handle), time_t(end.timeIntervalSince1970)) != nil
        else { throw cryptoFault("ASN1_TIME_set") }
    }

    func name(_ commonName: String) throws(EdgeError) {
        // The standard's own limit for a common name.
        let text = Array(commonName.utf8.prefix(64))
        let subject = X509_get_subject_name(handle)
        guard X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, CInt(text.count), -1, 0) == 1 else {
            throw cryptoFault("X509_NAME_add_entry_by_txt")
        }
    }

    /// Names who signs it.
    func takeIssuer(from issuer: Certificate) throws(EdgeError) {
        guard X509_set_issuer_name(handle, X509_get_subject_name(issuer.handle)) == 1 else {
            throw cryptoFault("X509_set_issuer_name")
        }
    }

    func sign(by key: SigningKey) throws(EdgeError) {
        guard X509_sign(handle, key.handle, EVP_sha256()) > 0 else { throw cryptoFault("X509_sign") }
    }

    func extend(_ kind: CInt, _ value: String, issuer: Certificate? = nil) throws(EdgeError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, (issuer ?? self).handle, handle, nil, nil, 0)
        guard let made = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            throw cryptoFault("X509V3_EXT_conf_nid")
        }
        defer { X509_EXTENSION_free(made) }
        guard X509_add_ext(handle, made, -1) == 1 else { throw cryptoFault("X509_add_ext") }
    }
}
