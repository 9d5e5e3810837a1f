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
    private let roots: [NIOSSLCertificate]?
    private let proxy: LinkProxy?
    private let connectTimeout: Duration

    /// What a client is made of that may change while the device runs.
    struct Ingredients: Sendable, Equatable {
        var proxyAuthorization: HTTPClient.Authorization?
        var usesProxy = false
    }

    /// Throws `configuration.invalid` for roots that are none, and a way that cannot be gone.
    init(url: String, pinnedRoots: String?, options: LinkOptions) throws(EdgeError) {
        roots = try pinnedRoots.map { pem throws(EdgeError) in try Self.certificates(pem) }
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
            // Files block.
            result = try await NIOThreadPool.singleton.runIfActive { gather() }
        } catch {
            throw .unreachable("The daemon is stopping.")
        }
        switch result {
        case .success(let fresh):
            guard fresh != last else { return nil }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(fresh))
            return HeldClient(client: client, ingredients: fresh)
        case .failure(let error): throw .unreachable(error.detail, .proxyCredentials)
        }
    }

    private func gather() -> Result<Ingredients, EdgeError> {
        var ingredients = Ingredients()
        ingredients.usesProxy = proxy != nil
        do throws(EdgeError) { ingredients.proxyAuthorization = try proxy?.authorization() } catch {
            return .failure(error)
        }
        return .success(ingredients)
    }

    private func configuration(_ ingredients: Ingredients) -> HTTPClient.Configuration {
        // A redirect is not followed: central is the host that was configured and no other.
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, decompression: .enabled(limit: .size(CentralHTTP.longestAnswer)))
        configuration.timeout.connect = TimeAmount(connectTimeout)
        configuration.httpVersion = .http1Only
        // The back-off decides when to try again; the client's own tries would only delay the answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = { LineVigil.device.watch($0) }
        if let roots {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(roots)
            configuration.tlsConfiguration = tls
        }
        if let proxy {
            configuration.proxy = .server(
                host: proxy.host, port: proxy.port, authorization: ingredients.proxyAuthorization)
        }
        return configuration
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
