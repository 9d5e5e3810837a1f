import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("All or nothing")
struct AtomicityTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("an enrollment that fails at any step leaves nothing behind and can be repeated")
    func enrollment() async throws {
        let vault = FailingVault(fixture.vault)
        let store = try await fixture.open(sealer: vault, secrets: vault)
        let client = try await store.createClient(name: "kiosk").client.id
        let session = fixture.session(.enrollment, of: client)
        try await store.begin(session)
        let steps = try await failures(vault, in: store) {
            _ = try await store.finish(fixture.outcome(session))
        }
        // The claimed id, a key, the person, three templates, the line, the chain's end, and of each of two events the
        // id, a key and the data; of the records for central the three templates opened, what is sealed of one and of
        // two, and how the lanes stand after each of four.
        #expect(steps == 24)
        #expect(try await store.peopleCount() == 1)
        await store.close()
    }

    @Test("a second enrollment that fails at any step leaves the first one whole")
    func reEnrollment() async throws {
        let vault = FailingVault(fixture.vault)
        let store = try await fixture.open(sealer: vault, secrets: vault)
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store, seed: 1)
        let session = fixture.session(.enrollment, of: client)
        try await store.begin(session)
        let steps = try await failures(vault, in: store) {
            _ = try await store.finish(fixture.outcome(session, seed: 2))
        }
        #expect(steps >= 7)
        #expect(try await store.gallery().first?.templates.first == fixture.template(seed: 200))
        await store.close()
    }

    @Test("a miss, a removal, a client and a new session are one step each")
    func others() async throws {
        let vault = FailingVault(fixture.vault)
        let store = try await fixture.open(sealer: vault, secrets: vault)
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        let session = fixture.session(.verification, of: client)
        #expect(try await failures(vault, in: store) { try await store.begin(session) } >= 5)
        #expect(try await failures(vault, in: store) { _ = try await store.finish(fixture.miss(session)) } >= 3)
        let removal = try await failures(vault, in: store) {
            _ = try await store.removePerson(externalID: "E-1", of: client)
        }
        #expect(removal >= 3)
        #expect(try await failures(vault, in: store) { _ = try await store.createClient(name: "door") } >= 6)
        await store.close()
    }

    /// Lets `deed` fail at its first use of the keys, then at its second, … until it succeeds.
    ///
    /// Each failure must leave the database as it was. Returns at how many uses it failed.
    private func failures(
        _ vault: FailingVault, in store: EdgeStore, _ deed: () async throws -> Void
    ) async throws -> Int {
        let before = try await content(of: store)
        for uses in 0..<50 {
            vault.fail(after: uses)
            do {
                try await deed()
                vault.fail(after: nil)
                #expect(try await store.verifyAuditChain().firstBroken == nil)
                return uses
            } catch let error as EdgeError {
                vault.fail(after: nil)
                #expect(error.code == .keyUnavailable)
                #expect(try await content(of: store) == before, "failed at use \(uses + 1)")
            }
        }
        return 50
    }

    /// Every row of every table.
    private func content(of store: EdgeStore) async throws -> [String] {
        try await store.read { db in
            let tables = try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
            return try tables.flatMap { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { row in
                    "\(table): \(row.databaseValues.map { "\($0.storage.value ?? "NULL")" })"
                        + row.databaseValues.compactMap { Data.fromDatabaseValue($0)?.base64EncodedString() }.joined()
                }
            }
        }
    }
}
