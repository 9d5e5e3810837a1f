import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Logging
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Killed in the middle")
struct CrashTests {
    @Test(
        "whatever was answered before a kill -9 is there afterwards, and the file is sound", arguments: killMoments)
    func killed(milliseconds: Int) async throws {
        let fixture = try StoreFixture()
        let directory = fixture.directory.url.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = directory as String, milliseconds = milliseconds as Int] in
            try await enrollUntilKilled(directory, milliseconds: milliseconds)
        }
        let answered = try String(contentsOfFile: "\(directory)/answered", encoding: .utf8)
            .split(separator: "\n").map(String.init)
        try #require(!answered.isEmpty)
        let store = try await fixture.open()
        let people = try await store.people(of: nil, limit: .max, offset: 0)
        #expect(Set(answered).isSubset(of: people.map(\.externalID)))
        // At most the one under way was recorded without an answer.
        #expect(people.count - answered.count <= 1)
        #expect(people.allSatisfy { $0.templateCount == 3 })
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        let check = try await store.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        #expect(check == ["ok"])
        #expect(try await store.verify().isWhole)
        #expect(try await store.gallery().count == people.count)
        await store.close()
    }
}

/// Milliseconds after the first answer; the deep run has five hundred.
private let killMoments: [Int] =
    ProcessInfo.processInfo.environment["EDGED_DEEP"] == nil ? [20, 60, 150] : (0..<500).map { 1 + $0 * 37 % 211 }

/// Enrolls people and writes down each one that was answered, until a timer ends the process.
private func enrollUntilKilled(_ directory: String, milliseconds: Int) async throws {
    let vault = try KeyVault.open(keyFile: "\(directory)/key")
    let store = try await EdgeStore.open(
        directory: "\(directory)/store", sealer: vault, secrets: vault, signer: vault, clock: ManualClock(),
        log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let fixture = try StoreFixture()
    let client = try await store.createClient(name: "kiosk").client.id
    let answers = open("\(directory)/answered", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    for number in 0..<100_000 {
        let user = "E-\(number)"
        try await fixture.enroll(user, of: client, in: store)
        let line = Array("\(user)\n".utf8)
        guard write(answers, line, line.count) == line.count else { return }
        guard number == 0 else { continue }
        // The clock of the kill starts with the first answer, so that a slow machine is killed in the middle too.
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { kill(getpid(), SIGKILL) }
    }
}
