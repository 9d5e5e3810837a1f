public import EdgeCore
public import Logging
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization

/// The certificate that a TLS listener shows, and its key; both files may be replaced while the server runs.
///
/// A connection keeps what it began with; new ones get what the files held when they were last read well.
public final class ServerCertificate: Sendable {
    private struct State {
        var served: ServedCertificate
        /// What was tried last, so that a broken file is read and told once.
        var tried: [PEMFiles.Stamp?]
    }

    /// Whether clients are asked for certificates.
    let asksClients: Bool
    private let files: PEMFiles
    private let health: HealthBoard
    private let log: Logger
    private let state: Mutex<State>

    /// Reads both PEM files: the chain, the device's certificate first, and its unencrypted key.
    ///
    /// Clients are asked for certificates of `clientAuthorities`, DER, where that names any; who has none is served all the
    /// same. Throws `http.tls.unreadable`, also for a key that every user of the machine may read.
    public init(
        certificateFile: String, keyFile: String, clientAuthorities: [[UInt8]] = [], health: HealthBoard, log: Logger
    ) throws(EdgeError) {
        asksClients = !clientAuthorities.isEmpty
        files = PEMFiles(certificate: certificateFile, key: keyFile, clientAuthorities: clientAuthorities)
        self.health = health
        self.log = log
        // Before reading: a file that changes meanwhile is read again.
        let stamps = files.stamps()
        state = Mutex(State(served: try files.load(), tried: stamps))
    }

    /// The certificate that new connections are shown, in DER.
    public var der: [UInt8] { state.withLock { $0.served.der } }

    /// What a new connection is served with.
    var context: NIOSSLContext { state.withLock { $0.served.context } }

    /// Reads both files again.
    ///
    /// What cannot be used raises `http.tls.unreadable` and leaves the old certificate in place.
    public func reload() async { await read(always: true) }

    /// Reads both files again if one of them is another one than the last time.
    func reloadIfChanged() async { await read(always: false) }

    private func read(always: Bool) async {
        // Files block. The pool runs as long as the process; were it gone, the old certificate would do.
        try? await NIOThreadPool.singleton.runIfActive { self.readNow(always: always) }
    }

    private func readNow(always: Bool) {
        let stamps = files.stamps()
        guard always || stamps != state.withLock({ $0.tried }) else { return }
        do throws(EdgeError) {
            let fresh = try files.load()
            let isOther = state.withLock { state in
                defer { state = State(served: fresh, tried: stamps) }
                return state.served.der != fresh.der
            }
            health.clear(ErrorCode.tlsUnreadable.rawValue)
            log.notice(isOther ? "A new certificate is in use" : "The certificate was read again")
        } catch {
            state.withLock { $0.tried = stamps }
            health.raise(error, severity: .warning)
            log.error("The new certificate is not used, the old one stays", metadata: ["error": "\(error)"])
        }
    }
}

/// Looks every few seconds whether the files of a certificate were replaced.
struct CertificateWatch: Service {
    let certificate: ServerCertificate
    let period: Duration

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Cancelled at the end of the server; nothing to do then.
                try? await Task.sleep(for: period)
                await certificate.reloadIfChanged()
            }
        }
    }
}
