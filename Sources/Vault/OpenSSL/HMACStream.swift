import COpenSSL
import EdgeCore
import Synchronization

/// HMAC-SHA-256 under one key with a context that is kept, for whoever makes thousands of codes.
final class HMACStream: KeyedDigest {
    private let context: Mutex<MACContext>

    init(_ key: SecretBytes) throws(EdgeError) { context = Mutex(try MACContext(key)) }

    func code(of message: [UInt8]) throws(EdgeError) -> [UInt8] {
        try context.withLock { context throws(EdgeError) in try context.code(of: message) }
    }
}

/// One keyed context; every code begins anew from its key.
private struct MACContext: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ key: SecretBytes) throws(EdgeError) {
        let made = key.withBytes { key in
            edged_hmac_sha256(key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count)
        }
        guard let made else { throw cryptoFault("EVP_MAC_init") }
        handle = made
    }

    deinit { EVP_MAC_CTX_free(handle) }

    mutating func code(of message: [UInt8]) throws(EdgeError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: HMACSHA256.length)
        var written = 0
        guard EVP_MAC_init(handle, nil, 0, nil) == 1,
            EVP_MAC_update(handle, message, message.count) == 1,
            EVP_MAC_final(handle, &code, &written, code.count) == 1, written == code.count
        else { throw cryptoFault("EVP_MAC_final") }
        return code
    }
}
