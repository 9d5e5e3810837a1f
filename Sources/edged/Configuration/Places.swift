import EdgeCore
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

    /// A path to the same socket that an address can hold.
    ///
    /// A long one is reached through its directory, opened once and kept open for the life of the process.
    static func reachable(_ path: String) throws(EdgeError) -> String {
        guard path.utf8.count > longest else { return path }
        let url = URL(filePath: path)
        let directory = open(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else {
            throw EdgeError(.daemonUnreachable, "The control socket's directory is not there.")
        }
        return "/proc/self/fd/\(directory)/\(url.lastPathComponent)"
    }

    /// Whether nobody but the daemon can be behind the socket.
    ///
    /// It belongs to this user or to root. Root also trusts the user that systemd made for the unit: the one to whom the
    /// socket's directory belongs, if nobody else may write there.
    static func isTrustworthy(_ path: String, to user: UInt32 = geteuid()) -> Bool {
        // Not by `stat`: to which module that structure is counted depends on the order of imports.
        guard let facts = facts(path), facts[.type] as? FileAttributeType == .typeSocket, let owner = owner(facts)
        else {
            return false
        }
        if owner == user || owner == 0 { return true }
        guard user == 0, let directory = self.facts(URL(filePath: path).deletingLastPathComponent().path + "/."),
            let mode = (directory[.posixPermissions] as? NSNumber)?.uint32Value
        else { return false }
        return self.owner(directory) == owner && mode & 0o022 == 0
    }

    private static func facts(_ path: String) -> [FileAttributeKey: Any]? {
        try? FileManager.default.attributesOfItem(atPath: path)
    }

    private static func owner(_ facts: [FileAttributeKey: Any]) -> UInt32? {
        (facts[.ownerAccountID] as? NSNumber)?.uint32Value
    }
}
