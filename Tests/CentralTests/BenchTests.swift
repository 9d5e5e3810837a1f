import Central
import EdgeTesting
import FoundationEssentials
import SyncCore
import Testing
import Vault

@Suite("What central takes in a second", .onEachStorage)
struct BenchTests {
    @Test("the bench takes every record that it counts, in batches of each size", arguments: [1, 10, 100])
    func counts(batch: Int) async throws {
        let fleet = try Fleet()
        let bench = CentralBench(
            directory: fleet.directory.url.path, postgres: fleet.database?.options, keys: FleetKeys(fleet.vault),
            devices: 4, log: quiet)
        let figure = try await bench.run(batch: batch, records: 400)
        #expect(figure.batch == batch && figure.records == 400 && figure.perSecond > 0)
        let desk = try await fleet.open()
        #expect(try await desk.counts().records[.events] == 400)
    }
}
