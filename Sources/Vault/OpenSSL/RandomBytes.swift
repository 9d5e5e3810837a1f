import COpenSSL
import EdgeCore

/// OpenSSL's generator, seeded by the kernel.
enum RandomBytes {
    /// Public values such as nonces.
    ///
    /// For secrets see ``SecretBytes/random(count:)``.
    static func array(_ count: Int) throws(EdgeError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, CInt(count)) == 1 else { throw cryptoFault("RAND_bytes") }
        return bytes
    }
}

/// Whether two byte strings are the same, in a time that depends on their length alone.
func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
