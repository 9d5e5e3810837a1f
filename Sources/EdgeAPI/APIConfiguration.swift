/// How the HTTP API is served.
public struct APIConfiguration: Sendable {
    /// The address to listen on; `127.0.0.1` keeps the API on this machine.
    public var host: String
    /// The port to listen on; 0 picks a free one.
    public var port: Int
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
    /// How long a connection may be silent between requests, or in the middle of one.
    public var idleTimeout: Duration = .seconds(75)
    /// How often a silent event stream says that it is alive.
    public var heartbeat: Duration = .seconds(15)
    /// How many connections are held at once; further ones wait to be accepted.
    public var maximumConnections = 256
    /// Names this device in the tokens that it issues; a token of another device is refused.
    public var issuer: String

    /// Creates a configuration; everything else has a default.
    public init(host: String = "127.0.0.1", port: Int = 8080, issuer: String = "edged") {
        self.host = host
        self.port = port
        self.issuer = issuer
    }
}
