import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store

private let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] != nil

@Suite("The power goes")
struct PowerCutTests {
    @Test("wherever it goes, the store opens with all that was answered and at most the transaction under way")
    func everywhere() async throws {
        let scenario = try await CrashScenario()
        try await scenario.run(rounds: isDeep ? 4 : 2)
        let cut = PowerCut(scenario: scenario, statesPerPlace: isDeep ? 30 : 4, stride: isDeep ? 1 : 9)
        let report = try await cut.run()
        print(
            "power cut: \(report.states) states at \(report.places) of \(scenario.disk.operations + 1) places,",
            "\(scenario.ledger.entries.count) answers, \(report.repeated) repeated")
        #expect(report.faults.isEmpty)
        #expect(report.states >= (isDeep ? 100_000 : 500))
    }

    @Test("a disk that confirms what it has not kept is found out")
    func lyingDisk() async throws {
        let scenario = try await CrashScenario(lying: true)
        try await scenario.run(rounds: 1)
        let report = try await PowerCut(scenario: scenario, statesPerPlace: 0, stride: 25).run()
        #expect(!report.faults.isEmpty, "the harness would not see a lost answer")
    }
}
