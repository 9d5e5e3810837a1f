public import EdgeCore

extension FleetDesk {
    /// Whether other processes may be central instances of the same fleet.
    public var isShared: Bool { database.isShared }

    /// Keeps the digests of a member's credentials, so that every central instance of the fleet lets it in.
    public func keepCredentials(
        of client: ClientID, name: String, apiKey: Redacted<String>, apiSecret: Redacted<String>
    ) async throws(EdgeError) {
        let entry = CredentialEntry(
            client: client, name: name,
            keyDigest: try keys.secrets.digest(apiKey.reveal(), purpose: Self.keyPurpose),
            secretDigest: try keys.secrets.digest(apiSecret.reveal(), purpose: Self.secretPurpose))
        try await transaction { transaction in
            try CredentialTable.keep(entry, at: transaction.wall, transaction.db)
        }
    }

    /// Keeps the digest of the one of the two that a member was given anew; the other one stays good.
    public func changeCredentials(
        of client: ClientID, apiKey: Redacted<String>?, apiSecret: Redacted<String>?
    ) async throws(EdgeError) {
        let key = try apiKey.map { text throws(EdgeError) in
            try keys.secrets.digest(text.reveal(), purpose: Self.keyPurpose)
        }
        let secret = try apiSecret.map { text throws(EdgeError) in
            try keys.secrets.digest(text.reveal(), purpose: Self.secretPurpose)
        }
        try await transaction { transaction in
            try CredentialTable.change(client, key: key, secret: secret, transaction.db)
        }
    }

    /// No instance lets a member in any more by what it was given until now.
    public func forgetCredentials(of client: ClientID) async throws(EdgeError) {
        try await transaction { transaction in try CredentialTable.remove(client, transaction.db) }
    }

    /// Whether a client is a member's and the books know no credentials of it.
    public func lacksCredentials(of client: ClientID) async throws(EdgeError) -> Bool {
        try await database.read { db in
            try DeviceTable.find(client: client, db) != nil && !CredentialTable.knows(client, db)
        }
    }

    /// Whose credentials these are; `nil` when they are no member's.
    ///
    /// Takes the same steps for an unknown key as for a wrong secret.
    public func member(
        apiKey: String, apiSecret: Redacted<String>
    ) async throws(EdgeError) -> (client: ClientID, name: String)? {
        let key = try keys.secrets.digest(apiKey, purpose: Self.keyPurpose)
        let secret = try keys.secrets.digest(apiSecret.reveal(), purpose: Self.secretPurpose)
        let known = try await database.read { db in try CredentialTable.find(keyDigest: key, db) }
        let isEqual = keys.secrets.equal(secret, known?.secretDigest ?? [UInt8](repeating: 0, count: secret.count))
        guard let known, isEqual else { return nil }
        return (known.client, known.name)
    }

    private static let keyPurpose = "member api key"
    private static let secretPurpose = "member api secret"
}
