import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import SyncCore

/// What clients show and what is kept of it.
///
/// A verifier is made of the secret alone, and may travel; the digest that is compared is made of the verifier under this
/// device's own key. Clients of earlier versions have a digest of the secret itself until they show it again.
extension EdgeStore {
    /// The digests that a shown secret may be compared with.
    struct ShownDigests {
        /// Of the verifier.
        let present: [UInt8]
        /// Of the secret itself.
        let former: [UInt8]
    }

    func digests(of text: String, as secret: ClientSecret) throws(EdgeError) -> ShownDigests {
        ShownDigests(
            present: try digest(ofVerifier: verifier(of: text, as: secret), secret),
            former: try secrets.digest(text, purpose: secret.purpose))
    }

    func verifier(of text: String, as secret: ClientSecret) throws(EdgeError) -> String {
        HexText.encode(try signer.sha256(ClientVerifier.message(purpose: secret.rawValue, secret: text)))
    }

    func digest(ofVerifier verifier: String, _ secret: ClientSecret) throws(EdgeError) -> [UInt8] {
        try secrets.digest(verifier, purpose: "\(secret.purpose).verifier")
    }

    /// The client of an API key, active or not.
    func known(apiKey: String) throws(EdgeError) -> KnownClient? {
        let digests = try digests(of: apiKey, as: .apiKey)
        return try cached { $0[keyDigest: digests.present] ?? $0[keyDigest: digests.former] }
    }

    /// What is stored of secrets.
    func stored(_ made: [ClientSecret: Redacted<String>]) throws(EdgeError) -> StoredSecrets {
        var stored = StoredSecrets()
        for (secret, text) in made {
            switch secret {
            case .apiKey: stored.verifiers.key = try verifier(of: text.reveal(), as: secret)
            case .apiSecret: stored.verifiers.secret = try verifier(of: text.reveal(), as: secret)
            case .webhookSecret:
                stored.digests[secret] = try Data(secrets.digest(text.reveal(), purpose: secret.purpose))
            }
        }
        try stored.take(stored.verifiers, self)
        return stored
    }

    /// Keeps what travels of a client's secrets, in the caller's transaction.
    func keep(_ verifiers: ClientVerifiers, of known: KnownClient, _ db: Database) throws {
        let id = known.record.id
        let key = try known.subjectKey.map { try sealer.rewrap($0) } ?? sealer.makeSubjectKey()
        try db.execute(
            sql: "UPDATE clients SET verifiers = ?, subject_key = ? WHERE id = ?",
            arguments: [Data(try verifiers.sealed(for: id, subjectKey: key, sealer)), Data(key), id.column])
    }

    /// A client of an earlier version showed its secrets: from now on its credentials can be told to a fleet.
    func learnVerifiers(of known: KnownClient, from claim: ClientClaim) async {
        guard known.home == .here, known.record.travels, known.verifiers?.key == nil || known.verifiers?.secret == nil,
            case .apiKey(let key) = claim.name
        else { return }
        do throws(EdgeError) {
            let shown = try stored([.apiKey: Redacted(key), .apiSecret: Redacted(claim.apiSecret)])
            try await write { [self] db in
                let id = known.record.id
                // Whoever made new secrets meanwhile knows better.
                guard let present = try cached({ $0[id] }), present.keyDigest == known.keyDigest,
                    present.secretDigest == known.secretDigest
                else { return }
                try keep(shown.verifiers, of: present, db)
                try db.execute(
                    sql: "UPDATE clients SET key_digest = ?, secret_digest = ? WHERE id = ?",
                    arguments: [shown.digests[.apiKey], shown.digests[.apiSecret], id.column])
                try tellClient(id, db)
                _ = try remember(id, db)
            }
        } catch {
            log.warning("a client's verifiers were not kept", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}

extension StoredSecrets {
    /// The digests of verifiers, under the device's own key.
    mutating func take(_ verifiers: ClientVerifiers, _ store: EdgeStore) throws(EdgeError) {
        self.verifiers = verifiers
        if let key = verifiers.key { digests[.apiKey] = try Data(store.digest(ofVerifier: key, .apiKey)) }
        guard let secret = verifiers.secret else { return }
        digests[.apiSecret] = try Data(store.digest(ofVerifier: secret, .apiSecret))
    }
}
