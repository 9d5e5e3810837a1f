public import EdgeCore
import Glibc

/// A directory of the daemon's own, for its store and its keys.
public enum OwnDirectory {
    /// Throws `store.unavailable` where others could put files in the place of the daemon's.
    public static func check(_ path: String) throws(EdgeError) {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            throw EdgeError(.storeUnavailable, "The directory \(path) cannot be examined.")
        }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
            throw EdgeError(.storeUnavailable, "The directory \(path) belongs to user \(facts.st_uid).")
        }
        guard facts.st_mode & 0o022 == 0 else {
            throw EdgeError(.storeUnavailable, "Others may write to the directory \(path): chmod go-w it.")
        }
    }
}
