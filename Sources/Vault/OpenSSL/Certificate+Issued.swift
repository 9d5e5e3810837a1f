import COpenSSL
import EdgeCore
import FoundationEssentials
import Glibc

extension Certificate {
    /// The certificate of an authority over those of devices; nobody below it may be one.
    static func authority(
        by key: SigningKey, commonName: String, from start: Date, to end: Date
    ) throws(EdgeError) -> Certificate {
        let certificate = try Certificate()
        try certificate.number()
        try certificate.limit(from: start, to: end)
        try certificate.name(commonName)
        try certificate.takeIssuer(from: certificate)
        guard X509_set_pubkey(certificate.handle, key.handle) == 1 else { throw cryptoFault("X509_set_pubkey") }
        try certificate.extend(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        try certificate.extend(NID_key_usage, "critical,keyCertSign")
        try certificate.extend(NID_subject_key_identifier, "hash")
        try certificate.sign(by: key)
        return certificate
    }

    /// A certificate with which a client shows who it is.
    static func client(
        named name: String, key: OpaquePointer, by authority: Certificate, signing: SigningKey, from start: Date,
        to end: Date
    ) throws(EdgeError) -> Certificate {
        let certificate = try Certificate()
        try certificate.number()
        try certificate.limit(from: start, to: end)
        try certificate.name(name)
        try certificate.takeIssuer(from: authority)
        guard X509_set_pubkey(certificate.handle, key) == 1 else { throw cryptoFault("X509_set_pubkey") }
        try certificate.extend(NID_basic_constraints, "critical,CA:FALSE")
        try certificate.extend(NID_key_usage, "critical,digitalSignature")
        try certificate.extend(NID_ext_key_usage, "clientAuth")
        try certificate.extend(NID_subject_key_identifier, "hash")
        try certificate.extend(NID_authority_key_identifier, "keyid:always", issuer: authority)
        try certificate.sign(by: signing)
        return certificate
    }

    /// Looks whether one of the authorities signed it as a client's, and whether it holds at `now`.
    func examine(authorities: [Certificate], at now: Date) throws(EdgeError) -> CertificateFinding {
        defer { ERR_clear_error() }
        guard let store = X509_STORE_new() else { throw cryptoFault("X509_STORE_new") }
        defer { X509_STORE_free(store) }
        for authority in authorities where X509_STORE_add_cert(store, authority.handle) != 1 {
            throw cryptoFault("X509_STORE_add_cert")
        }
        guard let context = X509_STORE_CTX_new() else { throw cryptoFault("X509_STORE_CTX_new") }
        defer { X509_STORE_CTX_free(context) }
        guard X509_STORE_CTX_init(context, store, handle, nil) == 1,
            X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT) == 1
        else { throw cryptoFault("X509_STORE_CTX_init") }
        let parameters = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_time(parameters, time_t(now.timeIntervalSince1970))
        guard X509_verify_cert(context) == 1 else {
            return switch X509_STORE_CTX_get_error(context) {
            case X509_V_ERR_CERT_HAS_EXPIRED: .ended
            case X509_V_ERR_CERT_NOT_YET_VALID: .early
            default: .foreign
            }
        }
        guard let commonName else { return .foreign }
        return .good(name: commonName, serial: serial)
    }
}
