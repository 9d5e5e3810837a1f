/// How the HTTP API is served.
public struct APIConfiguration: Sendable {
    /// A listener for other machines.
    public struct LAN: Sendable {
        /// What protects what is sent.
        public enum Transport: Sendable {
            /// TLS 1.2 or later.
            case tls(ServerCertificate)
            /// Nothing: everybody on the network can read faces and passwords.
            case plainText
        }
        /// The address to listen on, for example `0.0.0.0`.
        public var host: String
        /// The port to listen on; 0 picks a free one.
        public var port: Int
        /// What protects what is sent.
        public var transport: Transport

        /// Creates a listener.
        public init(host: String, port: Int, transport: Transport) {
            self.host = host
            self.port = port
            self.transport = transport
        }
    }

    /// The loopback address to listen on; what comes through it is taken to come from this machine.
    public var host: String
    /// The port to listen on; 0 picks a free one.
    public var port: Int
    /// The path of a Unix socket with the same routes, for its owner and its group; none without.
    ///
    /// At most 94 bytes.
    public var socketPath: String?
    /// The listener for other machines; none without.
    public var lan: LAN?
    /// How long a client may take for a TLS handshake.
    public var handshakeTimeout: Duration = .seconds(10)
    /// How often the files of the certificate are looked at.
    public var certificatePeriod: Duration = .seconds(5)
    /// How long an access token is good.
    public var accessTokenLifetime: Duration = .seconds(3600)
    /// How long a refresh token is good.
    public var refreshTokenLifetime: Duration = .seconds(7 * 86_400)
    /// The largest picture, bytes as decoded.
    public var maximumImageBytes = 10 * 1024 * 1024
    /// The largest request body, bytes as sent: base64 makes a picture a third longer.
    public var maximumBodyBytes = 14 * 1024 * 1024
    /// How long a client may take to send its request body.
    public var bodyTimeout: Duration = .seconds(30)
    /// How long a fresh connection may take to say what it wants, all headers included.
    public var headTimeout: Duration = .seconds(20)
    /// How long a connection may be silent between requests, or in the middle of one.
    public var idleTimeout: Duration = .seconds(75)
    /// How often a silent event stream says that it is alive.
    public var heartbeat: Duration = .seconds(15)
    /// How many connections each listener holds at once; further ones wait to be accepted.
    public var maximumConnections = 256
    /// The program's version, as the document tells it.
    public var version = "0.0.0"
    /// The directory with the document's viewers in `vendor/`; `nil` where there are none.
    public var assets: String?
    /// Origins whose pages may call the API, as browsers write them: `https://kiosk.example`.
    public var allowedOrigins: [String] = []
    /// Pictures a second that one session may get by upload, after twice as many at once.
    public var framesPerSecond = 30
    /// Requests a minute without credentials from one address.
    public var anonymousPerMinute = 6000
    /// Sockets that were bound before this process, and who keeps those that it binds.
    public var sockets = SocketShelf.empty
    /// Names this device in the tokens that it issues; a token of another device is refused.
    public var issuer: String

    /// Creates a configuration; everything else has a default.
    public init(host: String = "127.0.0.1", port: Int = 8080, issuer: String = "edged") {
        self.host = host
        self.port = port
        self.issuer = issuer
    }
}
