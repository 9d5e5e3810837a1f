import EdgeCore
import EdgeTesting
import Testing

@testable import Vault

@Suite("Sealing")
struct SealingTests {
    let directory: TemporaryDirectory
    let vault: KeyVault
    let context = SealContext(kind: "template", client: ClientID(), row: "17", version: 3)
    let plain = Array("a face is not a password".utf8)

    init() throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("key"))
    }

    @Test("opens what it sealed, whatever the size", arguments: [0, 1, 15, 16, 17, 512, 100_000])
    func roundTrip(size: Int) throws {
        let plain = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let key = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: key, context: context)
        #expect(sealed.count == plain.count + SealedRecord.overhead)
        #expect(try vault.open(sealed, subjectKey: key, context: context) == plain)
    }

    @Test("never seals the same thing to the same bytes")
    func freshNonce() throws {
        let key = try vault.makeSubjectKey()
        let records = try (0..<200).map { _ in try vault.seal(plain, subjectKey: key, context: context) }
        #expect(Set(records).count == records.count)
        #expect(Set(records.map { Array($0[1..<13]) }).count == records.count)
    }

    @Test("refuses a record with any one bit of any byte changed")
    func tamperedRecord() throws {
        let key = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: key, context: context)
        for position in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[position] ^= 1 << bit
                #expect(throws: EdgeError(.sealBroken)) {
                    try vault.open(changed, subjectKey: key, context: context)
                }
            }
        }
    }

    @Test("refuses a record with any one byte of its subject key changed")
    func tamperedKey() throws {
        let key = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: key, context: context)
        for position in key.indices {
            var changed = key
            changed[position] ^= 0x10
            #expect(code { try vault.open(sealed, subjectKey: changed, context: context) } == .sealBroken)
        }
    }

    @Test("refuses a record that is cut off or grown")
    func wrongLength() throws {
        let key = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: key, context: context)
        for count in 0..<sealed.count {
            #expect(code { try vault.open(Array(sealed[..<count]), subjectKey: key, context: context) } == .sealBroken)
            #expect(
                code { try vault.open(sealed, subjectKey: Array(key.prefix(count)), context: context) } == .sealBroken
                    || count >= key.count)
        }
        #expect(code { try vault.open(sealed + [0], subjectKey: key, context: context) } == .sealBroken)
        #expect(code { try vault.open(sealed, subjectKey: key + [0], context: context) } == .sealBroken)
    }

    @Test("refuses a record in another place: kind, tenant, row or version")
    func wrongPlace() throws {
        let key = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: key, context: context)
        let others = [
            SealContext(kind: "person", client: context.client, row: context.row, version: context.version),
            SealContext(kind: context.kind, client: ClientID(), row: context.row, version: context.version),
            SealContext(kind: context.kind, client: context.client, row: "18", version: context.version),
            SealContext(kind: context.kind, client: context.client, row: context.row, version: 4),
        ]
        for other in others {
            #expect(code { try vault.open(sealed, subjectKey: key, context: other) } == .sealBroken)
        }
    }

    @Test("binds to the place without ambiguity: what moves from one field to the next is another place")
    func unambiguousPlace() {
        let client = ClientID()
        let places = [("ab", "c"), ("a", "bc"), ("", "abc"), ("abc", "")].map { kind, row in
            SealedRecord.binding(to: SealContext(kind: kind, client: client, row: row, version: 1))
        }
        #expect(Set(places).count == places.count)
    }

    @Test("one person's key does not open another person's record")
    func otherSubject() throws {
        let sealed = try vault.seal(plain, subjectKey: vault.makeSubjectKey(), context: context)
        let other = try vault.makeSubjectKey()
        #expect(code { try vault.open(sealed, subjectKey: other, context: context) } == .sealBroken)
    }

    @Test("another device's keys open nothing")
    func otherDevice() throws {
        let key = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: key, context: context)
        let other = try KeyVault.open(keyFile: directory.path("other"))
        #expect(code { try other.open(sealed, subjectKey: key, context: context) } == .sealBroken)
    }

    @Test("the same key file opens it again after a restart")
    func restart() throws {
        let key = try vault.makeSubjectKey()
        let sealed = try vault.seal(plain, subjectKey: key, context: context)
        let again = try KeyVault.open(keyFile: directory.path("key"))
        #expect(try again.open(sealed, subjectKey: key, context: context) == plain)
    }

    @Test("holds from many threads at once")
    func threads() async throws {
        let vault = vault
        let client = context.client
        let opened = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let key = try vault.makeSubjectKey()
                    for round in 0..<200 {
                        let context = SealContext(kind: "t", client: client, row: "\(task)/\(round)", version: 1)
                        let plain = Array("\(task) \(round)".utf8)
                        let sealed = try vault.seal(plain, subjectKey: key, context: context)
                        guard try vault.open(sealed, subjectKey: key, context: context) == plain else { return 0 }
                        let digest = try vault.digest("\(round)", purpose: "purpose \(round % 5)")
                        guard try vault.equal(digest, vault.digest("\(round)", purpose: "purpose \(round % 5)")) else {
                            return 0
                        }
                    }
                    return 200
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(opened == 1600)
    }
}

/// The code of the error that `body` throws; `nil` when it throws none.
func code(_ body: () throws -> some Any) -> ErrorCode? {
    do {
        _ = try body()
        return nil
    } catch { return (error as? EdgeError)?.code }
}
