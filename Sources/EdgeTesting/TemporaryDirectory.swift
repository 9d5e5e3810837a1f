public import Foundation

/// A directory of its own for one test; it goes away with the last reference.
public final class TemporaryDirectory: Sendable {
    /// Where it is.
    public let url: URL

    /// Creates an empty directory that only this user may enter.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "edged-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        // The test is over; a directory that cannot be removed is the temporary folder's problem.
        try? FileManager.default.removeItem(at: url)
    }

    /// The path of a file inside.
    public func path(_ name: String) -> String { url.appending(path: name).path }
}
