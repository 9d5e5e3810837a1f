import ArgumentParser
import EdgeCore
import Foundation
import Recognition
import Store
import SyncCore

extension BenchCommand {
    /// `edged bench backlog`: what central is measured with, put into the store of a device that is a member.
    struct Backlog: EdgedCommand {
        static let configuration = CommandConfiguration(
            commandName: "backlog", abstract: "Fills the lanes of a store that is for measuring only.",
            discussion: """
                Enrolls made-up people and lets one of them in again and again, so that what a busy door tells central \
                waits in the store of the configuration. The daemon must not run. Never for a device that is in use: \
                the people stay.
                """, shouldDisplay: false)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "How many people are enrolled, with one template each.")
        var people = 0
        @Option(name: .long, help: "How many records wait at the end, in all lanes.")
        var records: UInt64 = 0
        @Option(name: .long, help: "The name of the client whose people they are; made where it is not there.")
        var client = "bench"
        @Flag(name: .long, help: "Says that the store is for measuring and holds nobody.")
        var expendable = false

        func validate() throws {
            guard expendable else { throw ValidationError("say --expendable: the store is spoiled for any other use") }
            guard people >= 0 else { throw ValidationError("people are 0 or more") }
        }

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let model = try InstalledModels.standard(in: configuration.modelsDirectory)
            let keys = try await HouseKeys(
                configuration, clock: SystemClock(), health: HealthBoard(), log: LogSetup.quiet())
            let filled: Result<[LaneStatus], any Error>
            do { filled = .success(try await fill(keys.store, model)) } catch { filled = .failure(error) }
            await keys.store.close()
            let lanes = try filled.get()
            if common.json {
                try Output.json(
                    Report(lanes: lanes.map { .init(lane: $0.address.lane, waiting: $0.records, bytes: $0.bytes) }))
            } else {
                Output.table(
                    [["LANE", "WAITING", "BYTES"]]
                        + lanes.map { [$0.address.lane.rawValue, "\($0.records)", "\($0.bytes)"] })
            }
            return ExitStatus.yes
        }

        private func fill(_ store: EdgeStore, _ model: ModelVersion) async throws -> [LaneStatus] {
            let known = try await store.clients().first { $0.name == client }?.id
            let owner: ClientID
            if let known { owner = known } else { owner = try await store.createClient(name: client).client.id }
            let bench = BacklogBench(store: store, model: model)
            return try await BenchCommand.untilInterrupted { [people, records] in
                try await bench.fill(people: people, records: records, client: owner)
            }
        }

        private struct Report: Encodable {
            struct Depth: Encodable {
                var lane: Lane
                var waiting: UInt64
                var bytes: Int64
            }
            var lanes: [Depth]
        }
    }
}
