import EdgeCore
import EdgeTesting
import Testing

@testable import Vault

@Suite("Opening many records of one subject")
struct SubjectOpenerTests {
    private let directory: TemporaryDirectory
    private let vault: KeyVault
    private let client = ClientID()

    init() throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("key"))
    }

    private func context(_ row: Int) -> SealContext {
        SealContext(kind: "template", client: client, row: "\(row)", version: 1)
    }

    @Test("opens each record as the vault does, one after the other, whatever the size")
    func manyRecords() throws {
        let key = try vault.makeSubjectKey()
        let opener = try vault.opener(for: key[...])
        for (row, size) in [0, 1, 15, 16, 17, 512, 100_000, 0, 3].enumerated() {
            let plain = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ row) }
            let sealed = try vault.seal(plain, subjectKey: key, context: context(row))
            #expect(try opener.open(sealed[...], context: context(row)) == plain)
            // A slice that does not begin at 0.
            let among = [7, 7, 7] + sealed + [9]
            #expect(try opener.open(among[3..<among.count - 1], context: context(row)) == plain)
        }
    }

    @Test("refuses a record with any one bit changed, cut off anywhere, or of another place, and goes on afterwards")
    func tampered() throws {
        let key = try vault.makeSubjectKey()
        let opener = try vault.opener(for: key[...])
        let sealed = try vault.seal(Array("a face".utf8), subjectKey: key, context: context(1))
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1 << (position % 8)
            #expect(isBroken { try opener.open(changed[...], context: context(1)) }, "byte \(position)")
            #expect(isBroken { try opener.open(sealed[..<position], context: context(1)) }, "cut at \(position)")
        }
        #expect(isBroken { try opener.open(sealed[...], context: context(2)) })
        #expect(try opener.open(sealed[...], context: context(1)) == Array("a face".utf8))
    }

    @Test("opens nothing of another subject, and no key that was changed")
    func otherKeys() throws {
        let (one, other) = (try vault.makeSubjectKey(), try vault.makeSubjectKey())
        let sealed = try vault.seal([1, 2, 3], subjectKey: one, context: context(1))
        let opener = try vault.opener(for: other[...])
        #expect(isBroken { try opener.open(sealed[...], context: context(1)) })
        for position in one.indices {
            var changed = one
            changed[position] ^= 0x10
            #expect(isBroken { _ = try vault.opener(for: changed[...]) }, "byte \(position)")
        }
        #expect(isBroken { _ = try vault.opener(for: []) })
    }

    private func isBroken<Outcome>(_ body: () throws -> Outcome) -> Bool {
        do { _ = try body() } catch { return (error as? EdgeError)?.code == .sealBroken }
        return false
    }
}
