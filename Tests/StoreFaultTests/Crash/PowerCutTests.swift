import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

private let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] != nil

@Suite("The power goes")
struct PowerCutTests {
    @Test("wherever it goes, the store opens with all that was answered and at most the transaction under way")
    func everywhere() async throws {
        let record = try await CrashScenario().run(rounds: 2)
        let part = isDeep ? DeepPart.ofThisProcess : DeepPart()
        let cut = PowerCut(record: record, statesPerPlace: isDeep ? 26 : 3, stride: isDeep ? 1 : 19, part: part)
        let begin = ContinuousClock.now
        let report = try await cut.run()
        print(
            "power cut: \(report.states) states at \(report.places) of \(record.disk.operations + 1) places",
            "in \(ContinuousClock.now - begin), \(record.ledger.entries.count) answers, \(report.repeated) repeated")
        #expect(report.faults.isEmpty)
        #expect(report.states >= (isDeep ? 100_000 / part.count : 500))
    }

    @Test("a store that breaks one of its promises is found out", arguments: CrashScenario.Flaw.allCases)
    func flaws(flaw: CrashScenario.Flaw) async throws {
        let record = try await CrashScenario(flaw: flaw).run(rounds: 1)
        let report = try await PowerCut(record: record, statesPerPlace: 1, stride: 7, limit: 2000).run()
        #expect(!report.faults.isEmpty, "the harness would not see \(flaw) in \(report.states) states")
    }
}
