import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("What is removed because its time is over")
struct RetentionTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private let day = Duration.seconds(86_400)

    private func open(
        isSynchronized: Bool = true, _ change: (inout RetentionPolicy) -> Void = { _ in }
    ) async throws -> (EdgeStore, ClientID) {
        var options = StoreOptions()
        options.rotation = fixture.vault
        options.isClockSynchronized = { isSynchronized }
        change(&options.retention)
        let store = try await fixture.open(options: options)
        return (store, try await store.createClient(name: "kiosk").client.id)
    }

    /// Recognised now.
    private func see(_ user: String, of client: ClientID, in store: EdgeStore) async throws {
        let session = fixture.session(.verification, of: client, user: user)
        try await store.begin(session)
        var ended = fixture.outcome(session).session
        let person = try #require(await store.person(externalID: user, of: client))
        ended.matchedPerson = MatchedPerson(id: person.id, externalID: user)
        _ = try await store.finish(SessionOutcome(session: ended, lockout: .clear))
    }

    @Test("who was not seen for as long as people are kept is erased with a receipt, and nobody else")
    func unseen() async throws {
        let (store, client) = try await open { $0.peopleUnseen = .seconds(30 * 86_400) }
        let told = Mutex<[PersonID]>([])
        store.whenErased { id in told.withLock { $0.append(id) } }
        for (number, user) in ["seen", "unseen", "again"].enumerated() {
            try await fixture.enroll(user, of: client, in: store, seed: number)
        }
        _ = try await store.createPerson(PersonDraft(externalID: "never"), of: client)
        let gone = try #require(await store.person(externalID: "unseen", of: client)).id
        fixture.clock.advance(by: day * 20)
        try await see("seen", of: client, in: store)
        try await fixture.enroll("again", of: client, in: store, seed: 7)
        try await store.eraseUnseenPeople()
        #expect(try await store.people(of: client, page: PageRequest()).total == 4)
        fixture.clock.advance(by: day * 10 + .seconds(1))
        // Somebody stands before the device at this moment.
        let open = fixture.session(.enrollment, of: client, user: "never")
        try await store.begin(open)
        try await store.eraseUnseenPeople()
        let left = try await store.people(of: client, limit: 10, offset: 0).map(\.externalID)
        #expect(left == ["again", "never", "seen"])
        let receipts = try await store.erasures(of: client, page: PageRequest()).items
        #expect(receipts.map(\.receipt.person) == [gone] && receipts.map(\.receipt.cause) == [.retention])
        let due = try #require(receipts.first).receipt
        #expect(due.requestedAt == due.erasedAt.addingTimeInterval(-1))
        #expect(told.withLock { $0 } == [gone])
        #expect(try await store.erasureWaitsSince() != nil)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("people are kept where nothing is said, and while no time server sets the clock", arguments: [true, false])
    func kept(isOff: Bool) async throws {
        let (store, client) = try await open(isSynchronized: isOff) { policy in
            policy.peopleUnseen = isOff ? nil : .seconds(86_400)
        }
        try await fixture.enroll("E-1", of: client, in: store)
        fixture.clock.advance(by: day * 4000)
        try await store.eraseUnseenPeople()
        #expect(try await store.peopleCount() == 1)
        #expect(fixture.health.current.contains { $0.code == "retention.waits" } == !isOff)
        await store.close()
    }

    @Test("ended sessions go with the enrollments that came to nothing; those that made templates and open ones stay")
    func sessions() async throws {
        let (store, client) = try await open()
        try await fixture.enroll("E-1", of: client, in: store)
        try await fixture.enroll("E-1", of: client, in: store, seed: 2)
        for _ in 0..<450 {
            let missed = fixture.session(.verification, of: client, user: "E-2")
            try await store.write { [self] db in
                try db.execute(
                    sql: """
                        INSERT INTO sessions (id, client_id, token_digest, kind, session_type, frame_source, created_at,
                            expires_at, state, target_frames, frames_processed, accepted_frames, liveness_verified,
                            completed_at)
                        VALUES (?, ?, randomblob(32), 'verification', 'api', 'upload', 0, 0, 'failed', 3, 0, 0, 0, ?)
                        """, arguments: [missed.id.column, client.column, fixture.clock.wall.column])
            }
        }
        var failed = fixture.session(.enrollment, of: client, user: "E-3")
        try await store.begin(failed)
        failed.state = .failed
        failed.completedAt = fixture.clock.wall
        _ = try await store.finish(SessionOutcome(session: failed))
        let pending = fixture.session(.enrollment, of: client, user: "E-4")
        try await store.begin(pending)
        func count(_ table: String) async throws -> Int {
            try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
        }
        fixture.clock.advance(by: day * 90)
        try await store.dropOldRecords()
        #expect(try await count("sessions") == 454)
        fixture.clock.advance(by: .seconds(1))
        try await store.dropOldRecords()
        #expect(try await count("sessions") == 3)
        #expect(try await count("enrollments") == 3)
        #expect(try await store.person(externalID: "E-1", of: client)?.isEnrolled == true)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("calls, security events, kept answers and old events go at their times, and not before")
    func journals() async throws {
        let (store, client) = try await open { policy in
            policy.usage = .seconds(10 * 86_400)
            policy.securityEvents = .seconds(20 * 86_400)
        }
        try await store.record([
            UsageRecord(
                client: client, category: .recognition, operation: "x", method: "GET", route: "/", status: 200,
                address: nil, userAgent: nil, milliseconds: 1, at: fixture.clock.wall)
        ])
        try await store.report(
            SecurityEventRecord(
                type: .spoofingAttempt, severity: .high, client: client, detailsJSON: "{}",
                createdAt: fixture.clock.wall))
        try await store.keep(
            KeptAnswer(
                requestDigest: [UInt8](repeating: 1, count: 32), externalUserID: nil, status: 201, contentType: nil,
                body: []), for: IdempotencyKey(client: client, operation: "test", text: "key"))
        _ = try await store.createPerson(PersonDraft(externalID: "E-1"), of: client)
        func left() async throws -> [Int] {
            try await store.dropOldRecords()
            return try await store.read { db in
                try ["kept_answers", "usage", "security_events", "webhook_events"].map {
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0
                }
            }
        }
        let all = try await left()
        #expect(all[0...2] == [1, 1, 1])
        fixture.clock.advance(by: day * 2)
        #expect(try await left()[0...2] == [0, 1, 1])
        fixture.clock.advance(by: day * 9)
        #expect(try await left()[0...2] == [0, 0, 1])
        fixture.clock.advance(by: day * 30)
        #expect(try await left() == [0, 0, 0, 0])
        await store.close()
    }

    @Test("nothing goes by a clock that is behind a time on record")
    func suspect() async throws {
        let (store, client) = try await open { $0.peopleUnseen = .seconds(86_400) }
        try await fixture.enroll("E-1", of: client, in: store)
        fixture.clock.advance(by: day * 400)
        _ = try await store.createClient(name: "marks the time")
        fixture.clock.advance(by: .zero - day * 2)
        try await store.dropOldRecords()
        try await store.eraseUnseenPeople()
        #expect(try await store.peopleCount() == 1)
        await store.close()
    }
}
