import COpenSSL
import EdgeCore

/// Bytes that OpenSSL reads from or writes to; it wipes them when the buffer goes.
struct MemoryBuffer: ~Copyable {
    let handle: OpaquePointer

    /// A buffer to write to, or one to read a copy of `bytes` from.
    ///
    /// A copy, since OpenSSL would keep the address of an array for longer than Swift lends it.
    init(_ bytes: [UInt8] = []) throws(EdgeError) {
        guard let handle = BIO_new(BIO_s_mem()) else { throw cryptoFault("BIO_new") }
        guard bytes.isEmpty || BIO_write(handle, bytes, CInt(clamping: bytes.count)) == bytes.count else {
            BIO_free(handle)
            throw cryptoFault("BIO_write")
        }
        self.handle = handle
    }

    deinit { BIO_free(handle) }

    /// Takes out what was written.
    borrowing func drain() throws(EdgeError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(handle))
        guard let count = CInt(exactly: bytes.count), BIO_read(handle, &bytes, count) == count else {
            throw cryptoFault("BIO_read")
        }
        return bytes
    }
}

/// Answers for a password with none, where OpenSSL would ask at the terminal.
func noPassword(
    _: UnsafeMutablePointer<CChar>?, _: CInt, _: CInt, _: UnsafeMutableRawPointer?
) -> CInt { -1 }
