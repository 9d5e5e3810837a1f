public import EdgeCore

/// A file that is the daemon's own.
public enum OwnFile {
    /// Puts these bytes in the place of the file, or makes it, for this user alone; a power cut leaves the one or the other.
    ///
    /// Throws `store.unavailable`.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(EdgeError) {
        do throws(DiskFault) {
            let draft = try DraftFile(for: path)
            try draft.fill(bytes, mode: 0o600)
            try draft.replace()
        } catch {
            throw EdgeError(.storeUnavailable, "\(path) cannot be \(error.deed): \(error.reason).")
        }
    }
}
