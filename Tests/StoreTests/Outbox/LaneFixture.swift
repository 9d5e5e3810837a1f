import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

/// A store with one client, and words for its lanes.
struct LaneFixture {
    let base: StoreFixture
    let store: EdgeStore
    let client: ClientID

    /// Small lanes where `records` is given.
    init(records: Int64? = nil, hasCentral: Bool = false, auditRefuses: Bool = true) async throws {
        base = try StoreFixture()
        var options = StoreOptions()
        options.outbox = OutboxLimits(hasCentral: hasCentral)
        options.outbox.auditRefuses = auditRefuses
        if let records {
            for lane in Lane.allCases { options.outbox.quotas[lane] = LaneQuota(records: records, bytes: 1 << 30) }
        }
        store = try await base.open(options: options)
        client = try await store.createClient(name: "kiosk").client.id
    }

    func lane(_ lane: Lane) async throws -> LaneStatus {
        try #require(try await store.lanes().first { $0.address.lane == lane })
    }

    func records(_ lane: Lane, after sequence: UInt64 = 0) async throws -> [OutboxRecord] {
        try await store.records(of: lane, after: sequence, limit: 10_000)
    }

    func kinds(_ lane: Lane) async throws -> [String] { try await records(lane).map(\.head.kind) }

    /// The payloads of a lane as JSON objects; an erased one is left out.
    func facts(_ lane: Lane) async throws -> [[String: Any]] {
        try await store.open(records(lane)).compactMap(\.self).map { bytes in
            try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        }
    }

    func verify() async throws -> LaneVerification { try await store.read { try store.verifyLanes($0) } }

    /// Appends an audit line.
    func note(_ action: String = "test", succeeded: Bool = true) async throws {
        try await store.append(AuditRecord(action: action, succeeded: succeeded, at: base.clock.wall))
    }

    func enroll(_ user: String = "E-1", name: String? = nil, seed: Int = 1) async throws -> PersonID {
        try #require(try await base.enroll(user, name: name, of: client, in: store, seed: seed)).person.id
    }
}

extension LaneFixture {
    /// What central sees of a lane: gapless from what it follows, each hash made from the one before.
    func requireChain(_ records: [OutboxRecord], after sequence: UInt64 = 0, _ hash: ChainHash = .start) throws {
        var (sequence, hash) = (sequence, hash)
        for record in records {
            sequence += 1
            #expect(record.head.position.sequence == sequence)
            hash = try #require(ChainHash(base.vault.sha256(record.head.link(after: hash, digest: record.digest))))
            #expect(record.hash == hash)
        }
    }
}
