import EdgeCore
import FoundationEssentials

/// All clients in memory.
///
/// The store is the file's only owner and changes the cache with each commit, so the two never differ.
struct ClientCache: Sendable {
    /// How much of a client's activity may be missing after a crash.
    static let activityInterval = Duration.seconds(300)

    private var clients: [ClientID: KnownClient] = [:]
    private var idOfKey: [[UInt8]: ClientID] = [:]

    /// Takes all of them.
    init(_ known: [KnownClient]) { for client in known { put(client) } }

    /// Oldest first.
    var all: [KnownClient] { clients.values.sorted { $0.key < $1.key } }

    subscript(id: ClientID) -> KnownClient? { clients[id] }

    /// The client of a key's digest, active or not.
    subscript(keyDigest digest: [UInt8]) -> KnownClient? { idOfKey[digest].flatMap { clients[$0] } }

    /// Adds a client, or puts it in place of what was known; its last activity stays the later one.
    mutating func put(_ client: KnownClient) {
        var client = client
        if let old = clients[client.record.id] {
            idOfKey[old.keyDigest] = nil
            if let seen = old.record.lastActivityAt {
                client.record.lastActivityAt = max(seen, client.record.lastActivityAt ?? seen)
            }
        }
        clients[client.record.id] = client
        idOfKey[client.keyDigest] = client.record.id
    }

    mutating func remove(_ id: ClientID) {
        guard let old = clients.removeValue(forKey: id) else { return }
        idOfKey[old.keyDigest] = nil
    }

    /// Notes that a client was here; whether it is time to write that down.
    mutating func noteActivity(of id: ClientID, at now: Date) -> Bool {
        guard let client = clients[id] else { return false }
        clients[id]?.record.lastActivityAt = now
        if let recorded = client.recordedActivity, now < recorded.advanced(by: Self.activityInterval), now >= recorded {
            return false
        }
        clients[id]?.recordedActivity = now
        return true
    }
}
