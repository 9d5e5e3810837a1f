import COpenSSL
import EdgeCore

/// Opens records under one key, whose schedule is worked out once; for one thread.
final class AESGCMOpening {
    private let handle: OpaquePointer

    /// Takes a copy of the key, which is wiped with this object.
    init(_ aead: AESGCM, key: SecretBytes) throws(EdgeError) {
        precondition(key.count == AESGCM.keyLength, "a key of AES-256")
        guard let handle = EVP_CIPHER_CTX_new() else { throw cryptoFault("EVP_CIPHER_CTX_new") }
        self.handle = handle
        let status = key.withBytes { key in
            EVP_CipherInit_ex2(
                handle, aead.cipher, key.assumingMemoryBound(to: UInt8.self).baseAddress, nil, 0, nil)
        }
        guard status == 1 else { throw cryptoFault("EVP_CipherInit_ex2") }
    }

    /// libcrypto wipes the key schedule.
    deinit { EVP_CIPHER_CTX_free(handle) }

    /// The plain text of a record with `headLength` bytes before its nonce.
    ///
    /// `nil` when a bit, the key or the binding differs.
    func open(_ record: ArraySlice<UInt8>, headLength: Int, bindingTo aad: [UInt8]) throws(EdgeError) -> [UInt8]? {
        let size = record.count - headLength - AESGCM.nonceLength - AESGCM.tagLength
        guard size >= 0, CInt(exactly: size) != nil else { return nil }
        var outcome = Result<Bool, EdgeError>.success(false)
        let plain = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
            outcome = record.withUnsafeBufferPointer { record in
                Result { () throws(EdgeError) in
                    try open(
                        UnsafeBufferPointer(rebasing: record[headLength...]), size, bindingTo: aad, into: buffer)
                }
            }
            if (try? outcome.get()) == true { count = size } else { OPENSSL_cleanse(buffer.baseAddress, size) }
        }
        return try outcome.get() ? plain : nil
    }

    /// `record` begins with the nonce.
    private func open(
        _ record: UnsafeBufferPointer<UInt8>, _ size: Int, bindingTo aad: [UInt8],
        into plain: UnsafeMutableBufferPointer<UInt8>
    ) throws(EdgeError) -> Bool {
        guard let start = record.baseAddress else { return false }
        let text = start + AESGCM.nonceLength
        var written: CInt = 0
        guard EVP_CipherInit_ex2(handle, nil, nil, start, 0, nil) == 1 else { throw cryptoFault("EVP_CipherInit_ex2") }
        guard EVP_CipherUpdate(handle, nil, &written, aad, CInt(aad.count)) == 1 else {
            throw cryptoFault("EVP_CipherUpdate")
        }
        // libcrypto copies the tag; that it takes it as changeable is its way of passing options.
        let tag = UnsafeMutableRawPointer(mutating: text + size)
        guard EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_SET_TAG, CInt(AESGCM.tagLength), tag) == 1 else {
            throw cryptoFault("EVP_CTRL_AEAD_SET_TAG")
        }
        // An empty record is all tag.
        if size > 0, EVP_CipherUpdate(handle, plain.baseAddress, &written, text, CInt(size)) != 1 {
            throw cryptoFault("EVP_CipherUpdate")
        }
        var none: UInt8 = 0
        guard EVP_CipherFinal_ex(handle, &none, &written) == 1 else {
            ERR_clear_error()
            return false
        }
        return true
    }
}
