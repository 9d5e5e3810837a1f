import EdgeCore
import FoundationEssentials
import GRDB

/// What travels of a client's secrets; on disk only sealed, under the client's key.
struct ClientVerifiers: Codable, Sendable, Equatable {
    /// 64 hexadecimal digits; `nil` while the key was not shown since the client was made by an earlier version.
    var key: String?
    var secret: String?

    /// The same with those of another that are there.
    func replaced(by other: ClientVerifiers) -> ClientVerifiers {
        ClientVerifiers(key: other.key ?? key, secret: other.secret ?? secret)
    }

    init(key: String? = nil, secret: String? = nil) {
        self.key = key
        self.secret = secret
    }

    /// `nil` for a client that has none.
    init?(_ row: Row, _ sealer: any Sealer) throws {
        guard let key = row["subject_key"] as Data?, let sealed = row["verifiers"] as Data? else { return nil }
        let bytes = try sealer.open(
            Array(sealed), subjectKey: Array(key), context: SealPlace.verifiers(of: try row.id("id")))
        self = try JSONText.read(ClientVerifiers.self, from: bytes)
    }

    func sealed(for client: ClientID, subjectKey: [UInt8], _ sealer: any Sealer) throws -> [UInt8] {
        try sealer.seal(JSONText.bytes(self), subjectKey: subjectKey, context: SealPlace.verifiers(of: client))
    }
}

/// What is stored of secrets.
struct StoredSecrets {
    var digests: [ClientSecret: Data] = [:]
    var verifiers = ClientVerifiers()
}

extension SealPlace {
    static func verifiers(of client: ClientID) -> SealContext {
        SealContext(kind: "client verifiers", client: client, row: client.place, version: 1)
    }
}
