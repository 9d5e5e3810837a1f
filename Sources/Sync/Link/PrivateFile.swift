import EdgeCore
import Glibc

/// A small file that nobody else may read.
struct PrivateFile {
    private let path: String
    private static let longest = 4096

    init(_ path: String) { self.path = path }

    /// Its one line, without the end of line.
    ///
    /// Throws `sync.proxy.credentials` for a file that is not there, that others may read or own, or that holds no line.
    func line() throws(EdgeError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw fault("cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { throw fault("is no plain file") }
        guard facts.st_uid == geteuid() || facts.st_uid == 0, facts.st_mode & openToOthers == 0 else {
            throw fault("is open to others: it must be edged's own and have mode 0600")
        }
        var bytes = [UInt8](repeating: 0, count: Self.longest + 1)
        let count = read(descriptor, &bytes, bytes.count)
        guard (1...Self.longest).contains(count) else { throw fault("is empty or too long") }
        var text = bytes[..<count]
        while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { text.removeLast() }
        guard let line = String(validating: text, as: UTF8.self), !line.isEmpty, !line.contains(where: \.isNewline)
        else {
            throw fault("does not hold one line of text")
        }
        return line
    }

    /// The service manager grants its credentials to a group by a list; others must not read them either.
    private var openToOthers: mode_t {
        guard let directory = getenv("CREDENTIALS_DIRECTORY") else { return 0o077 }
        return path.hasPrefix(String(cString: directory) + "/") ? 0o007 : 0o077
    }

    private func fault(_ what: String) -> EdgeError { EdgeError(.proxyCredentials, "\(path) \(what).") }
}
