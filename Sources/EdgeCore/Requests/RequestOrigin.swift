/// Where a request came from: who asks, from which address, with which program.
///
/// A server binds it around each request; the store writes it beside the rows and audit lines that the request causes.
/// So no port has to carry it through.
public struct RequestOrigin: Sendable, Equatable {
    /// The origin of the request that this task serves; `nil` for what the daemon does by itself.
    @TaskLocal public static var current: RequestOrigin?

    /// The peer's address without its port; `nil` over a Unix socket.
    public var address: String?
    /// What the caller calls itself, at most 256 Unicode scalars.
    public var userAgent: String?
    /// Names the request in logs.
    public var requestID: String
    /// Whose credentials came along: a client's public id, `technician`, or `nil` before authentication.
    public var actor: String?

    /// Puts an origin together.
    public init(address: String?, userAgent: String?, requestID: String, actor: String? = nil) {
        self.address = address
        // By scalars: one character may have any number of them.
        self.userAgent = userAgent.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(256))) }
        self.requestID = requestID
        self.actor = actor
    }
}
