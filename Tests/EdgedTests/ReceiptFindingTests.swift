import EdgeCore
import EdgeTesting
import Foundation
import Recognition
import Store
import Testing
import Vault

@testable import edged

@Suite("A receipt kept in a file")
struct ReceiptFindingTests {
    private let device = [UInt8](repeating: 0xAB, count: 16)

    private func receipt() -> ErasureReceipt {
        ErasureReceipt(
            id: ErasureID(), device: device, epoch: [UInt8](repeating: 1, count: 16), client: ClientID(),
            person: PersonID(), cause: .retention, requestedAt: Date(timeIntervalSince1970: 1_700_000_000),
            erasedAt: Date(timeIntervalSince1970: 1_700_000_060), destroyed: ErasureCounts(people: 1, templates: 3),
            auditLine: 77, keyDestructionDue: Date(timeIntervalSince1970: 1_700_086_400))
    }

    @Test("is right with the device's key and nothing else, with and without its second part")
    func right() throws {
        let directory = try TemporaryDirectory()
        let vault = try KeyVault.open(keyFile: directory.path("key"))
        let key = try SignedNote.verifierKey(
            ErasureReceipt.signer(device: device), publicKey: vault.publicKey, vault)
        let receipt = receipt()
        let note = try receipt.signed(by: vault)
        let alone = try ReceiptFinding(note, key: key)
        #expect(alone.isRight && alone.receipt == receipt.id.description && alone.keyDestroyedAt == nil)
        #expect(alone.person == receipt.person?.description && alone.keyDestructionDue == receipt.keyDestructionDue)
        let moment = Date(timeIntervalSince1970: 1_700_050_000)
        let completion = try ErasureCompletion(
            id: receipt.id, device: device, receiptDigest: vault.sha256(Array(note.utf8)), keyDestroyedAt: moment,
            auditLine: 80
        ).signed(by: vault)
        let whole = ErasureFile.text(note, completion)
        #expect(try ReceiptFinding(whole, key: key).keyDestroyedAt == moment)
        // Neither part of another receipt, nor a text that was touched.
        let other = try self.receipt().signed(by: vault)
        #expect(try !ReceiptFinding(ErasureFile.text(other, completion), key: key).isRight)
        let edited = whole.replacingOccurrences(of: "templates: 3", with: "templates: 4")
        #expect(edited != whole)
        #expect(try !ReceiptFinding(edited, key: key).isRight)
        #expect(try !ReceiptFinding("hello", key: key).isRight)
        let stranger = try KeyVault.open(keyFile: directory.path("other"))
        let theirs = try SignedNote.verifierKey(
            ErasureReceipt.signer(device: device), publicKey: stranger.publicKey, stranger)
        #expect(try !ReceiptFinding(whole, key: theirs).isRight)
        #expect(throws: EdgeError.self) { try ReceiptFinding(whole, key: "no key") }
    }

    @Test("retention and consent are read with their units, and have defaults that keep people and bound the rest")
    func configuration() throws {
        func read(_ text: String) throws -> DaemonConfiguration {
            try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
        }
        let standard = try read("")
        #expect(standard.retention == DaemonConfiguration.Retention() && !standard.consent.isRequired)
        #expect(standard.forStore.retention.peopleUnseen == nil)
        let written = try read(
            """
            [consent]
            required = true
            [retention]
            people_unseen = "3y"
            sessions = "30d"
            webhook_events = "7d"
            """)
        #expect(written.forSessions.requiresConsent)
        #expect(written.forStore.retention.peopleUnseen == .seconds(3 * 365 * 86_400))
        #expect(written.forStore.retention.sessions == .seconds(30 * 86_400))
        #expect(written.forStore.webhooks.retention == .seconds(7 * 86_400))
        #expect(written.entries.first { $0.key == "retention.people_unseen" }?.value == "1095d")
        #expect(try read("[retention]\npeople_unseen = \"off\"").retention.peopleUnseen == nil)
        #expect(throws: EdgeError.self) { try read("[retention]\nsessions = \"off\"") }
        #expect(throws: EdgeError.self) { try read("[retention]\npeople_unseen = \"1h\"") }
    }
}
