import COpenSSL
import EdgeCore

/// AES-256-GCM with a 96-bit nonce and a 128-bit tag.
///
/// Unchecked because of the pointer; safe because a fetched `EVP_CIPHER` is immutable and counts its users atomically.
final class AESGCM: @unchecked Sendable {
    static let keyLength = 32
    static let nonceLength = 12
    static let tagLength = 16

    let cipher: OpaquePointer

    /// Fetches the cipher once; a fetch for every record would cost more than the record.
    init() throws(EdgeError) {
        guard let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else { throw cryptoFault("EVP_CIPHER_fetch") }
        self.cipher = cipher
    }

    deinit { EVP_CIPHER_free(cipher) }

    /// `head`, a fresh random nonce, the cipher text of `plain`, the tag.
    func seal(
        _ plain: [UInt8], key: SecretBytes, bindingTo aad: [UInt8], after head: [UInt8]
    ) throws(EdgeError) -> [UInt8] {
        try lend(plain) { plain throws(EdgeError) in
            try seal(plain, key: key, nonce: RandomBytes.array(Self.nonceLength), bindingTo: aad, after: head)
        }
    }

    /// With a nonce that the caller uses once under this key.
    func seal(
        _ plain: [UInt8], key: SecretBytes, nonce: [UInt8], bindingTo aad: [UInt8], after head: [UInt8]
    ) throws(EdgeError) -> [UInt8] {
        try lend(plain) { plain throws(EdgeError) in
            try seal(plain, key: key, nonce: nonce, bindingTo: aad, after: head)
        }
    }

    /// The same for a key, which never stands in an ordinary array.
    func wrap(
        _ plain: SecretBytes, key: SecretBytes, bindingTo aad: [UInt8], after head: [UInt8]
    ) throws(EdgeError) -> [UInt8] {
        try plain.withBytes { plain throws(EdgeError) in
            try seal(plain, key: key, nonce: RandomBytes.array(Self.nonceLength), bindingTo: aad, after: head)
        }
    }

    /// The plain text of a record with `headLength` bytes before its nonce.
    ///
    /// `nil` when a bit, the key or the binding differs.
    func open(
        _ record: [UInt8], headLength: Int, key: SecretBytes, bindingTo aad: [UInt8]
    ) throws(EdgeError) -> [UInt8]? {
        let size = record.count - headLength - Self.nonceLength - Self.tagLength
        guard size >= 0 else { return nil }
        var outcome = Result<Bool, EdgeError>.success(false)
        let plain = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
            let output = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size])
            outcome = Result { () throws(EdgeError) in
                try open(record, headLength: headLength, key: key, bindingTo: aad, into: output)
            }
            count = (try? outcome.get()) == true ? size : 0
        }
        return try outcome.get() ? plain : nil
    }

    /// The same for a key.
    func unwrap(
        _ record: [UInt8], headLength: Int, key: SecretBytes, bindingTo aad: [UInt8]
    ) throws(EdgeError) -> SecretBytes? {
        let size = record.count - headLength - Self.nonceLength - Self.tagLength
        guard size > 0 else { return nil }
        var opened = false
        let plain = try SecretBytes(count: size) { output throws(EdgeError) in
            opened = try open(record, headLength: headLength, key: key, bindingTo: aad, into: output)
        }
        return opened ? plain : nil
    }

    /// With a nonce of the caller's, for known-answer tests.
    func seal(
        _ plain: UnsafeRawBufferPointer, key: SecretBytes, nonce: [UInt8], bindingTo aad: [UInt8], after head: [UInt8]
    ) throws(EdgeError) -> [UInt8] {
        let context = try CipherContext()
        try context.start(cipher, key: key, nonce: nonce, encrypts: true)
        try context.bind(to: aad)
        var cipherText = [UInt8](repeating: 0, count: plain.count)
        try context.update(plain, into: &cipherText)
        guard context.finish() else { throw cryptoFault("EVP_CipherFinal_ex") }
        return try head + nonce + cipherText + context.tag()
    }

    private func open(
        _ record: [UInt8], headLength: Int, key: SecretBytes, bindingTo aad: [UInt8],
        into plain: UnsafeMutableRawBufferPointer
    ) throws(EdgeError) -> Bool {
        let start = headLength + Self.nonceLength
        let context = try CipherContext()
        try context.start(cipher, key: key, nonce: Array(record[headLength..<start]), encrypts: false)
        try context.bind(to: aad)
        try context.expect(tag: Array(record[(record.count - Self.tagLength)...]))
        try lend(record) { record throws(EdgeError) in
            try context.update(UnsafeRawBufferPointer(rebasing: record[start..<start + plain.count]), into: plain)
        }
        guard context.finish() else {
            OPENSSL_cleanse(plain.baseAddress, plain.count)
            ERR_clear_error()
            return false
        }
        return true
    }
}

/// `withUnsafeBytes` that keeps the type of what is thrown.
private func lend<Outcome>(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(EdgeError) -> Outcome
) throws(EdgeError) -> Outcome {
    try bytes.withUnsafeBytes { lent in Result { () throws(EdgeError) in try body(lent) } }.get()
}

/// One encryption or decryption under way.
private struct CipherContext: ~Copyable {
    private let handle: OpaquePointer

    init() throws(EdgeError) {
        guard let handle = EVP_CIPHER_CTX_new() else { throw cryptoFault("EVP_CIPHER_CTX_new") }
        self.handle = handle
    }

    deinit { EVP_CIPHER_CTX_free(handle) }

    borrowing func start(
        _ cipher: OpaquePointer, key: SecretBytes, nonce: [UInt8], encrypts: Bool
    ) throws(EdgeError) {
        precondition(key.count == AESGCM.keyLength && nonce.count == AESGCM.nonceLength, "lengths of AES-256-GCM")
        let status = key.withBytes { key in
            EVP_CipherInit_ex2(
                handle, cipher, key.assumingMemoryBound(to: UInt8.self).baseAddress, nonce, encrypts ? 1 : 0, nil)
        }
        guard status == 1 else { throw cryptoFault("EVP_CipherInit_ex2") }
    }

    borrowing func bind(to aad: [UInt8]) throws(EdgeError) {
        var written: CInt = 0
        guard EVP_CipherUpdate(handle, nil, &written, aad, CInt(aad.count)) == 1 else {
            throw cryptoFault("EVP_CipherUpdate")
        }
    }

    borrowing func update(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(EdgeError) {
        try output.withUnsafeMutableBytes { output in
            Result { () throws(EdgeError) in try update(input, into: output) }
        }.get()
    }

    borrowing func update(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(EdgeError) {
        // An empty record is all tag.
        guard !input.isEmpty else { return }
        precondition(input.count <= output.count, "room for the output")
        guard let count = CInt(exactly: input.count) else { throw EdgeError(.internalFault, "A record of 2 GiB.") }
        var written: CInt = 0
        let from = input.assumingMemoryBound(to: UInt8.self).baseAddress
        let to = output.assumingMemoryBound(to: UInt8.self).baseAddress
        guard EVP_CipherUpdate(handle, to, &written, from, count) == 1, written == count else {
            throw cryptoFault("EVP_CipherUpdate")
        }
    }

    /// Checks the tag when decrypting.
    borrowing func finish() -> Bool {
        var none: UInt8 = 0
        var written: CInt = 0
        return EVP_CipherFinal_ex(handle, &none, &written) == 1
    }

    borrowing func tag() throws(EdgeError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: AESGCM.tagLength)
        guard EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_GET_TAG, CInt(tag.count), &tag) == 1 else {
            throw cryptoFault("EVP_CTRL_AEAD_GET_TAG")
        }
        return tag
    }

    borrowing func expect(tag: [UInt8]) throws(EdgeError) {
        var tag = tag
        guard EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_SET_TAG, CInt(tag.count), &tag) == 1 else {
            throw cryptoFault("EVP_CTRL_AEAD_SET_TAG")
        }
    }
}
