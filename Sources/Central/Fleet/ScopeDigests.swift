import FoundationEssentials
import SyncCore
import Synchronization

/// What all devices of a scope are told alike, kept until the scope changes.
final class ScopeDigests: Sendable {
    struct Digest: Sendable {
        let incarnation: Incarnation
        let newest: UInt64
        /// The root of the scope's tree.
        let root: String
        let tenants: Set<UUID>
    }

    private let known = Mutex<[ScopeID: Digest]>([:])

    /// The digest of a scope whose newest change has this number in this life of the database.
    func digest(
        of scope: ScopeID, newest: UInt64, in incarnation: Incarnation, make: () throws -> Digest
    ) rethrows -> Digest {
        if let digest = known.withLock({ $0[scope] }), digest.newest == newest, digest.incarnation == incarnation {
            return digest
        }
        let fresh = try make()
        known.withLock { $0[scope] = fresh }
        return fresh
    }

    func forget() { known.withLock { $0 = [:] } }
}
