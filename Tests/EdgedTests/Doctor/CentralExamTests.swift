import EdgeCore
import Foundation
import Testing

@testable import edged

@Suite("What the doctor makes of a central instance")
struct CentralExamTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    /// One that has nothing to mend.
    private var sound: CentralStanding {
        var standing = CentralStanding(at: now)
        standing.database = .init(kind: "postgresql", version: "16.2 (Debian)", schema: 5, knownSchema: 5)
        standing.database?.usedConnections = 20
        standing.database?.connectionLimit = 100
        let none = CentralStanding.Queue(waiting: 0, oldestAt: nil)
        standing.fleet = .init(members: 4, silent: 0, quarantined: none, erasures: none, events: none)
        standing.fleet?.authorityExpiresAt = ago(-900 * 86_400)
        standing.deliveries = none
        standing.certificateExpiresAt = ago(-90 * 86_400)
        standing.rootsExpireAt = ago(-90 * 86_400)
        return standing
    }

    private func found(
        connections: Int = 17, _ change: (inout CentralStanding) -> Void = { _ in }
    ) -> [Finding] {
        var standing = sound
        change(&standing)
        return CentralExam(standing: standing, now: now, connections: connections).findings
    }

    /// What is not good of it, in an area.
    private func told(
        _ area: Finding.Area, connections: Int = 17, _ change: (inout CentralStanding) -> Void
    ) -> [Finding] {
        found(connections: connections, change).filter { $0.area == area && $0.verdict != .good }
    }

    @Test("one in order is good in each of its areas, and its exit status is 0")
    func good() {
        #expect(found().allSatisfy { $0.verdict == .good && $0.fix == nil })
        #expect(Set(found().map(\.area)) == [.database, .fleet, .erasures, .webhooks, .certificate])
        #expect(Finding.exitStatus(found()) == 0)
    }

    @Test("a database that does not answer, is too old or of a later version is bad, and each has its fix")
    func database() {
        let faults: [(inout CentralStanding) -> Void] = [
            { ($0.database, $0.fleet, $0.fault) = (nil, nil, "PostgreSQL cannot be reached: no route") },
            { $0.database?.version = "14.11" }, { $0.database?.schema = 6 },
        ]
        for fault in faults {
            let finding = told(.database, fault)
            #expect(finding.map(\.verdict) == [.bad] && finding.first?.fix != nil)
        }
        #expect(told(.database, faults[0]).first?.text.contains("no route") == true)
    }

    @Test("books of an earlier version, and none at all, are made by the next start: worth knowing, nothing to mend")
    func earlier() {
        for schema in [0, 4] { #expect(told(.database) { $0.database?.schema = schema }.map(\.verdict) == [.note]) }
    }

    @Test("a server that has not enough connections is told, whether others have them or it allows too few")
    func connections() {
        #expect(told(.database) { $0.database?.usedConnections = 90 }.map(\.verdict) == [.warning])
        #expect(told(.database, connections: 98) { _ in }.map(\.verdict) == [.warning])
        #expect(told(.database, connections: 97) { _ in }.isEmpty)
        #expect(
            found { $0.database = .init(kind: "sqlite", version: "3.40.1", schema: 5, knownSchema: 5) }
                .count { $0.area == .database } == 1)
    }

    @Test("devices that were not heard of are told as n of m with the one that is away longest")
    func silent() {
        let finding = told(.fleet) {
            $0.fleet?.silent = 2
            $0.fleet?.longestSilent = "north door"
            $0.fleet?.longestSilentSince = ago(9 * 86_400)
        }.first
        #expect(finding?.verdict == .warning && finding?.fix != nil)
        for part in ["2 of 4", "north door", "9 days"] { #expect(finding?.text.contains(part) == true) }
        #expect(told(.fleet) { $0.fleet?.members = 0 }.map(\.verdict) == [.note])
    }

    @Test("a quarantined device waits for somebody, an erasure is owed for a week before it is a matter")
    func decisions() {
        let quarantined = told(.fleet) { $0.fleet?.quarantined = .init(waiting: 1, oldestAt: ago(7300)) }
        #expect(quarantined.map(\.verdict) == [.warning] && quarantined.first?.text.contains("2 h") == true)
        #expect(
            told(.erasures) { $0.fleet?.erasures = .init(waiting: 1, oldestAt: ago(86_400)) }.map(\.verdict) == [.note])
        #expect(
            told(.erasures) { $0.fleet?.erasures = .init(waiting: 3, oldestAt: ago(8 * 86_400)) }.map(\.verdict)
                == [.warning])
    }

    @Test("what waits for receivers is told once it waits for over an hour")
    func webhooks() {
        #expect(told(.webhooks) { $0.deliveries = .init(waiting: 9, oldestAt: ago(3500)) }.isEmpty)
        #expect(told(.webhooks) { $0.deliveries = .init(waiting: 9, oldestAt: ago(3700)) }.map(\.verdict) == [.warning])
        #expect(
            told(.webhooks) { $0.fleet?.events = .init(waiting: 9, oldestAt: ago(3700)) }.map(\.verdict) == [.warning])
    }

    @Test("a certificate that ends within two weeks is told in days, one that ended is bad")
    func certificates() {
        let soon = told(.certificate) { $0.certificateExpiresAt = ago(-3.5 * 86_400) }
        #expect(soon.map(\.verdict) == [.warning] && soon.first?.text.contains("3 days") == true)
        #expect(told(.certificate) { $0.rootsExpireAt = ago(86_401) }.map(\.verdict) == [.bad])
        #expect(told(.certificate) { $0.fleet?.authorityExpiresAt = ago(-86_400) }.map(\.verdict) == [.warning])
        #expect(told(.certificate) { $0.certificateExpiresAt = nil }.map(\.verdict) == [.note])
    }
}
