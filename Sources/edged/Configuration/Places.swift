import Foundation

/// Makes relative paths absolute against the directory of the configuration file.
struct PathResolver {
    let base: String

    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : URL(filePath: base).appending(path: path).standardizedFileURL.path
    }
}

/// `HOST:PORT` or `[V6]:PORT`.
struct ListenAddress: Equatable {
    let host: String
    let port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        guard !host.isEmpty else { return nil }
        self.host = host
        self.port = port
    }

    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}

/// Where the daemon and its command line meet.
enum ControlSocketPath {
    /// What a Unix socket address holds (107 bytes) less what the name it is bound under adds before it is published.
    static let longest = 107 - "..1234567/s".utf8.count

    /// Beside the store; where that is too long, in the temporary directory under a name made from it.
    static func standard(storeDirectory: String) -> String {
        let beside = storeDirectory + "/edged.sock"
        guard beside.utf8.count > longest else { return beside }
        // FNV-1a: the same name in every process, which Swift's own hashing does not give.
        let hash = storeDirectory.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "/tmp/edged-\(getuid())-\(String(hash, radix: 16)).sock"
    }
}
