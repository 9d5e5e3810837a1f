import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Receipts of erasures")
struct ReceiptTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func open(_ change: (inout StoreOptions) -> Void = { _ in }) async throws -> (EdgeStore, ClientID) {
        var options = StoreOptions()
        options.rotation = fixture.vault
        change(&options)
        let store = try await fixture.open(options: options)
        return (store, try await store.createClient(name: "kiosk").client.id)
    }

    @Test("say who was erased, why and what went, and anybody can check them with the public key")
    func signed() async throws {
        let (store, client) = try await open()
        var session = fixture.session(.enrollment, of: client)
        session.consent = ConsentRecord(textVersion: "7")
        try await store.begin(session)
        let person = try #require(await store.finish(fixture.outcome(session, samples: 4))).person.id
        var edit = PersonEdit()
        edit.images[.profile] = .put(PersonImage(mediaType: "image/png", bytes: [1, 2, 3]))
        _ = try await store.changePerson(person, of: client, edit)
        let record = try await store.erasePerson(person, of: client)
        let receipt = try #require(
            try ErasureReceipt.open(record.note, publicKey: fixture.vault.publicKey, PublicProofChecker()))
        #expect(receipt == record.receipt)
        #expect(receipt.person == person && receipt.client == client && receipt.cause == .request)
        #expect(receipt.erasedAt == fixture.clock.wall && receipt.device == store.device)
        #expect(receipt.epoch == store.epoch)
        let counts = receipt.destroyed
        #expect(counts.people == 1 && counts.templates == 4 && counts.pictures == 1 && counts.consents == 1)
        #expect(counts.enrollments == 1 && counts.sessions == 1 && counts.events >= 1)
        #expect(receipt.keyDestructionDue == fixture.clock.wall.addingTimeInterval(86_400))
        // The line of the audit trail that it names is that of the erasure, and names the receipt.
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "person.removed" && line.detailsJSON.contains(receipt.id.description))
        _ = try await store.checkpointAudit()
        #expect(try await store.auditProof(of: receipt.auditLine)?.line.contains(receipt.id.description) == true)
        #expect(try await store.erasureVerifierKey().hasPrefix(ErasureReceipt.signer(device: receipt.device)))
        await store.close()
    }

    @Test("no edited receipt, none of another key and none under a wrong signature is taken for right")
    func forged() async throws {
        let (store, client) = try await open()
        let person = try #require(await fixture.enroll("E-1", of: client, in: store)).person.id
        let note = try await store.erasePerson(person, of: client).note
        let (key, checker) = (fixture.vault.publicKey, PublicProofChecker())
        #expect(try ErasureReceipt.open(note, publicKey: key, checker) != nil)
        let bytes = Array(note.utf8)
        for place in bytes.indices {
            var edited = bytes
            edited[place] ^= 1
            let text = String(decoding: edited, as: UTF8.self)
            let found = try ErasureReceipt.open(text, publicKey: key, checker)
            #expect(found == nil, "byte \(place)")
        }
        for line in note.split(separator: "\n") {
            let cut = note.replacingOccurrences(of: "\(line)\n", with: "")
            #expect(try ErasureReceipt.open(cut, publicKey: key, checker) == nil)
        }
        let other = try StoreFixture()
        #expect(try ErasureReceipt.open(note, publicKey: other.vault.publicKey, checker) == nil)
        await store.close()
    }

    @Test("are completed by a second signed part once the key is destroyed, and not for what was erased meanwhile")
    func completed() async throws {
        let (store, client) = try await open()
        var people: [PersonID] = []
        for number in 1...3 {
            let made = try await fixture.enroll("E-\(number)", of: client, in: store, seed: number)
            people.append(try #require(made).person.id)
        }
        let first = try await store.erasePerson(people[0], of: client).receipt.id
        try await store.rotateKeysWhenDue()
        #expect(try await store.erasure(first, of: client)?.completion == nil)
        fixture.clock.advance(by: .seconds(86_400))
        // Begun, and somebody else erased before it ends: that one waits for the next exchange.
        let stuck = HaltingRotation(fixture.vault)
        await #expect(throws: EdgeError(.keyUnavailable)) { try await store.rotateKeys(stuck) }
        let second = try await store.erasePerson(people[1], of: client).receipt.id
        #expect(try await store.erasure(first, of: client)?.completion == nil)
        _ = try await store.rotateKeys(fixture.vault)
        let done = try #require(await store.erasure(first, of: client))
        #expect(done.keyDestroyedAt == fixture.clock.wall)
        let note2 = try #require(done.completion)
        let (key, checker) = (fixture.vault.publicKey, PublicProofChecker())
        let completion = try #require(
            try ErasureCompletion.open(note2, of: done.note, publicKey: key, checker))
        #expect(completion.id == first && completion.keyDestroyedAt == fixture.clock.wall)
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "keys.rotated")
        let other = try #require(await store.erasure(second, of: client))
        #expect(other.completion == nil)
        // It stands under no other receipt.
        #expect(try ErasureCompletion.open(note2, of: other.note, publicKey: key, checker) == nil)
        _ = try await store.rotateKeys(fixture.vault)
        #expect(try await store.erasure(second, of: client)?.completion != nil)
        let (receipt, part) = ErasureFile.parts(ErasureFile.text(done.note, done.completion))
        #expect(receipt == done.note && part == done.completion)
        await store.close()
    }

    @Test("whose completion a power cut prevented are completed at the next housekeeping")
    func completedLater() async throws {
        let (store, client) = try await open()
        var receipts: [ErasureID] = []
        for user in ["E-1", "E-2"] {
            let person = try #require(await fixture.enroll(user, of: client, in: store)).person.id
            receipts.append(try await store.erasePerson(person, of: client).receipt.id)
        }
        // The second one is refused, and the first with it.
        try await store.write {
            try $0.execute(sql: "CREATE UNIQUE INDEX cut ON erasure_receipts (is_taken) WHERE completion IS NOT NULL")
        }
        await #expect(throws: EdgeError.self) { try await store.rotateKeys(fixture.vault) }
        #expect(!fixture.vault.isRotating)
        try await store.write { try $0.execute(sql: "DROP INDEX cut") }
        for id in receipts { #expect(try await store.erasure(id, of: client)?.completion == nil) }
        try await store.rotateKeysWhenDue()
        for id in receipts { #expect(try await store.erasure(id, of: client)?.completion != nil) }
        await store.close()
    }

    @Test("are found by their own tenant and by the device, in pages, and outlive the client")
    func found() async throws {
        let (store, client) = try await open()
        let other = try await store.createClient(name: "other").client.id
        for number in 1...22 {
            let made = try await fixture.enroll("E-\(number)", of: client, in: store, samples: 1, seed: number)
            _ = try await store.erasePerson(try #require(made).person.id, of: client)
        }
        let page = try await store.erasures(of: client, page: PageRequest())
        #expect(page.total == 22 && page.items.count == PageRequest.size)
        let id = try #require(page.items.first).receipt.id
        #expect(try await store.erasure(id, of: other) == nil)
        #expect(try await store.erasures(of: other, page: PageRequest()).total == 0)
        try await fixture.enroll("E-9", of: client, in: store)
        try await store.deleteClient(client)
        let all = try await store.erasures(of: nil, page: PageRequest())
        #expect(all.total == 23)
        let last = try #require(all.items.first).receipt
        #expect(last.cause == .clientRemoved && last.person == nil)
        #expect(last.destroyed.people == 1 && last.destroyed.templates == 3)
        #expect(try await store.erasure(id, of: nil) != nil)
        await store.close()
    }

    @Test("that was changed in the file is not shown as one")
    func changed() async throws {
        let (store, client) = try await open()
        let person = try #require(await fixture.enroll("E-1", of: client, in: store)).person.id
        let id = try await store.erasePerson(person, of: client).receipt.id
        try await store.write { db in
            try db.execute(sql: "UPDATE erasure_receipts SET receipt = replace(receipt, 'request', 'retention')")
        }
        let error = await #expect(throws: EdgeError.self) { try await store.erasure(id, of: client) }
        #expect(error?.code == .storeCorrupt)
        await store.close()
    }
}

/// Begins and never ends.
private struct HaltingRotation: KeyRotation {
    private let vault: KeyVault
    init(_ vault: KeyVault) { self.vault = vault }
    var isRotating: Bool { vault.isRotating }
    func beginRotation() throws(EdgeError) -> UInt32 { try vault.beginRotation() }
    func finishRotation() throws(EdgeError) -> [UInt32] { throw EdgeError(.keyUnavailable) }
}
