import ArgumentParser
import EdgeCore
import Foundation

/// The options that every verb takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file.")
    var config: String?

    @Flag(name: .long, help: "Print one JSON document and nothing else.")
    var json = false

    func configuration() throws(EdgeError) -> DaemonConfiguration { try .load(config) }

    /// Where a running daemon is reached, as far as can be told of a configuration that is wrong: it may run by the one before.
    func controlSocket() -> String {
        let source = (try? ConfigSource.load(config)) ?? ConfigSource()
        let base = ConfigSource.base(config)
        return DaemonConfiguration.read(source.root, base: base, ConfigProblems()).http.controlSocket
    }
}

/// How a verb ends, as scripts see it.
enum ExitStatus {
    static let yes = ExitCode(0)
    static let no = ExitCode(1)
    static let cannotTell = ExitCode(2)

    /// The exit code of an error, from sysexits.h where one fits.
    static func of(_ error: EdgeError) -> ExitCode {
        switch error.code.kind {
        case .invalid, .unsupported, .tooLarge:
            [.configurationInvalid, .socketUnfit].contains(error.code) ? ExitCode(78) : ExitCode(65)
        case .unauthorized, .forbidden: ExitCode(77)
        case .notFound: ExitCode(67)
        // Only what may be different the next time is worth a second try.
        case .conflict: error.code == .storeBusy ? ExitCode(75) : ExitCode(65)
        case .gone, .limited: ExitCode(75)
        case .unavailable: error.code == .daemonUnreachable ? cannotTell : ExitCode(69)
        case .failed: ExitCode(70)
        }
    }
}

/// A verb whose errors are told in one form.
protocol EdgedCommand: AsyncParsableCommand {
    var common: CommonOptions { get }
    /// Does the work; returns how it ended.
    func perform() async throws -> ExitCode
}

extension EdgedCommand {
    /// Runs the verb, tells an error as text or JSON, and exits.
    mutating func run() async throws {
        do {
            let status = try await perform()
            if status != .success { throw status }
        } catch let error as EdgeError {
            Output.tell(error, asJSON: common.json)
            throw ExitStatus.of(error)
        }
    }
}

/// What goes to standard output.
enum Output {
    static func json(_ value: some Encodable) throws(EdgeError) {
        put(.standardOutput, try ControlJSON.encode(value) + [0x0a])
    }

    static func raw(_ bytes: [UInt8]) {
        put(.standardOutput, bytes + (bytes.last == 0x0a ? [] : [0x0a]))
    }

    /// As they are, without a line's end.
    static func bytes(_ bytes: [UInt8]) { put(.standardOutput, bytes) }

    static func line(_ text: String) { put(.standardOutput, Array((text + "\n").utf8)) }

    static func complain(_ text: String) { put(.standardError, Array((text + "\n").utf8)) }

    /// A reader that has gone (`| head`) is no fault: there is nobody to tell.
    private static func put(_ place: FileHandle, _ bytes: [UInt8]) { try? place.write(contentsOf: Data(bytes)) }

    static func tell(_ error: EdgeError, asJSON: Bool) {
        struct Failure: Encodable {
            struct Fault: Encodable {
                var code: String
                var detail: String
                var remedy: String
            }
            var error: Fault
        }
        let fault = Failure.Fault(code: error.code.rawValue, detail: error.detail, remedy: error.code.remedy)
        // The error being told must not hide behind a second one.
        if asJSON { try? json(Failure(error: fault)) }
        complain("edged: \(error.detail) [\(error.code.rawValue)]\n       \(error.code.remedy)")
    }

    static func table(_ rows: [[String]]) {
        guard let columns = rows.first?.count else { return }
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { $0.padding(toLength: max($1, $0.count), withPad: " ", startingAt: 0) }
            line(cells.joined(separator: "  "))
        }
    }
}
