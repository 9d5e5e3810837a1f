import ArgumentParser
import EdgeCore
import Foundation

/// `edged provision`.
struct ProvisionCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "provision", abstract: "Make this device a member of a fleet.",
        discussion: """
            Whoever runs the central instance makes the token: edged central token create. With a running daemon sync \
            begins at once. The token is read from standard input where --token is "-".
            """)

    @OptionGroup var common: CommonOptions
    @Option(name: .long, help: "Where central is: https://, its host and its port.")
    var central: String
    // A token may begin with a dash.
    @Option(name: .long, parsing: .unconditional, help: "The one-use bootstrap token.")
    var token: String
    @Option(name: .long, help: "What the device is called, unless the token says so; its host name when not given.")
    var name: String?
    @Option(
        name: .long,
        help: "Certificates, PEM, that alone are trusted for central; else [sync] ca_file, else the system's.")
    var ca: String?

    func perform() async throws -> ExitCode {
        let configuration = try common.configuration()
        let order = Control.JoinOrder(
            url: central, token: try readToken(), name: name ?? ProcessInfo.processInfo.hostName,
            roots: try roots(configuration))
        let joined = try await Counter.serve(configuration, need: .recognition) { counter in
            try await counter.ask(.fleetJoin, order, as: Control.Joined.self)
        }
        if common.json {
            try Output.json(joined)
        } else {
            Output.line("\(joined.name) is a member of the fleet at \(joined.url)")
        }
        return ExitStatus.yes
    }

    private func readToken() throws(EdgeError) -> String {
        guard token == "-" else { return token }
        guard let line = readLine(), !line.isEmpty else {
            throw EdgeError(.requestInvalid, "no token came on standard input", field: "token")
        }
        return line
    }

    private func roots(_ configuration: DaemonConfiguration) throws(EdgeError) -> String? {
        guard let path = ca ?? configuration.sync.caFile else { return nil }
        return try CertificateFile.read(path, field: "ca")
    }
}
