public import EdgeCore

/// Where the anchor's bytes are kept, beside the database and not through it.
///
/// `DiskAnchorFile` is the real one; a crash harness brings its own.
public protocol AnchorFile: Sendable {
    /// The whole file; `nil` when there is none.
    func read() throws(EdgeError) -> [UInt8]?
    /// The same, asked before each write by the one who has the file in use: whether it is as it was written.
    func present() throws(EdgeError) -> [UInt8]?
    /// Makes the file anew with these bytes; it and its name are on disk when this returns.
    func create(_ bytes: [UInt8]) throws(EdgeError)
    /// Writes in place, without waiting for the disk.
    func write(_ bytes: [UInt8], at offset: Int) throws(EdgeError)
    /// Waits until all that was written is on disk.
    func sync() throws(EdgeError)
}

extension AnchorFile {
    /// The whole file; `nil` when there is none.
    public func present() throws(EdgeError) -> [UInt8]? { try read() }
}
