import ArgumentParser
import Central
import EdgeCore
import Vault

extension CentralCommand {
    /// `edged central move`.
    struct Move: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move the fleet's books from central.sqlite into the PostgreSQL database that [central] names.",
            discussion: """
                Central must be stopped, and the database empty. All of it is one transaction, whose outcome is held against \
                the file before it counts; a move that was cut off is simply run again. The file stays as it was, and no \
                central begins on it any more. The keys and the central instance's own store stay where they are.
                """)
        @OptionGroup var common: CommonOptions
        @Flag(
            name: .long,
            help: """
                Let central begin on central.sqlite again; what happened over PostgreSQL is not brought back, devices tell it \
                anew as far as they have it.
                """)
        var back = false

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            let directory = configuration.central.directory
            guard await !ControlClient(socketPath: configuration.http.controlSocket).isDaemonThere() else {
                throw EdgeError(.storeBusy, "Central runs; stop it first.")
            }
            // Before keys are asked for: where there is no file, none are made.
            try FleetMove.expectBooks(in: directory)
            guard !back else {
                try await FleetMove.takeBack(directory: directory)
                if !common.json { Output.line("central may begin on central.sqlite again") }
                return ExitStatus.yes
            }
            guard let postgres = try configuration.postgresOptions() else {
                throw EdgeError(.configurationInvalid, "[central] must name the database: postgres_file or postgres.")
            }
            let move = FleetMove(
                directory: directory, postgres: postgres, keys: FleetKeys(try configuration.centralVault()))
            let start = ContinuousClock.now
            let report = try await move.run()
            try Moved(report, time: ContinuousClock.now - start).tell(asJSON: common.json)
            return ExitStatus.yes
        }
    }
}

/// What a move did, as it is told.
private struct Moved: Encodable {
    struct Table: Encodable {
        var name: String
        var rows: Int
    }

    var tables: [Table]
    var rows: Int
    var seconds: Double
    var wasDone: Bool

    init(_ report: MoveReport, time: Duration) {
        tables = report.tables.map { Table(name: $0.name, rows: $0.rows) }
        rows = report.tables.reduce(0) { $0 + $1.rows }
        seconds = Double(time.components.seconds) + Double(time.components.attoseconds / 1_000_000_000_000_000) / 1000
        wasDone = report.wasDone
    }

    func tell(asJSON: Bool) throws(EdgeError) {
        guard !asJSON else { return try Output.json(self) }
        Output.table([["TABLE", "ROWS"]] + tables.map { [$0.name, "\($0.rows)"] })
        if wasDone {
            Output.line("an earlier move had come through; nothing was copied")
        } else {
            Output.line("\(rows) rows moved and compared in \(seconds) s")
        }
    }
}
