import AsyncHTTPClient
import EdgeCore
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix
import NIOSSL
import SyncCore

/// How a client of the HTTP library is made that reaches central, and nobody else.
struct LinkWay: Sendable {
    /// What verifies central.
    let trust: LinkTrust
    /// Why a handshake could not be signed.
    let handshakeFaults = HandshakeFaults()
    private let identity: (any LinkIdentity)?
    private let proxy: LinkProxy?
    private let connectTimeout: Duration

    /// What a client is made of that may change while the device runs.
    struct Ingredients: Sendable, Equatable {
        var proxyAuthorization: HTTPClient.Authorization?
        var usesProxy = false
        /// PEM; `nil` for the system's roots.
        var roots: String?
        /// What central is shown.
        var certificate: LinkCertificate?
    }

    /// Throws `configuration.invalid` for roots that are none, and a way that cannot be gone.
    init(
        url: String, pinnedRoots: String?, options: LinkOptions, identity: (any LinkIdentity)? = nil
    ) throws(EdgeError) {
        if let pinnedRoots { _ = try Self.certificates(pinnedRoots) }
        trust = LinkTrust(pinnedRoots)
        self.identity = identity
        connectTimeout = options.connectTimeout
        guard let central = URL(string: url), let proxy = options.proxy, proxy.leads(to: central) else {
            self.proxy = nil
            return
        }
        // The HTTP library writes such an address into CONNECT without its brackets, which no proxy reads.
        guard central.host?.contains(":") == false else {
            throw EdgeError(.configurationInvalid, "Through a proxy central needs a name or an IPv4 address.")
        }
        self.proxy = proxy
    }

    /// Another client where it would be made of something else than `last`; `nil` where that one does.
    ///
    /// Throws ``SyncRefusal/unreachable(_:_:)`` where something that it needs cannot be read.
    func client(after last: Ingredients?) async throws(SyncRefusal) -> HeldClient? {
        let result: Result<Ingredients, EdgeError>
        do {
            // Files block, and a TPM too.
            result = try await NIOThreadPool.singleton.runIfActive { gather() }
        } catch {
            throw .unreachable("The daemon is stopping.")
        }
        do throws(EdgeError) {
            let fresh = try result.get()
            guard fresh != last else { return nil }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try configuration(fresh))
            return HeldClient(client: client, ingredients: fresh)
        } catch {
            throw .unreachable(error.detail, WayFault(error.code))
        }
    }

    private func gather() -> Result<Ingredients, EdgeError> {
        var ingredients = Ingredients()
        ingredients.usesProxy = proxy != nil
        ingredients.roots = trust.roots
        do throws(EdgeError) {
            ingredients.proxyAuthorization = try proxy?.authorization()
            // One whose key is gone would end every handshake; without one the device may ask for another.
            if let found = try identity?.present(), found.fitsKey { ingredients.certificate = found }
        } catch {
            return .failure(error)
        }
        return .success(ingredients)
    }

    private func configuration(_ ingredients: Ingredients) throws(EdgeError) -> HTTPClient.Configuration {
        // A redirect is not followed: central is the host that was configured and no other.
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, decompression: .enabled(limit: .size(CentralHTTP.longestAnswer)))
        configuration.timeout.connect = TimeAmount(connectTimeout)
        configuration.httpVersion = .http1Only
        // The back-off decides when to try again; the client's own tries would only delay the answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = { LineVigil.device.watch($0) }
        configuration.tlsConfiguration = try tls(ingredients)
        if let proxy {
            configuration.proxy = .server(
                host: proxy.host, port: proxy.port, authorization: ingredients.proxyAuthorization)
        }
        return configuration
    }

    private func tls(_ ingredients: Ingredients) throws(EdgeError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let roots = ingredients.roots { tls.trustRoots = .certificates(try Self.certificates(roots)) }
        if let identity, let shown = ingredients.certificate {
            tls.certificateChain = try Self.certificates(shown.pem).map { .certificate($0) }
            tls.privateKey = .privateKey(
                NIOSSLPrivateKey(customPrivateKey: HandshakeKey(identity, faults: handshakeFaults)))
        }
        return tls
    }

    private static func certificates(_ pem: String) throws(EdgeError) -> [NIOSSLCertificate] {
        do {
            let roots = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
            if !roots.isEmpty { return roots }
        } catch {
            // Told below.
        }
        throw EdgeError(.configurationInvalid, "The roots for central are not certificates in PEM.")
    }
}

extension WayFault {
    /// What keeps the device from making a connection at all.
    fileprivate init(_ code: ErrorCode) {
        self =
            switch code {
            case .proxyCredentials: .proxyCredentials
            case .certificateKey: .ownKey
            default: .central
            }
    }
}
