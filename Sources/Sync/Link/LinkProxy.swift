import AsyncHTTPClient
import EdgeCore
import FoundationEssentials

/// A proxy for HTTP through which central is reached, by CONNECT: what goes through it stays sealed by TLS.
public struct LinkProxy: Sendable, Equatable {
    let host: String
    let port: Int
    /// A file with one line, `user:password`; `nil` for a proxy that wants none.
    public var credentialsFile: String?
    /// Centrals to which the direct way is taken.
    public var exceptions: [ProxyException] = []

    /// Reads `http://` with host and port; `nil` for anything else, a password in it too: configuration is shown to people.
    public init?(_ text: String) {
        guard let parts = URL(string: text), parts.scheme?.lowercased() == "http", let host = parts.host, !host.isEmpty,
            let port = parts.port, (1...65_535).contains(port), parts.user == nil, parts.password == nil,
            ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil
        else { return nil }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
    }

    /// Whether the way to this central leads through the proxy.
    ///
    /// Never in plain text: that is for this machine alone.
    func leads(to central: URL) -> Bool {
        guard central.scheme?.lowercased() == "https", let host = central.host else { return false }
        return !exceptions.contains { $0.covers(host) }
    }

    /// What the proxy is told about who asks; read each time, so that a file that was mended helps.
    ///
    /// Throws `sync.proxy.credentials` for a file that cannot be used; never says what stands in it.
    func authorization() throws(EdgeError) -> HTTPClient.Authorization? {
        guard let credentialsFile else { return nil }
        let line = try PrivateFile(credentialsFile).line()
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
            throw EdgeError(.proxyCredentials, "\(credentialsFile) does not hold user:password.")
        }
        return .basic(username: String(line[..<colon]), password: String(line[line.index(after: colon)...]))
    }
}

/// A central that is reached without the proxy: a host name, a domain with all below it, or a block of addresses.
public enum ProxyException: Sendable, Equatable {
    /// One host, in lower case.
    case host(String)
    /// The end of host names, in lower case, with its leading dot.
    case domain(String)
    /// Addresses that are written as such; no name is looked up for it.
    case block(AddressBlock)

    /// Reads `central.example`, `.example` or `10.0.0.0/8`; `nil` for anything else.
    public init?(_ text: String) {
        if let block = AddressBlock(whole: text) {
            self = .block(block)
            return
        }
        let name = text.lowercased()
        let labels = (name.hasPrefix(".") ? name.dropFirst() : name[...])
            .split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { Self.letters.contains($0) }
        }
        guard isName, labels.last?.utf8.allSatisfy({ (0x30...0x39).contains($0) }) == false else { return nil }
        self = name.hasPrefix(".") ? .domain(name) : .host(name)
    }

    /// As it is written.
    public var text: String {
        switch self {
        case .host(let name), .domain(let name): name
        case .block(let block): block.description
        }
    }

    private static let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Whether it names this host, as it stands in central's URL.
    func covers(_ host: String) -> Bool {
        let name = host.lowercased()
        switch self {
        case .host(let own): return name == own
        case .domain(let end): return name.hasSuffix(end) || name == end.dropFirst()
        case .block(let block):
            let text = name.hasPrefix("[") ? name.dropFirst().dropLast() : name[...]
            return IPAddress(text).map(block.contains) ?? false
        }
    }
}
