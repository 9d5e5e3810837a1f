import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Audit archive")
struct AuditArchiveTests {
    private let origin = RequestOrigin(
        address: "2001:db8::7", userAgent: "a \"quoted\"\u{7} agent/é", requestID: "r", actor: "FR_0000000000000001")

    private func line(_ action: String, of client: ClientID?, details: String = "{}", at moment: Date) -> AuditRecord {
        AuditRecord(action: action, client: client, succeeded: true, detailsJSON: details, at: moment)
    }

    @Test("a line tells whose request it was, and the chain holds across lines with and without that")
    func origins() async throws {
        let fixture = try await InsightFixture()
        let now = fixture.base.clock.wall
        try await fixture.store.append(line("test.before", of: fixture.ours, at: now))
        try await RequestOrigin.$current.withValue(origin) {
            try await fixture.store.append(line("test.bare", of: fixture.ours, at: now))
            try await fixture.store.append(line("test.facts", of: fixture.ours, details: #"{"n":1}"#, at: now))
            try await fixture.store.append(
                line("test.own", of: fixture.ours, details: #"{"actor":"somebody"}"#, at: now))
        }
        let lines = try await fixture.store.newest(4).map(\.detailsJSON)
        #expect(lines.last == "{}")
        for details in lines.dropLast() {
            let facts = try JSONDecoder().decode(Facts.self, from: Data(details.utf8))
            #expect(facts.ip_address == origin.address)
            #expect(facts.user_agent == origin.userAgent)
            #expect(facts.actor == (details.contains("somebody") ? "somebody" : origin.actor))
        }
        #expect(lines[1].hasPrefix(#"{"n":1,"actor":"#))
        #expect(try await fixture.store.verifyAuditChain().firstBroken == nil)
        await fixture.store.close()
    }

    private struct Facts: Decodable {
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var ip_address: String?
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var user_agent: String?
        var actor: String?
    }

    @Test("a tenant reads its own lines, an administrator also the device's and those about clients, the newest first")
    func views() async throws {
        let fixture = try await InsightFixture()
        let now = fixture.base.clock.wall
        for number in 0..<22 { try await fixture.store.append(line("test.\(number)", of: fixture.ours, at: now)) }
        try await fixture.store.append(line("test.theirs", of: fixture.theirs, at: now))
        try await fixture.store.append(line("test.device", of: nil, at: now))
        let own = try await fixture.store.lines(.tenant(fixture.ours), page: PageRequest())
        // The client's own making is a line too.
        #expect(own.total == 23)
        #expect(own.items.count == 20)
        #expect(own.items.first?.record.action == "test.21")
        let rest = try await fixture.store.lines(.tenant(fixture.ours), page: PageRequest(2))
        #expect(rest.items.map(\.record.action) == ["test.1", "test.0", "client.created"])
        let more = try await fixture.store.lines(.tenantAndDevice(fixture.ours), page: PageRequest())
        // What was done to any client is an administrator's to know.
        #expect(more.total == 25)
        #expect(more.items.first?.record.action == "test.device")
        #expect(try await fixture.store.lines(.everything, page: PageRequest()).total == 26)
        await fixture.store.close()
    }

    @Test("one line is found by its number, by those who may see it, with the person's name for the tenant alone")
    func single() async throws {
        let fixture = try await InsightFixture()
        let ada = try await fixture.enroll("E-1", name: "Ada")
        let newest = try #require(try await fixture.store.lines(.tenant(fixture.ours), page: PageRequest()).items.first)
        #expect(newest.record.action == "enrollment.completed")
        #expect(newest.record.person == ada.id)
        #expect(newest.personName == "Ada")
        #expect(try await fixture.store.line(newest.sequence, .tenant(fixture.ours)) == newest)
        #expect(try await fixture.store.line(newest.sequence, .tenant(fixture.theirs)) == nil)
        #expect(try await fixture.store.line(newest.sequence, .everything)?.personName == nil)
        #expect(try await fixture.store.line(newest.sequence + 1, .everything) == nil)
        _ = try await fixture.store.removePerson(externalID: "E-1", of: fixture.ours)
        #expect(try await fixture.store.line(newest.sequence, .tenant(fixture.ours))?.personName == nil)
        await fixture.store.close()
    }

    @Test("a numbered id gives its number back, and no other kind of id does")
    func numbers() throws {
        for number: Int64 in [0, 1, 255, 256, 1 << 40, (1 << 48) - 1] {
            let id = NumberedID.auditLine.uuid(number)
            #expect(NumberedID.auditLine.number(id) == number)
            #expect(NumberedID.apiCall.number(id) == nil)
        }
        #expect(NumberedID.auditLine.uuid(0xABC).uuidString == "00000000-0000-8000-8000-000000000ABC")
        #expect(NumberedID.auditLine.number(UUID()) == nil)
        #expect(NumberedID.configurationKey.uuid(named: "a") != NumberedID.configurationKey.uuid(named: "b"))
    }
}
