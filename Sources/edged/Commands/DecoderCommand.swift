import ArgumentParser
import Capture
import EdgeCore

/// `edged decoder`: the process of `decoder.isolation = "socket"`.
///
/// It reads no configuration and opens no file: it needs nothing but its socket.
struct DecoderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decoder", abstract: "Decode pictures for a daemon, on the socket that systemd passes.",
        shouldDisplay: false)

    @Option(name: .long, help: "Listen at this path, for this user alone, instead of on systemd's socket.")
    var listen: String?
    @Flag(name: .long, help: "Serve descriptor 3, a connected socket, and end with it.")
    var inherited = false

    func run() throws {
        do throws(EdgeError) {
            let worker = DecoderWorker()
            guard !inherited else { return worker.serve(connected: DecoderChild.connection) }
            let socket =
                if let listen { try DecoderWorker.socket(at: listen) } else { try DecoderWorker.socketFromSystemd() }
            try worker.serve(listening: socket)
        } catch {
            Output.tell(error, asJSON: false)
            throw ExitStatus.of(error)
        }
    }
}
