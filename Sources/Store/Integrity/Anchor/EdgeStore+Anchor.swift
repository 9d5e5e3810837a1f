import EdgeCore

extension EdgeStore {
    /// Puts the anchor on disk, and says so when it cannot be written.
    func syncAnchor() async throws(EdgeError) {
        let fault = try await read { [sums] _ in
            sums.syncAnchor()
            return sums.anchor?.fault
        }
        guard let fault else { return health.clear("store.anchor.unwritten") }
        health.raise(
            "store.anchor.unwritten", title: fault.detail, severity: .warning,
            remedy: "Check the store's directory and the disk: an older copy of the store would not be noticed.")
    }
}
