import COpenSSL
import EdgeCore
import Glibc

/// Key material in memory of its own, wiped when the last reference goes.
///
/// Unchecked because of the raw pointer; safe because the bytes are written once, in `init`, and only read afterwards.
final class SecretBytes: @unchecked Sendable {
    let count: Int
    private let start: UnsafeMutableRawPointer

    /// Lets `fill` write the bytes; nothing else ever does.
    init<Failure: Error>(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(count > 0, "a key has bytes")
        start = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        self.count = count
        try fill(UnsafeMutableRawBufferPointer(start: start, count: count))
    }

    /// Copies bytes that the caller wipes.
    convenience init(copying bytes: ArraySlice<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// A fresh random key.
    static func random(count: Int) throws(EdgeError) -> SecretBytes {
        try SecretBytes(count: count) { output throws(EdgeError) in
            let to = output.assumingMemoryBound(to: UInt8.self).baseAddress
            guard RAND_priv_bytes(to, CInt(count)) == 1 else { throw cryptoFault("RAND_priv_bytes") }
        }
    }

    /// A copy for a caller that must have one, and who wipes it.
    func copy() -> [UInt8] { withBytes { Array($0) } }

    deinit {
        OPENSSL_cleanse(start, count)
        start.deallocate()
    }

    /// Keeps the pages out of the swap, as far as the process may; for the few keys that live as long as the daemon.
    ///
    /// Never unlocked: locks do not nest, and a neighbour on the same page may need its own.
    func lockInMemory() { _ = mlock(start, count) }

    /// Lends the bytes for the time of `body`.
    func withBytes<Outcome, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Outcome
    ) throws(Failure) -> Outcome {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// Overwrites bytes that held a secret.
func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
}
