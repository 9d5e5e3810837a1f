import EdgeCore
import Foundation

/// A file for this user alone that gets its name when all of it is on disk; a draft that is not published goes away.
struct TransferFile: ~Copyable {
    private let path: String
    private let draft: String
    private let handle: FileHandle

    /// Begins a draft beside `path`, an absolute path that nothing has yet.
    init(_ path: String) throws(EdgeError) {
        guard path.hasPrefix("/") else { throw EdgeError(.requestInvalid, "the path must be absolute", field: "path") }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw EdgeError(.requestInvalid, "there is a file of this name already", field: "path")
        }
        let draft = "\(path).\(UUID().uuidString).new"
        let isMade = FileManager.default.createFile(
            atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600])
        guard isMade, let handle = FileHandle(forWritingAtPath: draft) else {
            throw EdgeError(.storeUnavailable, "\(path) cannot be written.")
        }
        self.path = path
        self.draft = draft
        self.handle = handle
    }

    deinit {
        try? handle.close()
        try? FileManager.default.removeItem(atPath: draft)
    }

    mutating func write(_ bytes: [UInt8]) throws(EdgeError) {
        guard !bytes.isEmpty else { return }
        do { try handle.write(contentsOf: Data(bytes)) } catch {
            throw EdgeError(.storeUnavailable, "\(path) cannot be written.")
        }
    }

    mutating func sync() throws(EdgeError) {
        do { try handle.synchronize() } catch { throw EdgeError(.storeUnavailable, "\(path) cannot be written.") }
    }

    /// Gives the draft its name; never replaces a file.
    mutating func publish() throws(EdgeError) {
        guard link(draft, path) == 0 else { throw EdgeError(.storeUnavailable, "\(path) cannot be named.") }
        let directory = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
