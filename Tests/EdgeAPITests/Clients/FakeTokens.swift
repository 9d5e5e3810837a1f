import EdgeCore
import FoundationEssentials
import Synchronization

/// Families of tokens in memory, by the rules of the real store.
final class FakeTokens: TokenRepository {
    private struct State {
        var current: [TokenFamilyID: String] = [:]
        var revoked: Set<TokenFamilyID> = []
        var logIns: [ClientID?] = []
    }

    private let state = Mutex(State())

    /// Whose log-ins were recorded.
    var logIns: [ClientID?] { state.withLock { $0.logIns } }

    func beginFamily(_ family: TokenFamily, refreshID: String) async throws(EdgeError) {
        state.withLock { state in
            state.current[family.id] = refreshID
            state.logIns.append(family.client)
        }
    }

    func rotate(_ family: TokenFamily, from present: String, to next: String) async throws(EdgeError) {
        let isRotated = state.withLock { state in
            guard !state.revoked.contains(family.id), let current = state.current[family.id] else { return false }
            guard current == present else {
                state.revoked.insert(family.id)
                return false
            }
            state.current[family.id] = next
            return true
        }
        guard isRotated else { throw EdgeError(.credentialsRevoked) }
    }

    func isCurrent(_ family: TokenFamilyID, refreshID: String) async throws(EdgeError) -> Bool {
        state.withLock { $0.current[family] == refreshID && !$0.revoked.contains(family) }
    }

    func revokeFamily(_ family: TokenFamily) async throws(EdgeError) {
        state.withLock { _ = $0.revoked.insert(family.id) }
    }

    func isRevoked(_ family: TokenFamilyID) async throws(EdgeError) -> Bool {
        state.withLock { $0.revoked.contains(family) }
    }
}

/// Answers in memory.
final class FakeReplays: IdempotencyRepository {
    private let answers = Mutex<[IdempotencyKey: KeptAnswer]>([:])

    /// Everything that is kept.
    var kept: [KeptAnswer] { answers.withLock { Array($0.values) } }

    func keptAnswer(_ key: IdempotencyKey) async throws(EdgeError) -> KeptAnswer? { answers.withLock { $0[key] } }

    func keep(_ answer: KeptAnswer, for key: IdempotencyKey) async throws(EdgeError) {
        answers.withLock { if $0[key] == nil { $0[key] = answer } }
    }
}

/// An audit trail in memory.
final class FakeAudit: AuditTrail {
    private let state = Mutex<[(record: AuditRecord, origin: RequestOrigin?)]>([])

    /// All lines, oldest first.
    var lines: [AuditRecord] { state.withLock { $0.map(\.record) } }
    /// From where each line came.
    var origins: [RequestOrigin?] { state.withLock { $0.map(\.origin) } }

    func append(_ record: AuditRecord) async throws(EdgeError) {
        state.withLock { $0.append((record, RequestOrigin.current)) }
    }

    func newest(_ limit: Int) async throws(EdgeError) -> [AuditRecord] { lines.reversed().prefix(limit).map { $0 } }
}
